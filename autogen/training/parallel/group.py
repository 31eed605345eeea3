"""Ranks that train one model together: their meeting, sums and broadcasts, by torch.distributed."""

import json
import os
import socket
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh

from autogen.documents import parse_json
from autogen.errors import SpaceError, WorkerLost

#: Bytes of gradients in one message, as of torch's DistributedDataParallel.
_BUCKET = 25 * 2**20
_MEETING = timedelta(seconds=120)  # to import torch and read the data
_LOOPBACK = ("lo", "lo0")
_SENDERS = ("gloo", "NCCL")  # named in the errors of messages
#: How long a rank waits for what the others send, who begin each step together with it.
_PATIENCE = timedelta(minutes=10)


def listen(address: str) -> socket.socket:
    """Listen for the other ranks on a free port of one address, and of no other."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    server = socket.socket(family, socket.SOCK_STREAM)
    server.bind((address, 0))
    server.listen()
    return server


class Group:
    """Processes that train one model together; each of them has one, and all call it in the same order.

    Args:
        rank: Number of this process, from 0.
        size: N, number of processes.
        address: Address of rank 0.
        port: Port that rank 0 listens on.
        device: Device that this rank trains on.
        backend: ``gloo``, or ``nccl`` where each rank has a card of its own.
        server: Socket of rank 0 from ``listen``; ``None`` elsewhere.

    Sums and copies raise ``WorkerLost`` where another rank is gone or does not answer.
    """

    def __init__(
        self,
        rank: int,
        size: int,
        address: str,
        port: int,
        device: torch.device,
        backend: str = "gloo",
        server: socket.socket | None = None,
    ) -> None:
        self.rank, self.size, self.device = rank, size, device
        self._device = device if backend == "nccl" else torch.device("cpu")
        if address.startswith("127.") and (names := _loopback()):
            os.environ["GLOO_SOCKET_IFNAME"] = os.environ["NCCL_SOCKET_IFNAME"] = names
        heard = None if server is None else server.detach()
        store = dist.TCPStore(  # type: ignore[attr-defined]
            address,
            port,
            size,
            is_master=rank == 0,
            timeout=_MEETING,
            wait_for_workers=False,
            master_listen_fd=heard,
            use_libuv=heard is None,  # torch takes over a socket by its other backend alone
        )
        if backend == "nccl":
            torch.cuda.set_device(device)
        dist.init_process_group(backend, store=store, rank=rank, world_size=size, timeout=_PATIENCE)

    def reduce(self, gradients: Sequence[Tensor], loss: Tensor, weight: float) -> Tensor:
        """Replace gradients by their weighted sums over all ranks, in place.

        Args:
            gradients: Gradients of this rank, of equal shapes on all ranks.
            loss: Loss of this rank, a scalar.
            weight: Weight of this rank.

        Returns:
            The weighted sum of all ranks' losses, a scalar.
        """
        loss = loss.detach().clone()
        waiting = []
        for bucket in _buckets([*gradients, loss]):
            flat = torch.cat([tensor.reshape(-1) for tensor in bucket]).mul_(weight)
            with _all_answer():
                waiting.append((bucket, flat, dist.all_reduce(flat, async_op=True)))
        for bucket, flat, work in waiting:
            with _all_answer():
                work.wait()
            for tensor, part in zip(bucket, torch.split(flat, [t.numel() for t in bucket]), strict=True):
                tensor.copy_(part.view_as(tensor))
        return loss

    def sum(self, values: Tensor) -> Tensor:
        """Sum values (...) over all ranks."""
        values = values.contiguous().clone()
        with _all_answer():
            dist.all_reduce(values)
        return values

    def gather(self, part: Tensor) -> list[Tensor]:
        """Return the parts of all ranks, of one shape, in their order; none on other ranks than 0."""
        sent = part.to(self._device).contiguous()  # gloo gathers nothing from cards
        parts = [torch.empty_like(sent) for _ in range(self.size)] if self.rank == 0 else []
        with _all_answer():
            dist.gather(sent, parts or None, dst=0)
        return [one.to(part.device) for one in parts]

    def give(self, tensors: Iterable[tuple[str, Tensor]]) -> None:
        """Send named tensors to rank 0, which calls ``taken``."""
        held = list(tensors)
        layout = json.dumps([(name, list(t.shape), str(t.dtype).rpartition(".")[2]) for name, t in held])
        text = torch.frombuffer(bytearray(layout.encode()), dtype=torch.uint8)
        for sent in (torch.tensor(len(text)), text, *(tensor for _, tensor in held)):
            with _all_answer():
                dist.send(sent.to(self._device).contiguous(), 0)

    def taken(self, rank: int) -> Iterator[tuple[str, Tensor]]:
        """Receive the named tensors that another rank gives, one at a time."""

        def received(shape: Sequence[int], dtype: torch.dtype) -> Tensor:
            tensor = torch.empty(tuple(shape), dtype=dtype, device=self._device)
            with _all_answer():
                dist.recv(tensor, rank)
            return tensor

        size = int(received((), torch.int64))
        layout = parse_json(bytes(received((size,), torch.uint8).tolist()).decode())
        for name, shape, dtype in layout:
            yield name, received(shape, getattr(torch, dtype))

    def mesh(self) -> DeviceMesh:
        """Return the ranks as torch's wrappers of modules take them."""
        return init_device_mesh(self._device.type, (self.size,))

    def refuse_shared_cards(self, parallel: str) -> None:
        """Refuse what needs a card for each rank. Raises ``SpaceError``."""
        if self.device.type != self._device.type:
            raise SpaceError(
                f"parallel = {parallel} needs a GPU for each of the {self.size} replicas, which now share "
                "some; use fewer replicas or workers, or --device cpu"
            )

    def __deepcopy__(self, _: object) -> "Group":
        """Return the group itself, which copies of a model belong to as well."""
        return self

    def any(self, flag: bool) -> bool:
        """Tell whether a flag is set on any rank."""
        return bool(self.sum(torch.tensor(float(flag), device=self._device)) > 0)

    def broadcast(self, tensors: Iterable[Tensor], source: int = 0) -> None:
        """Copy tensors of one rank into those of the others, in place."""
        for tensor in tensors:
            if tensor.numel():
                sent = tensor.to(self._device).contiguous()
                with _all_answer():
                    dist.broadcast(sent.view(torch.uint8) if sent.dtype == torch.bool else sent, source)
                if self.rank != source:
                    tensor.copy_(sent)

    def leave(self) -> None:
        """Forget the group, whose other ranks may be gone."""
        dist.destroy_process_group()


