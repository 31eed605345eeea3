"""Networks with an exact density: autoregressive over cells or tokens."""
