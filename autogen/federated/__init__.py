"""Federated learning: one model of the rows of several owners, none of whom shows rows."""
