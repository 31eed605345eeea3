"""Symbolic music: MIDI, ABC, chorales, piano rolls."""
