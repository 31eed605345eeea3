"""Evaluations of contenders: sources of their samples, the queue for the workers, costs and diagnostics."""
