"""Pruners: early stopping of trials."""
