"""Large data: memory and time to open a million rows and gigabytes of pictures, and to train 400 columns.

``python -m benchmarks.size rows|columns|pictures`` makes the data in a temporary folder, opens it (or runs a
study) in a process of its own, and adds its seconds, on the clock and of a core, and its peak of memory to
``results/size.json``.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from benchmarks.results import FOLDER, save

#: What is promised: seconds of one core, which other work on the machine does not change, and megabytes.
LIMITS = {"rows.csv": (180, 4000), "rows.parquet": (120, 4000), "pictures": (600, 4000)}
_OPEN = """
import sys
from autogen.data.open import open_data
print(len(open_data(sys.argv[1]).raw.samples))
"""


def main() -> None:
    """Measure what is asked for, and save it beside what was measured before."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("rows", "columns", "pictures"))
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=400)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--budget", default="60s")
    given = parser.parse_args()
    measures: dict[str, Callable[[Any, Path], dict[str, Any]]] = {
        "rows": rows,
        "columns": columns,
        "pictures": pictures,
    }
    with tempfile.TemporaryDirectory() as folder:
        found = measures[given.what](given, Path(folder))
    path = FOLDER / "size.json"
    known = json.loads(path.read_text()).get("figures", {}) if path.exists() else {}
    command = "python -m benchmarks.size " + " ".join(sys.argv[1:])
    save("size", {"figures": known | {name: {"command": command, **one} for name, one in found.items()}})
    print(json.dumps(found, indent=2))


def rows(given: Any, folder: Path) -> dict[str, Any]:
    """A table of 20 columns of many kinds, as CSV and as parquet."""
    frame = table(given.rows)
    found = {}
    for suffix in ("csv", "parquet"):
        path = folder / f"rows.{suffix}"
        frame.to_csv(path, index=False) if suffix == "csv" else frame.to_parquet(path)
        size = {"file_mb": round(path.stat().st_size / 1e6)}
        found[path.name] = size | measured([sys.executable, "-c", _OPEN, str(path)], path.name)
    return found


def table(count: int) -> pd.DataFrame:
    """Twenty columns: numbers, whole numbers, categories, a date, texts with signs, and an identifier."""
    draw = np.random.default_rng(0)
    day = pd.Timestamp("2000-01-01") + pd.to_timedelta(draw.integers(0, 9000, count), unit="D")
    columns = {f"x{i}": draw.normal(size=count).round(4) for i in range(8)}
    columns |= {f"n{i}": draw.integers(0, 10 ** (i + 1), count) for i in range(4)}
    columns |= {f"c{i}": draw.choice([f"value {j}" for j in range(4**i)], count) for i in range(1, 5)}
    columns |= {"day": day.strftime("%d.%m.%Y"), "ok": draw.random(count) < 0.3}
    columns |= {"price": [f"${cents / 100:.2f}" for cents in draw.integers(0, 10**6, count)]}
    return pd.DataFrame(columns | {"key": [f"K{i:08d}" for i in draw.permutation(count)]})


def columns(given: Any, folder: Path) -> dict[str, Any]:
    """A study on a table of many columns."""
    draw = np.random.default_rng(0)
    factors = draw.normal(size=(2000, 8))
    values = factors @ draw.normal(size=(8, given.columns)) + draw.normal(size=(2000, given.columns))
    path, run = folder / "columns.csv", folder / "run"
    pd.DataFrame(values.round(3)).add_prefix("x").to_csv(path, index=False)
    command = [sys.executable, "-m", "autogen", "run", str(path), "--budget", given.budget, "--out", str(run)]
    found = measured([*command, "--quiet", "--json"], "columns")
    result = json.loads((run / "result.json").read_text()) if (run / "result.json").exists() else {}
    about = {"columns": given.columns, "rows": 2000, "budget": given.budget}
    ended = {name: result.get(name) for name in ("verdict", "trials", "seconds")}
    return {"columns": about | found | {"study": ended | {"family": result.get("best", {}).get("family")}}}


def pictures(given: Any, folder: Path) -> dict[str, Any]:
    """A folder of pictures of noise, which no format can pack: 196 kB each."""
    draw = np.random.default_rng(0)
    written = count = 0
    while written < given.gigabytes * 1e9:
        path = folder / f"{count:06d}.bmp" if count % 2 else folder / f"{count:06d}.png"
        noise = draw.integers(0, 256, (256, 256, 3), dtype=np.uint8)
        Image.fromarray(noise).save(path, **({} if count % 2 else {"compress_level": 1}))
        written, count = written + path.stat().st_size, count + 1
    found = measured([sys.executable, "-c", _OPEN, str(folder)], "pictures")
    return {"pictures": found | {"pictures": count, "gigabytes": round(written / 1e9, 2)}}


def measured(command: list[str], name: str) -> dict[str, Any]:
    """Run a command; its seconds, the peak of its memory and, if it failed, the last line that it printed."""
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        said.seek(0)
        last = said.read().strip().splitlines()[-1:]
    seconds, peak, code = time.monotonic() - began, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime
    figures = {"seconds": round(seconds, 1), "cpu_seconds": round(cpu, 1), "peak_memory_mb": round(peak)}
    figures |= {"exit": code}
    if name in LIMITS:
        most, memory = LIMITS[name]
        kept = code == 0 and cpu <= most and peak <= memory
        figures |= {"most_cpu_seconds": most, "most_memory_mb": memory, "kept": kept}
    return figures | ({} if code == 0 else {"said": last})


if __name__ == "__main__":
    main()
