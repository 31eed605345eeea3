"""Metrics and features of texts."""
