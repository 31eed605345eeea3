"""Formats: how dates, numbers and steps of a scale are written as text, and read from it."""
