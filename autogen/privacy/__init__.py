"""Differential privacy: accountant, secret noise, and what a guarantee covers."""
