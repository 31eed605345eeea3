"""AutoML engine for generative models: bring a data set and a budget, get back the best generator, with proof."""

__version__ = "0.1.0"
