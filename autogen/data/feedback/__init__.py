"""Marks of users on samples, as files hold them."""
