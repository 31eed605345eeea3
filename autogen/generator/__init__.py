"""Trained generators: loading, sampling, conditions, export."""
