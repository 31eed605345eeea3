"""Augmentation of training data."""
