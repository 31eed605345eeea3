"""Who can reach a study's cluster: nobody from outside, and nobody without its token."""

import os
import secrets
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from autogen.errors import RunError
from autogen.executors.ray.executor import private
from autogen.hpo.trial import State
from autogen.testing.executors import collect
from benchmarks.network_cluster import descendants, kill_tree
from tests.executors.ray.clusters import does, running

pytest.importorskip("ray")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

_LISTENS = "0A"
_LOOPBACK = ("0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F")


def inodes(pid):
    """Sockets that a process holds."""
    found = set()
    with suppress(OSError):
        for handle in (Path("/proc") / str(pid) / "fd").iterdir():
            with suppress(OSError):
                found.add(str(handle.readlink()))
    return found


def listening(pids):
    """Addresses, in hexadecimal, at which processes listen."""
    held = set().union(*map(inodes, pids))
    tables = (Path("/proc/net", name).read_text() for name in ("tcp", "tcp6"))
    rows = [line.split() for table in tables for line in table.splitlines()]
    return {row[1].partition(":")[0] for row in rows if row[3] == _LISTENS and f"socket:[{row[9]}]" in held}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_cluster_of_this_machine_listens_at_its_loopback_address_alone():
    others = set(descendants(os.getpid()))  # the cluster that tests of this process share, if it is there
    with running("local") as executor:
        (ended,) = collect(executor, [does(0, "nothing")])
        addresses = listening(set(descendants(os.getpid())) - others)
    assert ended.state is State.COMPLETE
    assert addresses
    assert addresses <= set(_LOOPBACK)


def test_each_cluster_of_this_machine_has_a_token_of_its_own():
    first, second = private(), private()
    assert first["RAY_AUTH_MODE"] == "token"
    assert len(first["RAY_AUTH_TOKEN"]) == 64
    assert first["RAY_AUTH_TOKEN"] != second["RAY_AUTH_TOKEN"]


@contextmanager
def head(token):
    """A cluster of one node, started by ``ray start`` with a token; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", f"--port={port}"]
    command += ["--num-cpus=2", "--include-dashboard=false", "--object-store-memory=104857600"]
    environment = {**os.environ, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": token}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        for line in process.stdout:
            if b"Ray runtime started" in line:
                break
        assert process.poll() is None
        yield f"127.0.0.1:{port}"
    finally:
        kill_tree(process)
        process.stdout.close()


def test_a_cluster_with_a_token_is_joined_with_that_token_alone(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))  # no token of this user
    token = secrets.token_hex(32)
    with head(token) as address:
        monkeypatch.setenv("RAY_AUTH_MODE", "token")
        monkeypatch.setenv("RAY_AUTH_TOKEN", token)
        with running(address) as executor:
            assert collect(executor, [does(0, "nothing")])[0].state is State.COMPLETE
        monkeypatch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
        assert "token" in refusal(address)
        monkeypatch.delenv("RAY_AUTH_TOKEN")
        assert "token" in refusal(address)
        monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
        assert "token" in refusal(address)


def refusal(address):
    """The line in which a cluster refuses a study."""
    with pytest.raises(RunError) as caught, running(address) as executor:
        collect(executor, [does(0, "nothing")])
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_worker_unpickles_nothing_but_what_its_driver_sends(address, tmp_path):
    """Any process that has joined a cluster can call its actors."""
    import pickle

    import ray

    from autogen.executors.ray.actors import Actors
    from autogen.executors.ray.capacity import Need
    from autogen.executors.ray.worker import WorkerSettings
    from autogen.executors.shared_memory import pages_of, write_spool
    from tests.executors.test_seal import Traps
    from tests.executors.works import Misbehaving

    with write_spool(Misbehaving()) as spool:
        ray.init(address, log_to_driver=False, logging_level="ERROR")
        try:
            actors = Actors(pages_of(spool.fileno()), Need(), WorkerSettings())
            actor = actors.start()
            assert actors.seal.unpack(actors.ask(actor, None).result(60))[0] == "ready"
            for forged in (pickle.dumps(Traps(tmp_path / "run")), bytes(64), b""):
                with pytest.raises(ray.exceptions.RayTaskError, match="without the key of this study"):
                    ray.get(actor.step.remote(forged), timeout=60)
            assert list(tmp_path.iterdir()) == []
            kind, *_ = actors.seal.unpack(actors.ask(actor, does(0, "nothing")).result(60))
            assert kind in ("rung", "end")  # it lives on, and works
        finally:
            ray.shutdown()
