"""Pieces of HTML. Every text is escaped here, and nowhere else."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any


@dataclass(frozen=True)
class Markup:
    """Safe HTML; a plain string is a text and is escaped."""

    html: str


Content = str | int | float | None | Markup


def safe(content: Content) -> str:
    """Convert content to safe HTML; ``None`` is empty."""
    if isinstance(content, Markup):
        return content.html
    return "" if content is None else escape(str(content), quote=True)


def tag(name: str, *contents: Content, **attributes: Content) -> Markup:
    """An element; attributes have their names in HTML, with ``class_`` for ``class``."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{safe(value)}"' for key, value in attributes.items()
    )
    inside = "".join(safe(content) for content in contents)
    return Markup(f"<{name}{written}>{inside}</{name}>")


def join(parts: Iterable[Content]) -> Markup:
    """Pieces one after the other."""
    return Markup("\n".join(safe(part) for part in parts))


def section(title: str, *contents: Content) -> Markup:
    """A section under a heading; empty without contents."""
    filled = [content for content in contents if safe(content)]
    return tag("section", tag("h2", title), *filled, id=anchor(title)) if filled else Markup("")


def anchor(title: str) -> str:
    """Name of a section in links: ``finalists-and-baselines``."""
    return "-".join(title.lower().split())


def table(header: Sequence[str], rows: Iterable[Sequence[Content]], *, numbers: Sequence[int] = ()) -> Markup:
    """A table that scrolls sideways if the screen is too narrow.

    Args:
        header: Names of the columns.
        rows: Rows of as many cells.
        numbers: Indices of columns that are flush right.
    """

    def one(kind: str, i: int, content: Content, **more: Content) -> Markup:
        return tag(kind, content, **more, **({"class_": "number"} if i in numbers else {}))

    body = [tag("tr", *(one("td", i, content) for i, content in enumerate(row))) for row in rows]
    # A corner without a name is no header.
    names = [one("th", i, name, scope="col") if name else one("td", i, None) for i, name in enumerate(header)]
    head = tag("thead", tag("tr", *names)) if any(header) else None
    about = ", ".join(filter(None, header)) or "list"
    inside = tag("table", head, tag("tbody", *body))
    return tag("div", inside, class_="scroll", tabindex=0, role="group", aria_label=about[:80])


def facts(pairs: Mapping[str, Content], class_: str = "facts") -> Markup:
    """Names and values, as a description list."""
    items = [tag("div", tag("dt", name), tag("dd", value)) for name, value in pairs.items()]
    return tag("dl", *items, class_=class_)


def folded(summary: str, *contents: Content) -> Markup:
    """Contents that unfold with a click; empty without contents."""
    filled = [content for content in contents if safe(content)]
    return tag("details", tag("summary", summary), *filled) if filled else Markup("")


def sentence(text: str) -> str:
    """Write a clause as a sentence, with a capital and a full stop."""
    return text[:1].upper() + text[1:] + "." * (not text.endswith("."))


def sentences(lines: Sequence[str]) -> Content:
    """A list of sentences; ``None`` without any."""
    return tag("ul", *(tag("li", line) for line in lines)) if lines else None


def cell(value: Any) -> str:
    """Format a cell of a user's table, with at most five significant digits."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    if "." not in str(value) or len(str(value)) < 7 or abs(number) >= 1e15:
        return str(value)
    return f"{number:.5g}" if abs(number) < 1e5 else f"{number:.0f}"


def picture(png: bytes, says: str) -> Markup:
    """A PNG, embedded."""
    data = base64.b64encode(png).decode()
    return Markup(f'<img src="data:image/png;base64,{data}" alt="{escape(says, quote=True)}">')


def at(share: float) -> str:
    """CSS of a place on a horizontal scale from 0 to 1, clipped to its ends."""
    return f"left:{100 * min(max(share, 0.0), 1.0):.2f}%"


def shell(line: str) -> Markup:
    """A command as code; a line of text ends between its words, and not behind a dash of an option."""
    words = (tag("span", word, class_="option") if word.startswith("-") else word for word in line.split(" "))
    return tag("code", *(piece for i, word in enumerate(words) for piece in ((" ", word) if i else (word,))))


def settings(config: Mapping[str, Any]) -> Markup:
    """Parameters of a config without its family, as code."""
    shown = {name: value for name, value in sorted(config.items()) if name != "family"}
    text = ", ".join(f"{name.partition('.')[2] or name} {_value(value)}" for name, value in shown.items())
    return tag("code", text)


def _value(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def duration(seconds: float) -> str:
    """Format seconds: ``48 s``, ``12 min 5 s``, ``3 h 20 min``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    if minutes:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{rest} s"
