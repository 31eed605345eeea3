"""What a search learns from earlier studies: their trials, as far as they are points of its space."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.study.state import TrialRecord
from autogen.hpo.trial import Config, Outcome, State

#: Most trials of an earlier study that are learned from: the first ones.
MOST = 1000


@dataclass(frozen=True)
class EarlierStudy:
    """Trials of an earlier study.

    Attributes:
        source: Name of its run, for messages.
        trials: Configs and their outcomes, in the order in which the trials were asked.
    """

    source: str
    trials: tuple[tuple[Config, Outcome], ...]

    @classmethod
    def of(
        cls, source: str, records: Iterable[TrialRecord], space: SearchSpace, usual: Config | None = None
    ) -> "EarlierStudy":
        """Take the trials that have ended and are points of a space; those that were cut are not.

        Args:
            source: Name of the run.
            records: Its trials.
            space: Search space of the study that learns.
            usual: Values of parameters that a config of the run may lack and the space has; none by default.
        """
        ended = [one for one in records if one.state is not State.RUNNING and not one.cut]
        known = [(completed(space, one.proposed, usual or {}), one.outcome) for one in ended]
        return cls(source, tuple([one for one in known if _lies_in(space, one[0])][:MOST]))

    @property
    def sha256(self) -> str:
        """Digest of the trials, which tells if two searches learn from the same."""
        return hashlib.sha256(json.dumps(self.to_json()["trials"], sort_keys=True).encode()).hexdigest()

    def family(self, name: str) -> list[tuple[Config, Outcome]]:
        """List the trials of a family."""
        return [(config, outcome) for config, outcome in self.trials if config["family"] == name]

    def best(self) -> list[Config]:
        """List the configs of the complete trials, that of the least loss first."""
        known = [(config, one.loss) for config, one in self.trials if one.state is State.COMPLETE]
        finite = [
            (loss, place) for place, (_, loss) in enumerate(known) if loss is not None and math.isfinite(loss)
        ]
        return [known[place][0] for _, place in sorted(finite)]

    def to_json(self) -> dict[str, Any]:
        """Convert to a record."""
        rows = [
            [dict(config), str(one.state), one.loss, one.fidelity, one.seconds] for config, one in self.trials
        ]
        return {"source": self.source, "trials": rows}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "EarlierStudy":
        """Read a record of ``to_json``.

        Raises:
            ValueError, TypeError, KeyError: it is none.
        """
        trials = [
            (dict(config), Outcome(number, State(state), loss, float(share), {}, float(seconds)))
            for number, (config, state, loss, share, seconds) in enumerate(record["trials"])
        ]
        return cls(str(record["source"]), tuple(trials))


def completed(space: SearchSpace, config: Config, usual: Config) -> Config:
    """Add the values that a config lacks of parameters that its family has in a space."""
    family = str(config.get("family"))
    known = space.branch(family) if family in space.families else ()
    return {key: value for key, value in usual.items() if key in known} | dict(config)


def _lies_in(space: SearchSpace, config: Config) -> bool:
    """Tell if a config is a point of a space."""
    family = str(config.get("family"))
    return family in space.families and space.branch(family).complaint(config) is None
