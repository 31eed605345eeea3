"""Metrics and features of tables."""
