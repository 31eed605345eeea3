"""Binding rules of tables: grammar, check on rows, and columns that are derived so that the rules hold."""
