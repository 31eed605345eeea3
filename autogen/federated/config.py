"""Settings of the rounds of a trial, ``[<family>.federated]`` of a space, and families that can do it."""

from dataclasses import dataclass, fields, replace
from typing import Any

from autogen import registry
from autogen.data.federated.capability import HasSketches
from autogen.data.kind import DataKind
from autogen.errors import DataError, SettingsError, SpaceError
from autogen.families.base import FamilyConfig, HasLikelihood, HasRowLosses, ModelFamily
from autogen.families.counted import GrowsFromCounts
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.space.shipped import family_space
from autogen.hpo.trial import Config
from autogen.training.worker.work import typed

STRATEGIES = ("fedavg", "fedprox", "scaffold", "fedadam", "fedyogi")
_SECTION = "federated."
#: Most rounds of a trial, and local steps of a round: a server asks owners for no more.
MOST_ROUNDS, MOST_LOCAL_STEPS = 10_000, 10_000


@dataclass(frozen=True)
class Rounds:
    """Settings of the rounds of a trial.

    Attributes:
        strategy: One of ``STRATEGIES``.
        local_steps: Optimizer steps of an owner in a round.
        participation: Share of the owners that train in a round, in (0, 1].
        server_rate: Factor on the mean update; for ``fedavg``, ``fedprox`` and ``scaffold``.
        adaptive_rate: Learning rate of the server; for ``fedadam`` and ``fedyogi``.
        proximal: Weight of the squared distance from the weights of the round, for ``fedprox``.
    """

    strategy: str = "fedavg"
    local_steps: int = 25
    participation: float = 1.0
    server_rate: float = 1.0
    adaptive_rate: float = 1e-2
    proximal: float = 1e-2

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            raise SpaceError(f"federated.strategy is one of {', '.join(STRATEGIES)}, not {self.strategy!r}")
        if type(self.local_steps) is not int or not 1 <= self.local_steps <= MOST_LOCAL_STEPS:
            raise SpaceError(
                f"federated.local_steps is a whole number from 1 to {MOST_LOCAL_STEPS}, not "
                f"{self.local_steps!r:.40}"
            )
        if not 0 < self.participation <= 1:
            raise SpaceError(f"federated.participation is above 0 and at most 1, not {self.participation!r}")
        for name in ("server_rate", "adaptive_rate", "proximal"):
            if not 0 <= getattr(self, name) <= 100:
                raise SpaceError(f"federated.{name} is from 0 to 100, not {getattr(self, name)!r:.40}")


def of_model(config: Config) -> dict[str, Any]:
    """Return the settings of a config that the family has, without those of the rounds."""
    return {name: value for name, value in config.items() if not name.startswith(_SECTION)}


def rounds_of(config: Config) -> Rounds:
    """Read the settings of the rounds of a config.

    Raises:
        SpaceError: a setting is unknown or out of bounds.
    """
    given: dict[str, Any] = {
        name.removeprefix(_SECTION): value for name, value in config.items() if name.startswith(_SECTION)
    }
    known = [one.name for one in fields(Rounds)]
    if unknown := [name for name in given if name not in known]:
        raise SpaceError(f"federated.{unknown[0]} is not a setting; [federated] has {', '.join(known)}")
    return Rounds(**given)


def local(config: Config) -> tuple[ModelFamily, FamilyConfig, Rounds]:
    """Return the family of a config, its settings as an owner trains by them, and those of the rounds.

    The steps of the settings are those of all rounds; the server averages over time, not the owner.

    Raises:
        SpaceError: a setting is wrong, or training would need more of the rows than gradients.
    """
    rounds = rounds_of(config)
    family, settings = typed(of_model(config))
    if why := why_not(family, settings):
        raise SpaceError(f"{config['family']} cannot be trained by several owners: {why}")
    if not 1 <= settings.training.steps <= MOST_ROUNDS:
        raise SpaceError(f"training.steps, the rounds, are from 1 to {MOST_ROUNDS}")
    if isinstance(family, GrowsFromCounts):
        return family, settings, rounds
    steps = settings.training.steps * rounds.local_steps
    training = replace(settings.training, steps=steps, ema=0.0)
    return family, FamilyConfig(settings.model, training), rounds


def why_not(family: ModelFamily, settings: FamilyConfig) -> str:
    """Say why a family cannot be trained by several owners with these settings; empty if it can."""
    if isinstance(family, GrowsFromCounts) and isinstance(family, HasLikelihood):
        return family.why_not_by_counts(settings)
    if not isinstance(family, HasRowLosses) or not isinstance(family, HasLikelihood):
        return "it learns from rows without gradients, or has no likelihood to be scored by"
    return family.why_not_by_row(settings)


def sketching(kind: DataKind) -> HasSketches:
    """Return a kind of data as one that has sketches. Raises ``DataError`` for others."""
    if not isinstance(kind, HasSketches):
        raise DataError(f"federated learning is for tables; this is {kind.name} data, which has no sketches")
    return kind


def space_for(kind: DataKind, name: str = "", families: tuple[str, ...] = ()) -> SearchSpace:
    """Load the search space of a study over several owners.

    Args:
        kind: Kind of the data.
        name: File of a space; empty for the shipped one.
        families: Families to search; all by default.

    Raises:
        SettingsError: a family cannot be trained by several owners.
    """
    space = SearchSpace.load(name or family_space("federated", (sketching(kind).federated_space,)))
    for family in families:
        able = issubclass(registry.get("family", family), HasRowLosses | GrowsFromCounts)
        if family not in space.families and not able:
            raise SettingsError(
                f"{family} cannot be trained by several owners: it learns from rows without gradients, or "
                f"mixes them; take {' or '.join(space.families)}"
            )
    space = space.restrict(families) if families else space
    for family in space.families:
        try:
            local(space.default(family))
        except SpaceError as error:
            raise SettingsError(f"the search space {name or 'federated'}: {error}") from None
    return space
