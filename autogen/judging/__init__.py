"""Scores of single generated texts: groundedness, relevance, coherence, fluency, similarity."""
