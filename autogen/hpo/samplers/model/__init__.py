"""Models of the outcomes of trials, by which Bayesian search chooses."""
