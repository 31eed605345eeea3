"""Small Ray clusters of this machine for tests, and executors on them."""

import multiprocessing
import threading
from contextlib import contextmanager

from autogen.executors.ray.capacity import Need
from autogen.executors.ray.executor import RayExecutor
from autogen.executors.ray.options import RayOptions
from autogen.executors.shared_memory import pages_of, write_spool
from autogen.hpo.trial import TrialBatch
from autogen.testing.executors import task_of
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
    executor = RayExecutor(settings.pop("workers", 1), RayOptions(address, **settings))
    try:
        executor.start(work or Misbehaving())
        yield executor
    finally:
        executor.close()


def does(number, do, folder="", deadline=None):
    return TrialBatch((task_of(number, do=do),), str(folder), deadline)


@contextmanager
def driver_here(address, actors=None, **waits):
    """A driver in a thread of this process, with a test's actors and waits; yields the controller's pipe."""
    import ray

    from autogen.executors.ray.actors import Actors
    from autogen.executors.ray.driver import Driver, Patience
    from autogen.executors.ray.worker import WorkerSettings

    ours, theirs = multiprocessing.Pipe()
    with write_spool(Misbehaving()) as spool:
        ray.init(address, log_to_driver=False, logging_level="ERROR")
        made = (actors or Actors)(pages_of(spool.fileno()), Need(), WorkerSettings())
        driver = Driver(theirs, made, 0, Need(), local=False, patience=Patience(**waits))
        thread = threading.Thread(target=driver.run)
        thread.start()
        try:
            yield ours
        finally:
            ours.send(("close",))
            thread.join(30.0)
            ray.shutdown()


def answered(pipe):
    """Be the controller until a trial batch has ended."""
    while pipe.poll(150.0):
        kind, *content = pipe.recv()
        if kind == "rung":
            pipe.send(("answer", content[0], [True]))
        elif kind == "end":
            return content[2]
    raise AssertionError("the driver fell silent")
