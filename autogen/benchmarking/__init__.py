"""Model families compared over data sets and seeds, with intervals."""
