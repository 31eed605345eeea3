"""Samplers: which config to try next."""
