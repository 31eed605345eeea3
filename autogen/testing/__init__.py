"""Contract suites: every plug-in of a kind passes them, third parties subclass them."""
