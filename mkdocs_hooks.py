"""Hooks of the site: pages from outside docs/ get a place on it, and links to sources become plain text."""

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

ROOT = Path(__file__).parent
#: Pages of the project outside docs/, by their place in the repository.
PROJECT = {
    "README.md": "project/readme.md",
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
    "benchmarks/README.md": "project/benchmarks.md",
}
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
_FENCE = re.compile(r"(^```.*?^```$|``[^`]+``|`[^`\n]+`(?!\]))", re.MULTILINE | re.DOTALL)


def on_files(files: Any, config: Any) -> Any:
    """Add the pages from outside docs/."""
    for source, place in PROJECT.items():
        files.append(File.generated(config, place, content=(ROOT / source).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Any, files: Any, **_: Any) -> str:
    """Rewrite links for the place that a page has on the site."""
    place = page.file.src_uri
    origin = next((source for source, at in PROJECT.items() if at == place), f"docs/{place}")

    def moved(match: re.Match[str]) -> str:
        image, text, target = match.groups()
        path, hash_, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target) or not path:
            return match[0]
        known = posixpath.normpath(posixpath.join(posixpath.dirname(origin), path))
        on_site = PROJECT.get(known) or known.removeprefix("docs/")
        if not (ROOT / known).exists():
            return match[0]  # mkdocs says that it leads nowhere
        if files.get_file_from_path(on_site) is None:
            on_site = f"{on_site.rstrip('/')}/README.md"
        if files.get_file_from_path(on_site) is None:
            return text  # a source file, which the site does not have
        return (
            f"{image}[{text}]({posixpath.relpath(on_site, posixpath.dirname(place) or '.')}{hash_}{anchor})"
        )

    parts = _FENCE.split(markdown)
    return "".join(part if i % 2 else _LINK.sub(moved, part) for i, part in enumerate(parts))
