"""Codecs of data that several owners hold, none of whom shows rows."""
