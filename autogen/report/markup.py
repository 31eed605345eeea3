"""Pieces of HTML: every text that goes in is escaped here, and nowhere else has to be."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any


@dataclass(frozen=True)
class Markup:
    """HTML that is already safe; a plain string is text, and gets escaped."""

    html: str


Content = str | int | float | None | Markup


def safe(content: Content) -> str:
    """HTML of a text, a number, nothing, or what is HTML already."""
    if isinstance(content, Markup):
        return content.html
    return "" if content is None else escape(str(content), quote=True)


def tag(name: str, *contents: Content, **attributes: Content) -> Markup:
    """An element; attributes are named as in HTML, ``class_`` for ``class``."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{safe(value)}"' for key, value in attributes.items()
    )
    inside = "".join(safe(content) for content in contents)
    return Markup(f"<{name}{written}>{inside}</{name}>")


def join(parts: Iterable[Content]) -> Markup:
    """Several pieces, one after the other."""
    return Markup("\n".join(safe(part) for part in parts))


def section(title: str, *contents: Content) -> Markup:
    """A section under a heading; nothing where there are no contents."""
    filled = [content for content in contents if safe(content)]
    return tag("section", tag("h2", title), *filled) if filled else Markup("")


def table(header: Sequence[str], rows: Iterable[Sequence[Content]], *, numbers: Sequence[int] = ()) -> Markup:
    """A table that scrolls sideways by itself where the screen is too narrow.

    Args:
        header: Names of the columns.
        rows: Cells, as many as there are names.
        numbers: Columns that are set flush right.
    """

    def one(kind: str, i: int, content: Content, **more: Content) -> Markup:
        return tag(kind, content, **more, **({"class_": "number"} if i in numbers else {}))

    body = [tag("tr", *(one("td", i, content) for i, content in enumerate(row))) for row in rows]
    # A corner without a name heads nothing.
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
    """Contents that unfold with a click; nothing where there are none."""
    filled = [content for content in contents if safe(content)]
    return tag("details", tag("summary", summary), *filled) if filled else Markup("")


def sentences(told: Sequence[str]) -> Content:
    """A list of sentences."""
    return tag("ul", *(tag("li", sentence) for sentence in told)) if told else None


def cell(value: Any) -> str:
    """A cell of a user's table, with as many digits as can be read."""
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
    """A place on a horizontal scale from 0 to 1, as CSS; kept inside the scale."""
    return f"left:{100 * min(max(share, 0.0), 1.0):.2f}%"


def settings(config: Mapping[str, Any]) -> Markup:
    """A config's parameters without its family, as code."""
    shown = {name: value for name, value in sorted(config.items()) if name != "family"}
    text = ", ".join(f"{name.partition('.')[2] or name} {_value(value)}" for name, value in shown.items())
    return tag("code", text)


def _value(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def duration(seconds: float) -> str:
    """A time as a person says it: ``48 s``, ``12 min 5 s``, ``3 h 20 min``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
