"""Checks and forms of settings, and of what a search has found."""
