"""Data: read, clean, split, encode, decode."""
