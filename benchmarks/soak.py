"""Whether a study that runs for long grows: memory, open files, processes, shared memory, temporary files.

    python -m benchmarks.soak real FOLDER [--hours 2] [--workers 2] [--executor local]
    python -m benchmarks.soak report FOLDER
    python -m benchmarks.soak simulated [--hours 24] [--workers 16]

``real`` runs a study of tiny trials by the command line and looks at it every half minute; now and then its
youngest worker is killed, and the controller, which is resumed. What it sees is in FOLDER at once; ``report``
puts it into the results, also before the end. ``simulated`` runs a controller with simulated workers on a
fast clock. All files in /dev/shm count: use a mount namespace with an empty one (``unshare --mount``) where
other programs use it.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from autogen.engine.audit import audit
from benchmarks.network_cluster import descendants
from benchmarks.results import FOLDER, save
from benchmarks.soak_simulated import simulated
from benchmarks.vitals import Trend, Vitals, content, started, trend, vitals, zombies

SPACE = """
about = "Trials of a tenth of a second on 178 rows."
[trees.training]
steps = { choice = [1, 2], default = 1 }
leaf = { int = [5, 100], log = true, default = 10 }
[vae.model]
latent_dim = { int = [2, 16], log = true, default = 8 }
width = { choice = [16, 32], default = 32 }
[vae.training]
steps = 20
lr = { float = [3e-4, 3e-3], log = true, default = 1e-3 }
[gan.model]
latent_dim = { int = [2, 16], log = true, default = 8 }
width = { choice = [16, 32], default = 32 }
critic_width = 16
[gan.training]
steps = 20
lr = { float = [2e-4, 2e-3], log = true, default = 5e-4 }
[autoregressive.model]
width = { choice = [16, 32], default = 16 }
depth = 1
[autoregressive.training]
steps = 10
lr = { float = [1e-3, 5e-3], log = true, default = 2e-3 }
"""
#: Growth in an hour that is none: what an allocator leaves, and a file that happens to be open.
ALLOWED = {
    "anonymous_mib": 8.0,
    "handles": 0.5,
    "threads": 0.5,
    "unnamed_mib": 1.0,
    "processes": 0.25,
    "zombies": 0.25,
    "shm_files": 0.5,
    "shm_mib": 1.0,
    "temp_files": 1.0,
    "temp_mib": 1.0,
}
#: KiB that the controller may keep of each trial: its record, and the sampler's.
KIB_A_TRIAL = 8.0
_BLOCK = 10  # looks of one mean
_WARM = 10  # looks of a process that count as warm-up
_PAUSE = 5.0  # seconds after which a worker must have followed its controller


@dataclass(frozen=True)
class Plan:
    """What a real study goes through.

    Attributes:
        hours: Budget of the study.
        workers: Its workers.
        executor: Name of its executor.
        every: Seconds between two looks.
        worker_killed: Seconds between two kills of the youngest worker.
        controller_killed: Seconds between two kills of the controller, SIGKILL and SIGTERM by turns.
    """

    hours: float = 2.0
    workers: int = 2
    executor: str = "local"
    every: float = 30.0
    worker_killed: float = 600.0
    controller_killed: float = 2400.0


class Soak:
    """A real study, looked at from outside until it ends.

    Args:
        plan: What it goes through.
        folder: New folder for the run, what the study writes elsewhere, and the figures.
    """

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan, self.folder, self.run = plan, folder, folder / "run"
        self.temp = folder / "temp"
        self.temp.mkdir(parents=True)
        (folder / "space.toml").write_text(SPACE)
        (folder / "plan.json").write_text(json.dumps(asdict(plan)))
        self.began = time.monotonic()
        self.killed = {"worker": 0, "controller by SIGKILL": 0, "controller by SIGTERM": 0}
        self.orphans = 0
        self._trials, self._read = 0, 0

    def __call__(self) -> None:
        """Run the study to its end."""
        options = ["--space", self.folder / "space.toml", "--budget", f"{self.plan.hours * 60:g}m"]
        options += ["--workers", self.plan.workers, "--executor", self.plan.executor]
        self._start("run", "wine", "--out", self.run, *options)
        acts = [
            [self.plan.every, self.plan.every, self._look],
            [self.plan.worker_killed, self.plan.worker_killed, self._kill_worker],
            [self.plan.controller_killed, self.plan.controller_killed, self._kill_controller],
        ]
        while self.process.poll() is None:
            time.sleep(0.2)
            for act in acts:
                if self._seconds() >= act[0]:
                    act[0] += act[1]
                    act[2]()
        self._end()

    def _seconds(self) -> float:
        return time.monotonic() - self.began

    def _start(self, *command: object) -> None:
        environment = {**os.environ, "TMPDIR": str(self.temp), "OMP_NUM_THREADS": "1"}
        words = [sys.executable, "-m", "autogen", *map(str, command), "--quiet"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log, env=environment)

    def _look(self) -> None:
        """Write down what the study holds now."""
        pid = self.process.pid
        children = descendants(pid)
        look = {
            "seconds": round(self._seconds(), 1),
            "trials": self._ended(),
            "controller": _told(vitals(pid)),
            "workers": [_told(one) for one in map(vitals, children) if one],
            "processes": len(children),
            "zombies": zombies(children),
            **dict(zip(("shm_files", "shm_mib"), content(Path("/dev/shm")), strict=True)),
            **dict(zip(("temp_files", "temp_mib"), content(self.temp), strict=True)),
        }
        with (self.folder / "looks.jsonl").open("a") as looks:
            looks.write(json.dumps(look) + "\n")

    def _ended(self) -> int:
        """Count the trials that have ended, by what was added to the journal."""
        with contextlib.suppress(OSError), (self.run / "journal.jsonl").open("rb") as journal:
            journal.seek(self._read)
            added = journal.read().rpartition(b"\n")[0]
            self._trials += added.count(b'{"e":"end"')
            self._read += len(added)
        return self._trials

    def _mayhem(self) -> bool:
        """Tell if something may be killed: the finals are left in peace."""
        return self._seconds() < 0.9 * self.plan.hours * 3600 and self._ended() > 0

    def _kill_worker(self) -> None:
        if self._mayhem() and (workers := sorted(descendants(self.process.pid), key=started)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(workers[-1], signal.SIGKILL)
                self.killed["worker"] += 1

    def _kill_controller(self) -> None:
        """Kill the controller, see that its workers follow, and resume the study."""
        if not self._mayhem():
            return
        number = (signal.SIGKILL, signal.SIGTERM)[sum(self.killed.values()) - self.killed["worker"] & 1]
        workers = descendants(self.process.pid)
        self.process.send_signal(number)
        self.process.wait()
        self.killed[f"controller by {number.name}"] += 1
        time.sleep(_PAUSE)
        self.orphans += sum((Path("/proc") / str(worker)).exists() for worker in workers)
        self._start("resume", self.run)

    def _end(self) -> None:
        """Write down how the study ended and what it left behind."""
        end = {
            "exit_code": self.process.returncode,
            "findings": audit(self.run),
            "trials": self._ended(),
            "seconds": round(self._seconds(), 1),
            "killed": self.killed,
            "orphans": self.orphans,
            "left_in_temp": content(self.temp)[0],
            "left_in_shm": content(Path("/dev/shm"))[0],
        }
        (self.folder / "end.json").write_text(json.dumps(end))


def _told(one: Vitals | None) -> dict[str, float] | None:
    return asdict(one) if one else None


def judged(folder: Path) -> dict[str, Any]:
    """What the looks at a study say of its growth: per hour, and of the controller's memory per trial."""
    looks = [json.loads(line) for line in (folder / "looks.jsonl").read_text().splitlines()]
    looks = [look for look in looks if look["controller"]]
    rows: dict[str, Any] = {}
    for name in ("anonymous_mib", "handles", "threads", "unnamed_mib"):
        for role, found in (("controller", _of_controllers(looks)), ("worker", _of_workers(looks))):
            points = [(pid, seconds / 3600, one[name]) for pid, seconds, one in found]
            rows[f"{role} {name}"] = row(points, ALLOWED[name], warm=_WARM)
    for name in ("processes", "zombies", "shm_files", "shm_mib", "temp_files", "temp_mib"):
        rows[name] = row([("", look["seconds"] / 3600, look[name]) for look in looks], ALLOWED[name])
    trials = [(str(one["controller"]["pid"]), one["trials"], one) for one in looks]
    points = [(pid, count / 1024, one["controller"]["anonymous_mib"]) for pid, count, one in trials]
    rows["controller anonymous_mib"] = row(points, KIB_A_TRIAL, warm=_WARM) | {"per": "KiB a trial"}
    end = folder / "end.json"
    return {
        "plan": json.loads((folder / "plan.json").read_text()),
        "looks": len(looks),
        "seconds": looks[-1]["seconds"],
        "trials": looks[-1]["trials"],
        "ended": json.loads(end.read_text()) if end.exists() else None,
        "growing": [name for name, one in rows.items() if one["grows"]],
        "held": rows,
    }


