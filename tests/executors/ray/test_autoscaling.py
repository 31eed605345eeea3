"""A cluster that starts nodes as they are asked for: Ray's own autoscaler with pretended machines."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from tests.executors.ray.clusters import STORE, does, driver_here

pytest.importorskip("ray")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

NODES = 2
LISTS = ["initialization_commands", "setup_commands", "head_setup_commands", "worker_setup_commands"]
LISTS += ["head_start_ray_commands", "worker_start_ray_commands", "cluster_synced_files"]
LISTS += ["rsync_exclude", "rsync_filter"]


def plan(address):
    """What the autoscaler may start: so many nodes of one CPU beside a head of none."""
    types = {
        "ray.head.default": {"resources": {"CPU": 0}, "node_config": {}, "max_workers": 0},
        "one": {
            "resources": {"CPU": 1, "object_store_memory": STORE},
            "node_config": {},
            "min_workers": 0,
            "max_workers": NODES,
        },
    }
    return {
        "cluster_name": "pretended",
        "max_workers": NODES,
        "idle_timeout_minutes": 0.05,
        "upscaling_speed": 10.0,
        "provider": {"type": "fake_multinode", "gcs_address": address, "launch_multiple": True},
        "available_node_types": types,
        "head_node_type": "ray.head.default",
        "file_mounts_sync_continuously": False,
        **{name: {} for name in ("head_node", "auth", "docker", "file_mounts")},
        **{name: [] for name in LISTS},
    }


@pytest.fixture
def address(tmp_path):
    """Of a head whose autoscaler looks once a second."""
    import ray

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    found = f"{ray.util.get_node_ip_address()}:{port}"
    settings = {
        "AUTOSCALER_UPDATE_INTERVAL_S": "1",
        "RAY_FAKE_CLUSTER": "1",
        "RAY_AUTH_MODE": "disabled",
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_gcs_rpc_server_reconnect_timeout_s": "5",
    }
    (tmp_path / "plan.json").write_text(json.dumps(plan(found)))
    command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", f"--port={port}"]
    command += ["--num-cpus=0", f"--object-store-memory={STORE}", "--include-dashboard=false"]
    command += [f"--autoscaling-config={tmp_path}/plan.json"]
    log = (tmp_path / "log").open("w")
    head = subprocess.Popen(
        command, env=os.environ | settings, start_new_session=True, stdout=log, stderr=subprocess.STDOUT
    )
    try:
        until = time.monotonic() + 60.0
        while "Ray runtime started" not in (tmp_path / "log").read_text():
            assert time.monotonic() < until
            time.sleep(0.2)
        yield found
    finally:
        os.killpg(head.pid, signal.SIGTERM)
        head.wait(30.0)
        log.close()


def test_workers_grow_with_the_nodes_that_they_ask_for_and_let_go_of_what_nobody_needs(address):
    from autogen.executors.ray.capacity import SPARE

    with driver_here(address, idle=4.0) as pipe:
        before = heard(pipe, lambda told: told[-1][0] == "status")
        assert before[-1][2].note == "no node has 1 CPU for a worker"
        for number in range(NODES):
            pipe.send(("submit", number, does(number, "nothing")))
        grown = heard(pipe, lambda told: sum(message[0] == "rung" for message in told) == NODES)
        crews = [message[2] for message in grown if message[0] == "status"]
        assert 0 < max(crew.requested for crew in crews) <= NODES + SPARE
        for number in range(NODES):
            pipe.send(("answer", number, [True]))
        heard(pipe, lambda told: told[-1][0] == "status" and told[-1][2].ready == 0)


def heard(pipe, enough):
    """What the driver says, up to what is waited for."""
    told, until = [], time.monotonic() + 90.0
    while time.monotonic() < until:
        if pipe.poll(0.5):
            told.append(pipe.recv())
            if enough(told):
                return told
    raise AssertionError(f"waited in vain after {told}")
