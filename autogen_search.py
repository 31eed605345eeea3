"""The command ``autogen``: finds out whose package of this name is installed before it imports any.

Another project's distribution, ``autogen``, has the same import package. Installed after this one, it
replaces ``autogen/__init__.py``, and importing that may fail before a line of ours runs. This module has the
name of our distribution, which no other has.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

#: What the first line of our ``autogen/__init__.py`` begins with.
OURS = '"""AutoML for generative models'


def problem() -> str:
    """Say in a line why ``autogen`` is not the package of this project; empty if it is."""
    spec = find_spec("autogen")
    origin = spec.origin if spec else None
    if origin and Path(origin).read_text(encoding="utf-8", errors="replace").startswith(OURS):
        return ""
    if origin is None:
        return (
            "the file autogen/__init__.py is missing: another project of the same import name was probably "
            "uninstalled, which removes files of ours; install autogen-search again, with --force-reinstall"
        )
    return (
        "another project of the same import name (the distribution autogen, ag2 or pyautogen) was installed "
        f"over this one, or comes before it: {origin}; make a new environment and install only autogen-search"
    )


def main() -> None:
    """Run the command line, or say in a line that another project took its package."""
    if said := problem():
        sys.stderr.write(f"error: {said}\n")
        sys.exit(2)
    from autogen.cli.app import main

    main()


if __name__ == "__main__":
    main()
