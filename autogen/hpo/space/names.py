"""Messages for unknown names."""

from collections.abc import Iterable

from autogen import errors


def nearest(name: str, known: Iterable[str]) -> str:
    """Ask if the most similar known name was meant, or else list all known names."""
    known = list(known)
    near = errors.nearest(name, known, cutoff=0.5)
    return f"did you mean {near!r}?" if near else f"there are {', '.join(known) or 'none'}"


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """State that a name is unknown, list the known names, and suggest the most similar one."""
    known = list(known)
    hint = errors.did_you_mean(name, known)
    return f"unknown {kind} {name!r}; there are {', '.join(known) or 'none'}.{hint}"
