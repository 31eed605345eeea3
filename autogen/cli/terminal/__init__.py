"""What commands print: help, progress, tables."""
