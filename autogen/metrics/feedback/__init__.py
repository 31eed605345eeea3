"""What users rejected: samples that resemble it, and the hard test on them."""
