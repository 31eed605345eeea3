"""The memorization test: whether samples copy the training split."""
