"""Search spaces of DNA, and what the family chain adds to the shipped spaces of texts."""
