"""What a study on a Ray cluster makes of deaths at random moments: of workers, nodes, controller, head.

    python -m benchmarks.faults [--kills 10] [--seed 0] [--kinds worker,node,controller,head] [--network]

For each kind one study on a cluster of this machine, a head without CPUs and two nodes (with ``--network``
each in a network namespace with an address of its own, started by ``ray start``; root only); the victim
is killed with SIGKILL at random moments until it was killed so often, or the study ended. Then
the journal is checked: every trial asked ended once, complete, pruned or failed for a stated
reason, each score what the trial's seed says, and the verdict is that of the same study undisturbed. The
figures of each run are added to those of earlier ones, by kind and seed.
"""

import argparse
import contextlib
import datetime
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from autogen.engine.audit import audit
from autogen.hpo.study.event import Event
from autogen.hpo.study.events import Ask, End, Lost, Rung
from autogen.hpo.study.journal import read
from autogen.hpo.trial import State
from benchmarks.fault_study import score_of, undisturbed, verdict_of
from benchmarks.network_cluster import NetworkCluster
from benchmarks.results import FOLDER, save

KINDS = ("worker", "node", "controller", "head")
#: Trials for each kill, so that a study outlives them: it goes on while a worker or a node is replaced.
TRIALS = {"worker": 30, "node": 50, "controller": 15, "head": 15}
#: Ray gives up a head that is away for so long, and a node that is silent for a few of these checks.
QUICK = {
    "RAY_gcs_rpc_server_reconnect_timeout_s": "5",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_failure_threshold": "3",
    "RAY_health_check_initial_delay_ms": "1000",
    "RAY_USAGE_STATS_ENABLED": "0",
}
_STORE = 100 * 2**20


class SmallCluster:
    """A head without CPUs and two nodes, on this machine, at a port that outlives them."""

    beside: tuple[str, ...] = ()

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.start()

    def start(self) -> None:
        """Start all nodes."""
        from ray.cluster_utils import Cluster

        head = {"num_cpus": 0, "include_dashboard": False, "gcs_server_port": self.port}
        self.cluster = Cluster(initialize_head=True, head_node_args=head | {"object_store_memory": _STORE})
        self.address = self.cluster.address
        self.nodes = [self.add_node() for _ in range(2)]

    def add_node(self) -> Any:
        """Start a node with two CPUs."""
        return self.cluster.add_node(num_cpus=2, object_store_memory=_STORE)

    def kill_node(self, index: int) -> None:
        """Kill all processes of a node."""
        self.cluster.remove_node(self.nodes.pop(index), allow_graceful=False)

    def kill_head(self) -> None:
        """Kill all processes of the head; the nodes follow, as Ray wants it."""
        head = self.cluster.head_node
        head.kill_all_processes(check_alive=False, allow_graceful=False)
        for node in self.nodes:
            node.kill_all_processes(check_alive=False, allow_graceful=False)

    def stop(self) -> None:
        """End all that is left."""
        with contextlib.suppress(Exception):
            self.cluster.shutdown()


@contextlib.contextmanager
def small_cluster(network: bool = False) -> Iterator[SmallCluster | NetworkCluster]:
    """A cluster that is gone afterwards."""
    before = dict(os.environ)
    os.environ.update(QUICK)
    cluster = NetworkCluster() if network else SmallCluster()
    try:
        yield cluster
    finally:
        cluster.stop()
        os.environ.clear()
        os.environ.update(before)


class Controller:
    """A study's controller in a process of its own.

    Args:
        run: Folder of the run.
        address: Of the cluster.
        trials: Of the study.
        beside: What its command begins with.
    """

    def __init__(self, run: Path, address: str, trials: int, beside: tuple[str, ...] = ()) -> None:
        self.run, self.log = run, run.with_suffix(".log")
        code = "import sys; from benchmarks.fault_study import main; main(sys.argv[1:])"
        self.command = [*beside, sys.executable, "-c", code, str(run), address, "--trials", str(trials)]
        self.start()

    def start(self) -> None:
        """Start it, or start it again on the same folder."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)

    def running(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def events(self) -> list[Event]:
        """What the journal says now."""
        return read(self.run / "journal.jsonl") if (self.run / "journal.jsonl").exists() else []

    def kill(self) -> None:
        """Kill it and wait until it is gone."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def workers() -> list[int]:
    """Process ids of the workers on nodes that this process has started."""
    parents, found = {}, []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            stat = (folder / "stat").read_text()
            parents[int(folder.name)] = int(stat.rpartition(")")[2].split()[1])
            if (folder / "cmdline").read_bytes().startswith(b"ray::RayWorker"):
                found.append(int(folder.name))
    return [pid for pid in found if os.getpid() in _ancestors(pid, parents)]


def _ancestors(pid: int, parents: dict[int, int]) -> Iterator[int]:
    while pid := parents.get(pid, 0):
        yield pid


def kill_worker(_: Any, controller: Controller, draw: random.Random) -> None:
    """Kill a worker that runs."""
    while controller.running() and not (alive := workers()):
        time.sleep(0.1)
    if controller.running():
        with contextlib.suppress(ProcessLookupError):
            os.kill(draw.choice(alive), signal.SIGKILL)


def kill_node(cluster: Any, _: Controller, draw: random.Random) -> None:
    """Kill a node; another joins a moment later."""
    cluster.kill_node(draw.randrange(len(cluster.nodes)))
    time.sleep(draw.uniform(0.0, 3.0))
    cluster.nodes.append(cluster.add_node())


