"""Pruners: which trials to stop early."""
