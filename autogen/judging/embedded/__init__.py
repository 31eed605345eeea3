"""Judges that need no language model: embeddings, n-grams and word statistics."""
