"""Codecs of tables with differential privacy."""
