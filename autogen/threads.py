"""One thread for small linear algebra and small trees.

The libraries below numpy, scipy and scikit-learn start a thread a core for the smallest matrix, and these
wait for each other in loops that take the cores from the workers.
"""

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # comes with scikit-learn


def one_thread() -> AbstractContextManager[object]:
    """Limit the libraries with threads to one inside of a ``with`` block; afterwards they are as before."""
    limited: AbstractContextManager[object] = _controller().limit(limits=1)
    return limited


@cache
def _controller() -> ThreadpoolController:
    """The libraries with threads, looked for once: that reads the process's memory map, some ms."""
    return ThreadpoolController()
