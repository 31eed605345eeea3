"""Two machines as far as the network can tell: namespaces with own addresses, a token, no shared folder."""

import os
import secrets
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress

import numpy as np
import pytest

from autogen.engine.audit import audit
from autogen.generator.load import load
from autogen.hpo.study.events import Confirm, End
from autogen.hpo.study.journal import read
from autogen.hpo.trial import State
from tests.engine.disk.study import DATA

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SPACE = """
about = "Trials of a second."
[vae.model]
latent_dim = { int = [4, 16], default = 8 }
width = 16
depth = 1
prior = "normal"
[vae.training]
lr = { float = [1e-4, 1e-2], log = true, default = 1e-3 }
steps = 30
"""


def ip(*arguments):
    return subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)


@pytest.fixture
def namespaces():
    """Two network namespaces, 10.77.0.1 and 10.77.0.2, joined by a pair of virtual cards."""
    ids = [f"ag{secrets.token_hex(3)}" for _ in range(2)]
    try:
        made = [ip("netns", "add", name) for name in ids]
    except FileNotFoundError:
        pytest.skip("network namespaces need iproute2")
    if any(run.returncode for run in made):
        pytest.skip(f"network namespaces are not allowed here: {made[0].stderr.strip()}")
    try:
        ip("link", "add", ids[0], "netns", ids[0], "type", "veth", "peer", "name", ids[1], "netns", ids[1])
        for number, name in enumerate(ids, start=1):
            ip("-n", name, "addr", "add", f"10.77.0.{number}/24", "dev", name)
            ip("-n", name, "link", "set", name, "up")
            ip("-n", name, "link", "set", "lo", "up")
        yield ids
    finally:
        for name in ids:
            ip("netns", "del", name)


@pytest.fixture
def environment():
    return os.environ | {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_USAGE_STATS_ENABLED": "0",
        "OMP_NUM_THREADS": "1",
    }


@contextmanager
def node(namespace, environment, *arguments, before=""):
    """A node of a cluster in a namespace; ``before`` is run there first."""
    ray = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", "--object-store-memory=100000000"]
    command = ["ip", "netns", "exec", namespace, "sh", "-c", f'{before} exec "$@"', "sh", *ray, *arguments]
    process = subprocess.Popen(
        command, env=environment, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def started(process):
    """Wait until a node says that it runs."""
    assert any(b"Ray runtime started" in line for line in process.stdout), "the node ended"


def autogen(namespace, environment, *arguments):
    command = ["ip", "netns", "exec", namespace, sys.executable, "-m", "autogen.cli.app", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=350)


def test_a_study_runs_on_a_node_that_sees_no_folder_of_the_controller(namespaces, environment, tmp_path):
    here, there = namespaces
    (tmp_path / "space.toml").write_text(SPACE)
    np.savez(tmp_path / "digits.npz", x=DATA)
    hide = f"mount -t tmpfs none {tmp_path} &&"  # seen in that namespace alone
    head = ["--head", "--node-ip-address=10.77.0.1", "--port=6379", "--num-cpus=0"]
    head += ["--include-dashboard=false"]
    join = ["--address=10.77.0.1:6379", "--node-ip-address=10.77.0.2", "--num-cpus=1"]
    run = tmp_path / "run"
    with node(here, environment, *head) as first:
        started(first)
        with node(there, environment, *join, before=hide):
            flags = [
                "--executor",
                "ray",
                "--address",
                "10.77.0.1:6379",
                "--space",
                str(tmp_path / "space.toml"),
            ]
            flags += ["--budget", "2trials", "--finalists", "1", "--models-only", "--out", str(run)]
            done = autogen(here, environment, "run", str(tmp_path / "digits.npz"), *flags)
    assert done.returncode == 0, done.stderr
    assert audit(run) == []
    ends = [event for event in read(run / "journal.jsonl") if isinstance(event, (End, Confirm))]
    assert {event.node.split("/")[0] for event in ends} == {"10.77.0.2"}
    complete = [event.n for event in ends if isinstance(event, End) and event.state is State.COMPLETE]
    assert all((run / f"trials/{number:04d}/model.safetensors").exists() for number in complete)
    assert len(load(run).sample(3, seed=0)) == 3
    token = environment["RAY_AUTH_TOKEN"]
    assert not [path for path in run.rglob("*") if path.is_file() and token.encode() in path.read_bytes()]
