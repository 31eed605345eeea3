"""Real English text that every Python has: the chapters of its language reference."""

import re
from functools import cache
from pydoc_data.topics import topics


@cache
def chapters() -> list[str]:
    """Chapters as plain prose: paragraphs without code, in the order of their names."""
    found = []
    for name in sorted(topics):
        told = topics[name].split("\n\n")[1:]
        prose = [" ".join(part.split()) for part in told if re.match(r"[A-Z]", part) and "::" not in part]
        text = re.sub(r"\s*\(see [^)]*\)|\"|\*", "", " ".join(part for part in prose if part.endswith(".")))
        if len(text.split()) > 40:
            found.append(text)
    return found
