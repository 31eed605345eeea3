"""Variable-order Markov models of token sequences."""
