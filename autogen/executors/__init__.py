"""Executors: where cohorts of trials run."""
