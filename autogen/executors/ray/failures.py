"""Reasons of a worker's death, from Ray's errors, in one line for the journal."""

import re

from ray import exceptions

NODE_LOST, OUT_OF_REACH = "worker lost with its node", "worker out of reach"
#: Reasons that are no fault of the worker.
BLAMELESS = (NODE_LOST, OUT_OF_REACH)
#: Beginning of the reason of a worker that was killed or crashed, and raised no exception.
KILLED = "worker died: Worker "
_DETAIL = re.compile(r"Worker exit detail: (?P<detail>[^.]+)")


def reason_of(error: BaseException) -> str:
    """Describe why a worker died."""
    text = " ".join(str(error).split())
    if isinstance(error, exceptions.OutOfMemoryError) or "OutOfMemory" in text or "memory monitor" in text:
        return "worker killed by Ray: its node ran out of memory"
    if isinstance(error, exceptions.NodeDiedError) or "node has died" in text or "node was" in text:
        return NODE_LOST
    if isinstance(error, exceptions.ObjectLostError):
        return f"its results were lost with a node: {text[:200]}"
    if isinstance(error, exceptions.ActorUnavailableError):
        return OUT_OF_REACH
    detail = _DETAIL.search(text)
    if detail:
        return f"worker died: {detail['detail']}"
    return f"worker died: {type(error).__name__}: {text[:200]}"
