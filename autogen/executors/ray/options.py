"""Options of the executor on a Ray cluster."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from autogen.errors import SettingsError
from autogen.hpo.executor import Options

#: Addresses of clusters that this machine is part of.
HERE = ("auto", "local")

_BYTES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_BYTES |= {f"{unit}i": 2 ** (10 * power) for power, unit in enumerate("kmgt", start=1)}
_MOST_BYTES = 10**15
_SIZE = re.compile(r"(?P<amount>\d+(?:\.\d+)?)\s*(?P<unit>[kmgt]i?|)b?", re.IGNORECASE)


@dataclass(frozen=True)
class RayOptions(Options):
    """Options of the executor on a Ray cluster.

    Attributes:
        address: Cluster to join: ``auto`` (the one this machine is part of), ``ray://host:port``,
            ``host:port``, or ``local`` (one of this machine alone, started and ended with the study).
        gpus_per_trial: GPUs, or the share of one, of each worker.
        memory_per_trial: Memory of each worker, such as ``2GB``; empty: no limit.
        storage: Folder or URL that all nodes reach, for checkpoints of running trials; empty: none.
        replicas: Processes of one node that train a trial together, each on a core; they share the trial's
            GPUs and memory. A number.
    """

    address: str = "auto"
    gpus_per_trial: float = 0.0
    memory_per_trial: str = ""
    storage: str = ""
    replicas: str = "1"

    def __post_init__(self) -> None:
        if self.gpus_per_trial < 0 or (self.gpus_per_trial > 1 and self.gpus_per_trial % 1):
            number = self.gpus_per_trial
            raise SettingsError(f"gpus_per_trial is a share of a GPU or a whole number of them, not {number}")
        parse_bytes(self.memory_per_trial)
        if not (self.replicas.isdecimal() and int(self.replicas)):
            raise SettingsError(
                f"replicas is a number from 1 on where trials run on a cluster, not {self.replicas!r}; auto "
                "is for the executor local"
            )

    @property
    def memory(self) -> int:
        """Bytes of each worker; 0 for no limit."""
        return parse_bytes(self.memory_per_trial)

    def worker_count(self, asked: int) -> int:
        """As many as are asked for; 0 for as many as the cluster has room for."""
        return asked

    def replica_count(self) -> int:
        """Number of processes that train a trial together."""
        return int(self.replicas)

    def about(self) -> str:
        """The cluster's address, and the number of replicas if there are several."""
        replicas = f" of {self.replicas} replicas" if self.replica_count() > 1 else ""
        return f"{replicas} on Ray ({self.address})"

    def trains_on(self) -> str:
        """Empty, since the hardware of the nodes is unknown."""
        return ""

    def foreign(self) -> Mapping[str, str]:
        """A cluster that this machine is no part of, and a storage, where files are written and removed."""
        found = {}
        if self.address not in HERE:
            found["address"] = f"the study joins the cluster at {self.address}, which would run code here"
        if self.storage:
            found["storage"] = f"the study writes and removes files in {self.storage}"
        return found


def parse_bytes(text: str) -> int:
    """Bytes of ``2GB``, ``500 MB``, ``1.5GiB``; 0 for an empty text.

    Raises:
        SettingsError: another form, or an amount of zero.
    """
    if not text.strip():
        return 0
    match = _SIZE.fullmatch(text.strip())
    if match is None or float(match["amount"]) == 0:
        raise SettingsError(f"an amount of memory looks like 500MB or 2GB, not {text!r}")
    amount = float(match["amount"]) * _BYTES[match["unit"].lower()]
    if amount > _MOST_BYTES:
        raise SettingsError(f"{text.strip()[:40]} is more memory than any machine has; give up to 1000TB")
    return int(amount)
