"""Columns that are made up and never learned: identifiers and personal data."""
