"""Benchmarks; README.md says how each is run and what it shows."""
