"""Training: one loop for all families; solo programs, optimizers, keyed noise, checkpoints."""
