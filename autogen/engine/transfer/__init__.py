"""Studies that start from an earlier one: its models, and the part of the search space that they open."""
