"""Messages for unknown names."""

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """Ask if the most similar known name was meant, or else list all known names."""
    known = list(known)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known) or 'none'}"


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """State that a name is unknown, list the known names, and suggest the most similar one."""
    known = list(known)
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"unknown {kind} {name!r}; there are {', '.join(known) or 'none'}.{hint}"
