"""Trials of families that grow from counts: owners count rows, the server adds the counts up."""
