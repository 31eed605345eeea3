"""Data read with differential privacy: splits that no row moves, and codecs of noisy counts."""
