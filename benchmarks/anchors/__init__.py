"""Published numbers to beat, one file each."""
