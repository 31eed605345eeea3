"""Plain modules that the families are made of; none knows a family or a file format."""
