"""A Ray cluster whose nodes have addresses of their own: ``ray start`` in three network namespaces."""

import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

_START = 60.0  # seconds in which a node must be up
_PORT = 6379
_UP = "Ray runtime started"
_RAY = (sys.executable, "-m", "ray.scripts.scripts", "start", "--block", "--object-store-memory=104857600")


class NetworkCluster:
    """A head without CPUs and two nodes of two CPUs, with a token of their own; needs root and iproute2.

    The token is left in this process's environment, for the controller.
    """

    def __init__(self) -> None:
        self._names = [f"ag{secrets.token_hex(3)}" for _ in range(3)]
        self._logs = tempfile.TemporaryDirectory()
        self.address = f"10.78.0.1:{_PORT}"
        os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
        #: What a command begins with that is to run beside the head.
        self.beside = ("ip", "netns", "exec", self._names[0])
        self._processes: list[subprocess.Popen[bytes]] = []
        try:
            self._wire()
            self.start()
        except BaseException:
            self.stop()
            raise

    def start(self) -> None:
        """Start all nodes."""
        head = ("--head", f"--port={_PORT}", "--num-cpus=0", "--include-dashboard=false")
        self._head = self._node(0, *head)
        self._free = [1, 2]
        self.nodes = [self.add_node() for _ in range(2)]

    def add_node(self) -> tuple[int, subprocess.Popen[bytes]]:
        """Start a node in a namespace that has none."""
        place = self._free.pop()
        return place, self._node(place, f"--address={self.address}", "--num-cpus=2")

    def kill_node(self, index: int) -> None:
        """Kill all processes of a node."""
        place, process = self.nodes.pop(index)
        kill_tree(process)
        self._free.append(place)

    def kill_head(self) -> None:
        """Kill all processes of the head and of the nodes, which follow, as Ray wants it."""
        for process in (self._head, *(process for _, process in self.nodes)):
            kill_tree(process)

    def stop(self) -> None:
        """End all that is left."""
        for process in self._processes:
            kill_tree(process)
        for name in self._names:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
        self._logs.cleanup()

    def _wire(self) -> None:
        """Three namespaces, the first with a bridge to which the others are joined."""
        first = self._names[0]
        for name in self._names:
            _ip("netns", "add", name)
            _ip("-n", name, "link", "set", "lo", "up")
        _ip("-n", first, "link", "add", "bridge", "type", "bridge")
        _ip("-n", first, "addr", "add", "10.78.0.1/24", "dev", "bridge")
        _ip("-n", first, "link", "set", "bridge", "up")
        for place, name in enumerate(self._names[1:], start=1):
            peer = ("type", "veth", "peer", "name", f"node{place}", "netns", first)
            _ip("link", "add", "eth", "netns", name, *peer)
            _ip("-n", first, "link", "set", f"node{place}", "master", "bridge", "up")
            _ip("-n", name, "addr", "add", f"10.78.0.{place + 1}/24", "dev", "eth")
            _ip("-n", name, "link", "set", "eth", "up")

    def _node(self, place: int, *arguments: str) -> subprocess.Popen[bytes]:
        inside = ("ip", "netns", "exec", self._names[place])
        path = Path(self._logs.name) / f"{place}-{secrets.token_hex(3)}.log"
        with path.open("wb") as log:
            command = (*inside, *_RAY, f"--node-ip-address=10.78.0.{place + 1}", *arguments)
            process = subprocess.Popen(command, stdout=log, stderr=log)
        self._processes.append(process)
        until = time.monotonic() + _START
        while _UP not in path.read_text():
            assert process.poll() is None, path.read_text()
            assert time.monotonic() < until, path.read_text()
            time.sleep(0.1)
        return process


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that descend from it."""
    for pid in [process.pid, *descendants(process.pid)]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def descendants(pid: int) -> list[int]:
    """Process ids of children, their children and so on."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(folder.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found[1:]


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
