"""Modules whose tensors have the sizes that fitting gave them, and are checked when they are loaded."""

from collections.abc import Mapping
from typing import Any

from torch import nn


class FittedBuffers(nn.Module):
    """Module of buffers that are loaded with any size; what does not fit together is refused."""

    def fault(self) -> str:
        """Why the tensors are no model of the data; empty for none."""
        raise NotImplementedError

    def forget(self) -> None:
        """Forget what was worked out from the tensors before these were loaded."""

    def _load_from_state_dict(
        self, state_dict: Mapping[str, Any], prefix: str, *rest: Any, **more: Any
    ) -> None:
        """Take over tensors of any size, of the same types and numbers of dimensions."""
        for name, own in self.named_buffers(recurse=False):
            given = state_dict.get(prefix + name)
            if given is not None and given.dtype == own.dtype and given.ndim == own.ndim:
                setattr(self, name, given.new_empty(given.shape, device=own.device))
        super()._load_from_state_dict(state_dict, prefix, *rest, **more)
        self.forget()
        if why := self.fault():
            rest[-1].append(f"{prefix}: {why}")
