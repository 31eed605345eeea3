"""Metrics that compare samples in a feature space."""
