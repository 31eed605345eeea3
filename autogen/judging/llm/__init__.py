"""A language model as judge: prompts, replies, limits, cache."""