def _of_controllers(looks: Sequence[dict[str, Any]]) -> list[tuple[str, float, dict[str, float]]]:
    return [(str(look["controller"]["pid"]), look["seconds"], look["controller"]) for look in looks]


def _of_workers(looks: Sequence[dict[str, Any]]) -> list[tuple[str, float, dict[str, float]]]:
    return [(str(one["pid"]), look["seconds"], one) for look in looks for one in look["workers"]]


def row(
    points: Sequence[tuple[str, float, float]], allowed: float, block: int = _BLOCK, warm: int = 0
) -> dict[str, Any]:
    """Levels and trend of a quantity, and whether it surely grows by more than is allowed."""
    values = [value for _, _, value in points]
    found: Trend | None = trend(points, block, warm)
    told = {"least": min(values, default=0), "most": max(values, default=0), "per": "hour"}
    if found is None:
        return told | {"slope": None, "grows": False}
    slope = {item.name: float(f"{getattr(found, item.name):.3g}") for item in fields(found)}
    return told | slope | {"allowed": allowed, "grows": found.low > allowed}


def judged_simulation(hours: float, workers: int) -> dict[str, Any]:
    """Simulate a study and say what its controller held."""
    with tempfile.TemporaryDirectory() as folder:
        seen = simulated(hours, workers, Path(folder))
    rows = {
        name: row([(part, at / 3600, asdict(one)[name]) for part, at, _, one in seen.looks], ALLOWED[name], 2)
        for name in ("handles", "threads", "unnamed_mib")
    }
    points = [(part, trials / 1024, one.anonymous_mib) for part, _, trials, one in seen.looks]
    rows["anonymous_mib"] = row(points, KIB_A_TRIAL, 2) | {"per": "KiB a trial"}
    return {
        "hours": seen.hours,
        "workers": workers,
        "trials": seen.trials,
        "seconds": seen.seconds,
        "looks": len(seen.looks),
        "growing": [name for name, one in rows.items() if one["grows"]],
        "held": rows,
    }


