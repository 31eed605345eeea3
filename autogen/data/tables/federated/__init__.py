"""Codecs of tables whose rows lie with several owners."""
