"""Trees that grow from counts of rows instead of rows, level by level, for several owners of rows."""
