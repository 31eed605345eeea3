"""Readers of tables: files, frames, cells, types of columns."""
