"""One thread for small linear algebra, small trees and small nets.

The libraries below numpy, scipy, scikit-learn and torch start a thread a core for the smallest matrix, and
these wait for each other in loops that take the cores from the workers.
"""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # comes with scikit-learn


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit the libraries with threads to one inside of a ``with`` block; afterwards they are as before."""
    with torch_threads(1):  # around the others, which would restore torch's threads in this one alone
        limited: AbstractContextManager[object] = _controller("torch" in sys.modules).limit(limits=1)
        with limited:  # it took effect when it was made
            yield


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Set the number of torch's threads inside of a ``with`` block, if torch is loaded."""
    torch = sys.modules.get("torch")
    if torch is None:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@cache
def _controller(with_torch: bool) -> ThreadpoolController:  # noqa: ARG001 - another one once torch is loaded
    """The libraries with threads, looked for once: that reads the process's memory map, some ms."""
    return ThreadpoolController()
