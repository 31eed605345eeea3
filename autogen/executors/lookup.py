"""Which executor a name and a number of workers stand for."""

from typing import Any

from autogen import registry
from autogen.hpo.executor import Executor


def executor_for(name: str, workers: int, *, timed: bool = False, **settings: Any) -> Executor:
    """A fresh executor; one local worker runs in this process, unless it may have to be given up.

    Args:
        name: In the registry.
        workers: How many; what 0 means is the executor's business.
        timed: Whether there is a budget of seconds, at whose end a trial is abandoned.
        settings: What else it is told.
    """
    if workers == 1 and name == "local" and not timed:
        return _made("inprocess", **settings)
    return _made(name, workers=workers, **settings)


def _made(name: str, **settings: Any) -> Executor:
    executor: Executor = registry.get("executor", name)(**settings)
    return executor
