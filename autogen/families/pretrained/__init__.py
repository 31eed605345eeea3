"""Adaptation of pre-trained causal language models from a folder."""
