"""Sections of the page about the quality of the samples."""
