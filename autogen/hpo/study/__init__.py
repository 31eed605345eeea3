"""A study: its controller, its journal, its time."""