def kill_controller(_: Any, controller: Controller, __: random.Random) -> None:
    """Kill the controller; it is started again on the same run."""
    controller.kill()
    controller.start()


def kill_head(cluster: Any, _: Controller, draw: random.Random) -> None:
    """Kill the head; the whole cluster is started again at the same address."""
    cluster.kill_head()
    time.sleep(draw.uniform(0.0, 10.0))
    cluster.start()


KILLERS: dict[str, Callable[[Any, Controller, random.Random], None]] = {
    "worker": kill_worker,
    "node": kill_node,
    "controller": kill_controller,
    "head": kill_head,
}


def endure(
    cluster: Any, kind: str, kills: int, run: Path, *, trials: int, pause: float, seed: int = 0
) -> dict[str, Any]:
    """Run a study through a number of kills and say what came of it.

    Args:
        cluster: Of ``small_cluster``; afterwards it is whole again.
        kind: Of ``KINDS``.
        kills: How many.
        run: Folder of the run; new.
        trials: Of the study; enough for the study to outlive the kills.
        pause: Seconds between two kills, on average.
        seed: Of the moments and the victims.
    """
    draw, done, began = random.Random(seed), 0, time.monotonic()
    controller = Controller(run, cluster.address, trials, cluster.beside)
    wait_for(lambda: any(isinstance(event, Rung) for event in controller.events()), controller, 120)
    while done < kills and controller.running():
        time.sleep(draw.uniform(0.0, 2 * pause))
        if controller.running():
            KILLERS[kind](cluster, controller, draw)
            done += 1
            seen = len(controller.events())
            wait_for(lambda seen=seen: len(controller.events()) > seen + 2, controller, 240)
    wait_for(lambda: not controller.running(), controller, 600)
    return judged(controller, trials) | {"kills": done, "seconds": round(time.monotonic() - began, 1)}


def wait_for(true: Callable[[], bool], controller: Controller, seconds: float) -> None:
    """Wait until something is true, or the controller has ended."""
    until = time.monotonic() + seconds
    while controller.running() and not true():
        assert time.monotonic() < until, f"nothing happened for {seconds} s: {controller.log.read_text()}"
        time.sleep(0.05)


def judged(controller: Controller, trials: int) -> dict[str, Any]:
    """What the journal of a run says; raises where a trial is lost, doubled or wrong."""
    assert controller.process.returncode == 0, controller.log.read_text()
    events = controller.events()
    findings = audit(controller.run)
    seeds = {event.n: event.seed for event in events if isinstance(event, Ask)}
    ends = [event for event in events if isinstance(event, End)]
    rungs = [event for event in events if isinstance(event, Rung)]
    wrong = [rung for rung in rungs if rung.score != score_of(seeds[rung.n], rung.step)]
    failed = [end for end in ends if end.state is State.FAILED]
    unexplained = [end for end in failed if not end.why]
    assert not findings, findings
    assert len(ends) == trials, f"{len(ends)} of {trials} trials ended"
    assert not wrong, wrong
    assert not unexplained, unexplained
    states = {state: sum(end.state == state for end in ends) for state in ("complete", "pruned", "failed")}
    lost = [event for event in events if isinstance(event, Lost)]
    reasons = sorted({event.why for event in (*lost, *failed)})
    calm = controller.run.with_name(f"{controller.run.name}-undisturbed")
    undisturbed(calm, trials)
    mine, expected = verdict_of(controller.run), verdict_of(calm)
    # a trial that was killed twice has failed for good, so the verdict may be another one's
    assert mine == expected or has_failed(ends, expected["trial"]), f"{mine} instead of {expected}"
    verdict = {"verdict": mine, "same_verdict": mine == expected}
    return {"trials": states, "lost": len(lost), "reasons": reasons} | verdict


def has_failed(ends: list[End], number: int) -> bool:
    """Whether a trial failed."""
    return any(end.n == number and end.state is State.FAILED for end in ends)


def earlier(name: str, folder: Path = FOLDER) -> dict[str, list[dict[str, Any]]]:
    """What earlier runs found, by kind."""
    path = folder / f"{name}.json"
    told = json.loads(path.read_text()) if path.exists() else {}
    # a file of the first version held the last run of each kind
    return {
        kind: told[kind] if isinstance(told[kind], list) else [told[kind]] for kind in KINDS if kind in told
    }


def appended(
    known: dict[str, list[dict[str, Any]]], kind: str, found: dict[str, Any]
) -> dict[str, list[dict[str, Any]]]:
    """What is known with a run more, which replaces one of the same kind, seed and number of kills."""
    same = ("seed", "kills")
    others = [one for one in known.get(kind, ()) if any(one.get(key) != found[key] for key in same)]
    return known | {kind: [*others, found]}


def main() -> None:
    """Kill, check, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--network", action="store_true", help="Nodes in network namespaces.")
    told = parser.parse_args()
    name = "faults_network" if told.network else "faults"
    with tempfile.TemporaryDirectory() as folder:
        for kind in told.kinds.split(","):
            run = Path(folder) / kind
            trials = TRIALS[kind] * told.kills
            settings = {"trials": trials, "pause": 1.5, "seed": told.seed}
            date = {"date": datetime.datetime.now(tz=datetime.UTC).date().isoformat()}
            with small_cluster(told.network) as cluster:
                endured = endure(cluster, kind, told.kills, run, **settings)
            found = date | {"seed": told.seed} | endured
            print(kind, found, flush=True)
            save(name, appended(earlier(name), kind, found))


if __name__ == "__main__":
    main()