def lost(error: ConnectionError | RuntimeError) -> WorkerLost:
    """Return what the error of a message means: another rank is gone or does not answer in time."""
    why = (str(error).splitlines() or [""])[0].rpartition("] ")[2]
    return WorkerLost(f"another replica is gone or does not answer: {why}")


def is_of_a_message(error: BaseException) -> bool:
    """Tell whether an error is that of a message to another rank, maybe one inside of a model's layers."""
    if isinstance(error, ConnectionError):
        return True
    if not isinstance(error, RuntimeError):
        return False
    return isinstance(error, dist.DistError) or any(name in str(error) for name in _SENDERS)


@contextmanager
def _all_answer() -> Iterator[None]:
    """Raise ``WorkerLost`` where torch says that another rank is gone or does not answer in time."""
    try:
        yield
    except RuntimeError as error:
        raise lost(error) from error


def _buckets(tensors: Sequence[Tensor]) -> list[list[Tensor]]:
    """Split tensors, in their order, into lists of one dtype and at most some megabytes, or of one tensor."""
    buckets: list[list[Tensor]] = []
    room, dtype = 0, None
    for tensor in tensors:
        size = tensor.numel() * tensor.element_size()
        if not buckets or tensor.dtype != dtype or size > room:
            buckets.append([])
            room, dtype = _BUCKET, tensor.dtype
        buckets[-1].append(tensor)
        room -= size
    return buckets


def _loopback() -> str:
    """Name of the interface that this machine reaches itself by; empty if it is unknown."""
    names = [name for _, name in socket.if_nameindex()]
    return next((name for name in _LOOPBACK if name in names), "")
