"""The verdict: finalists, baselines and their scores on the test split."""
