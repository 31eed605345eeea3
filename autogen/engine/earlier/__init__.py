"""What a study takes from earlier runs."""
