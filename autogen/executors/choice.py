"""Which executor a name and a number of workers stand for."""

from typing import Any

from autogen import registry
from autogen.executors.base import Executor


def executor_for(name: str, workers: int, **settings: Any) -> Executor:
    """A fresh executor; one local worker runs in this process.

    Args:
        name: In the registry.
        workers: How many; what 0 means is the executor's business.
        settings: What else it is told.
    """
    if workers == 1 and name == "local":
        return _made("inprocess", **settings)
    return _made(name, workers=workers, **settings)


def _made(name: str, **settings: Any) -> Executor:
    executor: Executor = registry.get("executor", name)(**settings)
    return executor