def keep(name: str, figures: dict[str, Any]) -> None:
    """Print figures and put them into the results, beside those of the other part."""
    print(json.dumps(figures, indent=2))
    path = FOLDER / "soak.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    parts = {part: known[part] for part in ("real", "simulated") if part in known}
    save("soak", parts | {name: figures})


def main() -> None:
    """Run, or report on, a part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parts = parser.add_subparsers(dest="part", required=True)
    real = parts.add_parser("real")
    real.add_argument("folder", type=Path)
    for item in fields(Plan):
        real.add_argument(f"--{item.name.replace('_', '-')}", type=type(item.default), default=item.default)
    parts.add_parser("report").add_argument("folder", type=Path)
    fast = parts.add_parser("simulated")
    fast.add_argument("--hours", type=float, default=24.0)
    fast.add_argument("--workers", type=int, default=16)
    chosen = parser.parse_args()
    if chosen.part == "real":
        Soak(Plan(**{item.name: getattr(chosen, item.name) for item in fields(Plan)}), chosen.folder)()
        print(json.dumps(judged(chosen.folder), indent=2))
    elif chosen.part == "report":
        keep("real", judged(chosen.folder))
    else:
        keep("simulated", judged_simulation(chosen.hours, chosen.workers))


if __name__ == "__main__":
    main()
