"""Sequential trees: each column of a table drawn by trees on the columns before it."""
