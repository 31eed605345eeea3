"""Texts: documents and streams of characters or learned tokens."""
