"""Takes data sets through the command line without a hand-set option, and checks what comes out.

    python -m benchmarks.robustness [--budget 60s] [--out DIR] [--results NAME] [--nasty] [PATH ...]

For each path: ``autogen run PATH``, ``autogen check``, ``autogen sample``. A good end is a verdict with a
report and samples that another library reads as what the data is, or one clear line of refusal (exit code 2,
no traceback). ``--nasty`` adds the small sets of ``benchmarks.nasty``, which break tools. Prints a line a
path and leaves all figures in ``results/NAME.json`` (``robustness``), as they come.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.nasty import written
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
        evaluation_share: Of the workers' time.
        finalists: That were confirmed.
        said: The last line that the run printed.
    """

    source: str
    verdict: str
    seconds: float
    samples: str
    said: str
    evaluation_share: float | None = None
    finalists: int = 0

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
    samples = _samples(source, record, folder)
    more = record["evaluation_share"], len(record["finalists"])
    return Outcome(str(source), record["verdict"], seconds, samples, said, *more)


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
    """As many rows, of the data's columns in their order, each as in the data; what is left out is noted."""
    made = pd.read_csv(path)
    real = pd.read_parquet(source) if source.suffix == ".parquet" else pd.read_csv(source)
    real = real.replace([np.inf, -np.inf], np.nan)
    notes = " ".join(json.loads((path.parent / "result.json").read_text())["data"]["notes"])
    assert len(made) == n, f"{len(made)} rows"
    left = [column for column in real if column in made or repr(column) not in notes]
    assert list(made) == left, f"columns {list(made)} of {list(real)}"
    for column in made:
        fresh = f"Column {column!r} holds identifiers" in notes
        check_column(str(column), real[column], made[column], fresh)
    return f"{made.shape[1]} of {real.shape[1]} columns"


def check_column(name: str, real: pd.Series, made: pd.Series, fresh: bool) -> None:
    """One column of a table: dtype, missing cells, decimals, categories."""
    # missing cells make floats of whole numbers and objects of truth values: compare both together
    both = pd.concat([real, made])
    empty = made.isna().all()
    assert empty or both.dtype.kind in _allowed(real), f"column {name!r} is {made.dtype}"
    whole = real.dtype.kind != "i" or not (made.dropna() % 1).any()
    assert whole, f"column {name!r} has fractions"
    rate, wanted = made.isna().mean(), real.isna().mean()
    spread = 5 * (wanted * (1 - wanted) / len(made)) ** 0.5 + 0.05  # a model of a minute is not exact
    assert abs(rate - wanted) <= spread, f"column {name!r}: {rate:.0%} missing, not {wanted:.0%}"
    if real.dtype.kind == "f" and not empty:
        most = max(map(_digits, real.dropna().unique()))
        assert max(map(_digits, made.dropna().unique())) <= most, (
            f"column {name!r}: more than {most} decimals"
        )
    if real.dtype.kind not in "if" and not fresh:
        new = set(made.dropna()) - set(real.dropna())
        dates = pd.to_datetime(real.dropna().head(5), errors="coerce", format="mixed").notna().all()
        assert dates or not new, f"column {name!r} has no {min(map(str, new))!r}"


def _digits(value: float) -> int:
    """Digits behind the point of a number as it is written."""
    exponent = Decimal(repr(float(value))).normalize().as_tuple().exponent
    return max(0, -int(exponent))


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
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--nasty", action="store_true", help="Add small sets that break tools.")
    parser.add_argument("--budget", default="60s")
    parser.add_argument("--out", type=Path, help="Keep the runs in this new folder.")
    parser.add_argument("--results", default="robustness", help="Name of the file of figures.")
    given = parser.parse_args()
    folder = given.out or Path(tempfile.mkdtemp())
    paths = given.paths + (written(folder / "nasty") if given.nasty else [])
    if not paths:
        parser.error("no PATH and no --nasty")
    outcomes = []
    for number, path in enumerate(paths):
        found = outcome(path, given.budget, folder / f"{number:02d}-{path.parent.name}")
        outcomes.append(found)
        row = (
            f"{found.verdict:<9} {found.seconds:>6.1f} s  {path.parent.name}/{path.name:<28} {found.samples}"
        )
        print(row if found.good and found.verdict != "refused" else f"{row}\n    {found.said}", flush=True)
        save(given.results, {"budget": given.budget, "outcomes": [asdict(one) for one in outcomes]})
    sys.exit(not all(found.good for found in outcomes))


if __name__ == "__main__":
    main()
