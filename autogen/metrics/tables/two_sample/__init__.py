"""Classifier two-sample tests of tables."""
