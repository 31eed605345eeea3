"""The honest verdict: finalists, baselines and their scores on the test split."""
