"""Small Ray clusters of this machine for tests, and executors on them."""

from contextlib import contextmanager

from autogen.executors.ray import RayExecutor
from autogen.testing.executors import task_of
from autogen.trial import Cohort
from tests.executors.works import Misbehaving

STORE = 100 * 2**20


@contextmanager
def cluster_of(nodes, **head):
    """A cluster of so many nodes, the head among them, with one CPU each where nothing else is said."""
    from ray.cluster_utils import Cluster

    arguments = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": STORE} | head
    cluster = Cluster(initialize_head=True, head_node_args=arguments)
    try:
        for _ in range(nodes - 1):
            cluster.add_node(num_cpus=1, object_store_memory=STORE)
        yield cluster
    finally:
        cluster.shutdown()


@contextmanager
def running(address, work=None, **settings):
    executor = RayExecutor(**{"workers": 1, "address": address} | settings)
    try:
        executor.start(work or Misbehaving())
        yield executor
    finally:
        executor.close()


def does(number, do, folder="", deadline=None):
    return Cohort((task_of(number, do=do),), str(folder), deadline)
