"""Damaged files by the thousand: none ends in a traceback, takes ten seconds or two gigabytes.

``nice -n 15 python -m benchmarks.fuzz --inputs 20000`` breaks small good files of each kind that autogen
reads (``tests/fuzz/mutations.py``) in one to four places, opens each in this one process, and writes the
counts to ``results/fuzz.json``. ``--first N`` goes on with input N and adds to what the file holds of those
before it; ``--seed S`` breaks them in other places, with the counts in ``results/fuzz_seed.json``. CI tries a
few of each kind (``tests/fuzz``), with the same seeds.
"""

import argparse
import collections
import json
import resource
import signal
import tempfile
import time
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from autogen.data.open import open_data
from autogen.errors import DataError
from benchmarks.results import FOLDER, save
from tests.fuzz.mutations import mutated, seeds

#: Seconds of a core after which an input counts as slow, and of the clock after which it is given up.
SLOW, LONGEST = 10.0, 600


def main() -> None:
    """Break files, open them, and save the counts."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--inputs", type=int, default=20_000)
    given.add_argument("--first", type=int, default=0)
    given.add_argument("--seed", type=int, default=0)
    chosen = given.parse_args()
    inputs, first, salt = chosen.inputs, chosen.first, [chosen.seed] * bool(chosen.seed)
    files, result = seeds(), "fuzz_seed" if salt else "fuzz"
    before = _before(first, result)
    counts = {name: collections.Counter(before["files"].get(name, {})) for name in files}
    slowest = (before["slowest"]["cpu_seconds"], before["slowest"]["input"])
    tracebacks, began = before["examples_of_tracebacks"], time.monotonic() - before["seconds"]
    signal.signal(signal.SIGALRM, _give_up)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, inputs):
            name, seed = list(files)[number % len(files)], number // len(files)
            rng = np.random.default_rng([zlib.crc32(name.encode()), seed, *salt])
            path = Path(folder) / name
            path.write_bytes(mutated(files[name], rng))
            start = time.process_time()
            outcome = _opened(path)
            took = time.process_time() - start
            slowest = max(slowest, (took, f"{name}, seed {seed}"))
            kind = outcome.partition(":")[0]
            counts[name][kind] += 1
            counts[name]["slow"] += took > SLOW
            if kind == "traceback":
                tracebacks.append(f"{name}, seed {seed}: {outcome}")
                print(tracebacks[-1], flush=True)
            if number % 500 == 499 or number + 1 == inputs:
                _save(result, number + 1, counts, slowest, tracebacks, time.monotonic() - began)


def _before(first: int, result: str) -> dict[str, Any]:
    """What a file of results holds of the inputs before the first one of this run.

    Raises:
        SystemExit: it holds other inputs.
    """
    none: dict[str, Any] = {"slowest": {"cpu_seconds": 0.0, "input": ""}, "seconds": 0}
    none |= {"files": {}, "examples_of_tracebacks": []}
    if not first:
        return none
    known: dict[str, Any] = json.loads((FOLDER / f"{result}.json").read_text())
    if known["inputs"] != first:
        raise SystemExit(
            f"{result}.json holds the first {known['inputs']} inputs: give --first {known['inputs']}"
        )
    return known


def _give_up(*_: object) -> None:
    raise TimeoutError(f"more than {LONGEST} s")


def _opened(path: Path) -> str:
    """Open a file and encode a part of it; say how that ended."""
    signal.alarm(LONGEST)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            module = open_data(path)
            module.codec.encode(module.split("test"))
    except DataError as error:
        return "refused" if str(error).isprintable() else f"traceback: not printable: {error!r}"
    except Exception as error:
        return f"traceback: {type(error).__name__}: {ascii(error)[:300]}"
    finally:
        signal.alarm(0)
    return "opened"


def _save(
    result: str,
    inputs: int,
    counts: dict[str, collections.Counter[str]],
    slowest: tuple[float, str],
    tracebacks: list[str],
    seconds: float,
) -> None:
    total = sum(counts.values(), collections.Counter())
    save(
        result,
        {
            "inputs": inputs,
            "opened": total["opened"],
            "refused": total["refused"],
            "tracebacks": total["traceback"],
            "over_10_s": total["slow"],
            "slowest": {"cpu_seconds": round(slowest[0], 2), "input": slowest[1]},
            "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "seconds": round(seconds),
            "files": {name: dict(found) for name, found in counts.items()},
            "examples_of_tracebacks": tracebacks[:20],
        },
    )


if __name__ == "__main__":
    main()
