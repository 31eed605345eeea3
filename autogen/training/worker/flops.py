"""Floating-point operations and peak memory of a computation, counted and not timed.

Torch's counter sees no operation inside a fused kernel, so that on a CPU an LSTM and attention seem free.
Such kernels are switched off while counting. The count then agrees to the last operation with one on the
``meta`` device, in a quarter of the time.
"""

import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

#: Names of kernels that hide products of matrices which no formula counts.
_OPAQUE = ("mkldnn", "onednn", "_encoder_layer_fwd", "_native_multi_head", "_for_cpu")


class TooSlowError(Exception):
    """The count was stopped: it would take longer than allowed."""


class _Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counter of operations and of the bytes of living tensors; stops at a time of ``time.monotonic()``."""

    def __init__(self, deadline: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.deadline = deadline
        self.flops = 0
        self.opaque = False
        self.held = self.peak = 0
        self._living: dict[int, weakref.ref[torch.UntypedStorage]] = {}

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        if time.monotonic() > self.deadline:
            raise TooSlowError
        out = func(*args, **(kwargs or {}))
        packet = func._overloadpacket
        if packet in flop_registry:
            self.flops += flop_registry[packet](*args, **(kwargs or {}), out_val=out)
        elif any(word in packet.__name__ for word in _OPAQUE):
            self.opaque = True
        for leaf in tree_leaves(out):
            if isinstance(leaf, Tensor):
                self._hold(leaf.untyped_storage())
        return out

    def _hold(self, storage: torch.UntypedStorage) -> None:
        """Count a storage from its first use until it is freed."""
        key, size = id(storage), storage.nbytes()
        known = self._living.get(key)
        if known is not None and known() is storage:
            return

        def let_go(_: object) -> None:
            self.held -= size
            self._living.pop(key, None)

        self._living[key] = weakref.ref(storage, let_go)
        self.held += size
        self.peak = max(self.peak, self.held)


def count(compute: Callable[[], object], seconds: float) -> tuple[int | None, int] | None:
    """Run a computation without gradients and count its operations and memory.

    Args:
        compute: Function without side effects.
        seconds: Time limit; counting makes small operations several times slower.

    Returns:
        Floating-point operations, a multiply-add as two (``None`` where a kernel hides some), and the most
        bytes of
        its tensors held at once. ``None`` past the time limit.
    """
    counter = _Counter(time.monotonic() + seconds)
    try:
        with torch.no_grad(), _nothing_fused(), counter:
            compute()
    except TooSlowError:
        return None
    return (None if counter.opaque else counter.flops), counter.peak


@contextmanager
def _nothing_fused() -> Iterator[None]:
    """Split LSTM and attention into operations that can be counted."""
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with ExitStack() as stack:
            # None leaves a setting as it is
            stack.enter_context(torch.backends.mkldnn.flags(False, None, None, None))
            stack.enter_context(sdpa_kernel(SDPBackend.MATH))
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
