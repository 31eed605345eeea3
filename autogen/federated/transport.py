"""Ways between a server and owners. A way carries messages as bytes, counts them, and decides nothing."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from autogen.errors import RunError
from autogen.federated.messages import Message, pack, unpack
from autogen.federated.owner import Owner


@dataclass
class Traffic:
    """Bytes between the server and one owner.

    Attributes:
        sent: Bytes to the owner.
        received: Bytes that left the owner.
        answers: Number of its answers.
    """

    sent: int = 0
    received: int = 0
    answers: int = 0


class Transport(ABC):
    """Way between a server and owners.

    Attributes:
        traffic: Bytes to and from each owner so far, by its name.
    """

    traffic: dict[str, Traffic]

    @abstractmethod
    def present(self) -> tuple[str, ...]:
        """List the owners that can be asked now, sorted by name."""

    @abstractmethod
    def ask(self, requests: Mapping[str, Message], seconds: float) -> dict[str, Message]:
        """Ask owners, each once, and wait for their answers.

        Args:
            requests: Request by the owner's name.
            seconds: Longest wait.

        Returns:
            Answers by the owner's name. Those that did not answer in time, or are gone, are missing; an
            answer that cannot be read is a ``failed`` one.
        """

    def close(self) -> None:  # noqa: B027 - not all hold something
        """End the connection."""

    def note(self, owner: str, sent: int, received: int = 0) -> None:
        """Count the bytes of a request, and of its answer."""
        known = self.traffic.setdefault(owner, Traffic())
        known.sent += sent
        known.received += received
        known.answers += received > 0


def read_answer(data: bytes) -> Message:
    """Read an answer; one that cannot be read is a ``failed`` one."""
    try:
        return unpack(data)
    except RunError as error:
        return Message("failed", {"reason": str(error)})


class InProcess(Transport):
    """Owners in this process, for trying; what they send is packed as on any other way.

    Args:
        owners: The owners.
    """

    def __init__(self, owners: list[Owner]) -> None:
        self.owners = {owner.name: owner for owner in owners}
        self.traffic = {}

    def present(self) -> tuple[str, ...]:
        """List all owners."""
        return tuple(sorted(self.owners))

    def ask(self, requests: Mapping[str, Message], seconds: float) -> dict[str, Message]:
        """Ask one owner after the other; nobody is late."""
        found = {}
        for owner, request in requests.items():
            sent = pack(request)
            answer = pack(self.owners[owner].answer(unpack(sent)))
            self.note(owner, len(sent), len(answer))
            found[owner] = read_answer(answer)
        return found
