"""Input and output layers for each kind of data."""
