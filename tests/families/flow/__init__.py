"""Tests of flow matching and masked diffusion."""
