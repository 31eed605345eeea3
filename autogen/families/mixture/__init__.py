"""Gaussian mixtures on the principal components of images."""
