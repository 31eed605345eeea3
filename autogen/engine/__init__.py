"""Search, verdict and report in one: what ``autogen.search`` runs."""
