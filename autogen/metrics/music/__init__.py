"""Metrics and features of music."""
