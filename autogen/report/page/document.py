"""The page around its contents: head, style and scripts; it loads nothing from the network."""

import re
from collections.abc import Sequence
from importlib.resources import files

from autogen.report.figures.plot import packed_library
from autogen.report.markup import Content, join, safe, tag

#: The space of ``50 %``, at which no line ends.
_NO_BREAK = re.compile("(?<=[0-9]) (?=%)")


def document(title: str, contents: Sequence[Content], refresh: float | None = None) -> str:
    """Assemble the page.

    Args:
        title: Title of the window.
        contents: Sections of the page.
        refresh: Seconds after which it reloads itself; ``None`` for never.
    """
    head = [
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f'<meta http-equiv="refresh" content="{refresh:g}">' if refresh else "",
        safe(tag("title", title)),
        f"<style>{_read('page.css')}</style>",
    ]
    body = _NO_BREAK.sub("\u00a0", join([tag("main", join(contents))]).html)
    scripts = [f"<script>{_read('page.js')}</script>"]
    if 'class="tune"' in body:
        scripts.append(f"<script>{_read('player.js')}</script>")
    if 'class="drawing"' in body:
        scripts.insert(0, f'<script type="text/plain" id="plotly">{packed_library()}</script>')
    return (
        "\n".join(
            ['<!doctype html>\n<html lang="en"><head>', *filter(None, head), "</head><body>", body, *scripts]
        )
        + "\n</body></html>\n"
    )


def _read(name: str) -> str:
    return files("autogen.report.page").joinpath(name).read_text(encoding="utf-8")
