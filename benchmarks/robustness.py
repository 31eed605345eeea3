"""Takes data sets through the command line without a hand-set option, and checks what comes out.

    python -m benchmarks.robustness [--budget 60s] [--out DIR] PATH ...

For each path: ``autogen run PATH``, ``autogen check``, ``autogen sample``. A good end is a verdict with a
report and samples that another library reads as what the data is, or one clear line of refusal (exit code 2,
no traceback). Prints a line a path and leaves all figures in ``results/robustness.json``.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.results import save

#: What samples of a kind are written to, and how many.
FORMS = {"tabular": ("samples.csv", 200), "image": ("samples.png", 25), "text": ("samples.txt", 20)}
FORMS["music"] = ("samples", 5)


@dataclass(frozen=True)
class Outcome:
    """How one data set fared.

    Attributes:
        source: The path.
        verdict: Of the run; ``refused`` with one line, or ``BROKEN``.
        seconds: Of the run.
        samples: Whether samples are valid, and what of, or why not.
        said: The last line that the run printed.
    """

    source: str
    verdict: str
    seconds: float
    samples: str
    said: str

    @property
    def good(self) -> bool:
        """Whether it ended as it should."""
        return self.verdict != "BROKEN" and not self.samples.startswith("INVALID")


def autogen(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line."""
    command = [sys.executable, "-m", "autogen", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def outcome(source: Path, budget: str, folder: Path) -> Outcome:
    """Take one data set from file to samples."""
    clock = time.perf_counter()
    ran = autogen("run", str(source), "--budget", budget, "--out", str(folder), "--quiet")
    seconds = round(time.perf_counter() - clock, 1)
    said = ((ran.stdout + ran.stderr).strip().splitlines() or [""])[-1]
    if ran.returncode == 2 and len(ran.stderr.strip().splitlines()) == 1 and "error:" in ran.stderr:
        return Outcome(str(source), "refused", seconds, "-", said)
    if ran.returncode or "Traceback" in ran.stderr:
        return Outcome(str(source), "BROKEN", seconds, "-", said)
    record = json.loads((folder / "result.json").read_text())
    return Outcome(str(source), record["verdict"], seconds, _samples(source, record, folder), said)


def _samples(source: Path, record: dict[str, Any], folder: Path) -> str:
    """Draw samples by the command line and read them with another library."""
    kind = record["data"]["kind"]
    name, n = FORMS[kind]
    path = folder / name
    drawn = autogen("sample", str(folder), "-n", str(n), "-o", str(path))
    if drawn.returncode:
        return f"INVALID: {drawn.stderr.strip()}"
    if autogen("check", str(folder)).returncode or not (folder / "report.html").exists():
        return "INVALID: the run's journal or report"
    try:
        return {"tabular": _table, "image": _image, "text": _text, "music": _music}[kind](path, source, n)
    except Exception as error:  # whatever the other library says is what we want to know
        return f"INVALID: {type(error).__name__}: {error}"


def _table(path: Path, source: Path, n: int) -> str:
    """As many rows, of columns that the data has, with its dtypes."""
    made = pd.read_csv(path)
    real = pd.read_parquet(source) if source.suffix == ".parquet" else pd.read_csv(source)
    assert len(made) == n, f"{len(made)} rows"
    for column in made:
        assert column in real, f"column {column!r} is made up"
        # missing cells make floats of whole numbers and objects of truth values: compare both together
        both = pd.concat([real[column], made[column]])
        empty = made[column].isna().all()
        assert empty or both.dtype.kind in _allowed(real[column]), (
            f"column {column!r} is {made[column].dtype}"
        )
    return f"{made.shape[1]} of {real.shape[1]} columns"


def _allowed(column: pd.Series) -> str:
    """Kinds of dtype that a column has, and has together with missing cells."""
    return {"i": "if", "b": "bO"}.get(column.dtype.kind, column.dtype.kind)


def _image(path: Path, source: Path, n: int) -> str:  # noqa: ARG001 - as all
    """A picture that is not of one colour."""
    from PIL import Image

    with Image.open(path) as picture:
        pixels = np.asarray(picture)
    assert pixels.std() > 0, "one colour"
    return f"{pixels.shape[1]} x {pixels.shape[0]} pixels"


def _text(path: Path, source: Path, n: int) -> str:  # noqa: ARG001 - as all
    """UTF-8."""
    text = path.read_bytes().decode("utf-8")
    assert text.strip(), "empty"
    return f"{len(text)} characters"


def _music(path: Path, source: Path, n: int) -> str:  # noqa: ARG001 - as all
    """MIDI with notes in it."""
    import mido

    files = sorted(path.glob("*.mid"))
    notes = sum(message.type == "note_on" for file in files for message in mido.MidiFile(file))
    assert len(files) == n, f"{len(files)} files"
    assert notes, "no notes"
    return f"{notes} notes"


def main() -> None:
    """Go through all paths."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--budget", default="60s")
    parser.add_argument("--out", type=Path, help="Keep the runs in this new folder.")
    given = parser.parse_args()
    folder = given.out or Path(tempfile.mkdtemp())
    outcomes = []
    for number, path in enumerate(given.paths):
        found = outcome(path, given.budget, folder / f"{number:02d}-{path.parent.name}")
        outcomes.append(found)
        row = (
            f"{found.verdict:<9} {found.seconds:>6.1f} s  {path.parent.name}/{path.name:<28} {found.samples}"
        )
        print(row if found.good and found.verdict != "refused" else f"{row}\n    {found.said}", flush=True)
    save("robustness", {"budget": given.budget, "outcomes": [asdict(found) for found in outcomes]})
    sys.exit(not all(found.good for found in outcomes))


if __name__ == "__main__":
    main()
