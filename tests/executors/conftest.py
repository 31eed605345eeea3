"""One small Ray cluster for all tests that neither kill its nodes nor need it otherwise set."""

import socket
import time
from contextlib import suppress

import pytest


@pytest.fixture(scope="session")
def unlike():
    """A head of one CPU, a node of three and of a pretended GPU: its address, and a port for outsiders."""
    pytest.importorskip("ray")
    from tests.executors.ray.clusters import STORE, cluster_of  # not where Ray is not installed

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with cluster_of(1, ray_client_server_port=port) as cluster:
        cluster.add_node(num_cpus=3, num_gpus=1, object_store_memory=STORE)
        yield cluster.address, port


@pytest.fixture(scope="session")
def address(unlike):
    """Address of that cluster for who is in it."""
    return unlike[0]


@pytest.fixture(scope="session")
def outside(unlike):
    """Address of that cluster for who is not, once somebody listens there."""
    pytest.importorskip("grpc", reason="ray:// needs grpcio: pip install 'ray[client]'")
    port = unlike[1]
    for _ in range(100):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            break
        time.sleep(0.2)
    return f"ray://127.0.0.1:{port}"
