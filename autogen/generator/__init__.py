"""A generator that was trained: loading, sampling, conditions, export."""
