"""Training of several trials of one architecture as one program."""
