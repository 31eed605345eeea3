"""One small Ray cluster for all tests that neither kill its nodes nor need it otherwise set."""

import pytest


@pytest.fixture(scope="session")
def address():
    """Address of a head of one CPU and a node of three and of a pretended GPU."""
    pytest.importorskip("ray")
    from tests.executors.ray.clusters import STORE, cluster_of  # not where Ray is not installed

    with cluster_of(1) as cluster:
        cluster.add_node(num_cpus=3, num_gpus=1, object_store_memory=STORE)
        yield cluster.address
