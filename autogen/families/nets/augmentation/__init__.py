"""Augmentations of the training data."""
