"""Studies with differential privacy."""
