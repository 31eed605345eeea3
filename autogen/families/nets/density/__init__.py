"""Networks that give a density: autoregressive over cells and tokens."""
