"""Baselines that every study compares its models with."""
