"""Training: one loop for all families; solo programs, optimisers, keyed noise, checkpoints."""
