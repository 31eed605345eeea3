"""The public data sets that anchors are measured on; they lie outside the repository."""

import gzip
import os
from pathlib import Path

FOLDER = Path(os.environ.get("AUTOGEN_DATA", Path(__file__).parents[2].parent / "shared" / "data"))


def text(name: str) -> str:
    """A text corpus by name."""
    path = FOLDER / "text" / name / "data.txt.gz"
    if not path.exists():
        raise SystemExit(f"{path} is absent; set AUTOGEN_DATA to the folder of the public data sets")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return file.read()
