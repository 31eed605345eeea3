"""Features and distances of images."""
