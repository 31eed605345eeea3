"""A small study on a disk that fails from its n-th write on, once for each n; run by ``test_full_disk``.

LD_PRELOAD=failing.so python study.py FOLDER [STRIDE]
"""

import ctypes
import errno
import json
import re
import shutil
import sys
from pathlib import Path

from sklearn.datasets import load_digits

import autogen
from autogen.errors import AutogenError
from autogen.hpo.study.events import End
from autogen.hpo.study.journal import read
from autogen.hpo.trial import State

SPACE = """
[vae.model]
latent_dim = { int = [4, 16], default = 8 }
width = 16
depth = 1
prior = "normal"
[vae.training]
lr = { float = [1e-4, 1e-2], log = true, default = 1e-3 }
steps = 9
"""
ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS)
#: Parts of a result that do not depend on the clock.
SAME = ("verdict", "tied", "trials", "finalists", "baselines", "tune", "warnings")
DATA = (load_digits().images[:300] * 15).astype("uint8")


class Disk:
    """The preloaded library: it counts writes below a folder, and lets them fail from one on."""

    def __init__(self):
        self._library = ctypes.CDLL(None)
        self._library.disk_arm.argtypes = [ctypes.c_char_p, ctypes.c_long, ctypes.c_int]
        self._library.disk_writes.restype = ctypes.c_long
        self._library.disk_label.argtypes = [ctypes.c_long]
        self._library.disk_label.restype = ctypes.c_char_p

    def arm(self, folder, at=0, error=0):
        self._library.disk_arm(str(folder).encode(), at, error)

    def disarm(self):
        self._library.disk_arm(b"", 0, 0)

    def labels(self):
        """Names of the writes so far, without numbers of trials and random names."""
        found = (self._library.disk_label(place).decode() for place in range(self._library.disk_writes()))
        return [re.sub(r"\.tmp\w+|\.[0-9a-f]{8}\.part|\d{4}", "", label) for label in found]


def search(run):
    space = run.parent / "space.toml"
    space.write_text(SPACE)
    more = {"sampler": "random", "workers": 1, "models_only": True, "seed": 7, "finalists": 2}
    return autogen.search(DATA, out=run, space=str(space), budget="2trials", **more)


def plain(value):
    """A part of a result without what a clock measured."""
    if isinstance(value, dict):
        timed = ("seconds", "latency", "throughput", "memory", "efficiency")
        return {name: plain(one) for name, one in value.items() if not any(word in name for word in timed)}
    return [plain(one) for one in value] if isinstance(value, list) else value


def outcome(run):
    record = json.loads((run / "result.json").read_text())
    return {name: plain(record[name]) for name in SAME}


def attack(disk, run, at, what, error, undisturbed):
    """Let the disk fail from a write on, then give it space: what went wrong, or nothing."""
    disk.arm(run, at, error)
    try:
        search(run)
        # the last sync, when the file is closed, comes after another one that did not fail
        return "" if what.startswith("sync") else "the study did not notice"
    except AutogenError as refusal:
        said = str(refusal)
    except Exception as other:
        return f"raised {other!r}"
    finally:
        disk.disarm()
    if "\n" in said:
        return f"said {said!r}"
    journal = run / "journal.jsonl"
    ended = (
        [e for e in read(journal) if isinstance(e, End)]
        if journal.exists() and journal.stat().st_size
        else []
    )
    if bad := [event for event in ended if event.state is State.FAILED]:
        return f"wrote {bad}"
    if (run / "study.toml").exists():
        autogen.resume(run, source=DATA)
    else:  # nothing was begun
        shutil.rmtree(run, ignore_errors=True)
        search(run)
    return "" if outcome(run) == undisturbed else f"ended otherwise: {outcome(run)} != {undisturbed}"


def main(folder, stride):
    disk = Disk()
    disk.arm(folder / "run")
    search(folder / "run")
    seen, writes = set(), disk.labels()
    first = [at for at, label in enumerate(writes, start=1) if not (label in seen or seen.add(label))]
    disk.disarm()
    undisturbed = outcome(folder / "run")
    places = first[::stride] if stride else range(1, len(writes) + 1)
    for number, at in enumerate(places):
        run = folder / f"{at}"
        wrong = attack(disk, run, at, writes[at - 1], ERRORS[number % len(ERRORS)], undisturbed)
        print(json.dumps({"write": at, "what": writes[at - 1], "wrong": wrong}), flush=True)
        shutil.rmtree(run, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
