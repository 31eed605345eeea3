"""Images: arrays, folders and archives."""
