"""Damaged files by the thousand: none ends in a traceback, takes ten seconds or two gigabytes.

``nice -n 15 python -m benchmarks.fuzz --inputs 20000`` breaks small good files of each kind that autogen
reads (``tests/fuzz/mutations.py``) in one to four places, opens each in this one process, and writes the
counts to ``results/fuzz.json``. CI tries a few of each kind (``tests/fuzz``), with the same seeds.
"""

import argparse
import collections
import resource
import signal
import tempfile
import time
import warnings
import zlib
from pathlib import Path

import numpy as np

from autogen.data.open import open_data
from autogen.errors import DataError
from benchmarks.results import save
from tests.fuzz.mutations import mutated, seeds

#: Seconds of a core after which an input counts as slow, and of the clock after which it is given up.
SLOW, LONGEST = 10.0, 600


def main() -> None:
    """Break files, open them, and save the counts."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--inputs", type=int, default=20_000)
    inputs = given.parse_args().inputs
    files = seeds()
    counts: dict[str, collections.Counter[str]] = {name: collections.Counter() for name in files}
    slowest, tracebacks, began = (0.0, ""), [], time.monotonic()
    signal.signal(signal.SIGALRM, _give_up)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(inputs):
            name, seed = list(files)[number % len(files)], number // len(files)
            rng = np.random.default_rng([zlib.crc32(name.encode()), seed])
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
                _save(number + 1, counts, slowest, tracebacks, time.monotonic() - began)


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
    inputs: int,
    counts: dict[str, collections.Counter[str]],
    slowest: tuple[float, str],
    tracebacks: list[str],
    seconds: float,
) -> None:
    total = sum(counts.values(), collections.Counter())
    save(
        "fuzz",
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
