"""The generic engine of hyperparameter optimization; it knows nothing of generators."""
