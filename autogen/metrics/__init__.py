"""Metrics of sample quality."""
