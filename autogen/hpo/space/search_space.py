"""Search spaces: trees whose branches are model families, each with its own parameters."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from autogen.errors import SpaceError, UnknownNameError
from autogen.hpo.space import toml
from autogen.hpo.space.branch import Branch, total
from autogen.hpo.space.names import unknown
from autogen.hpo.space.parameters import Constant, Parameter
from autogen.hpo.space.shipped import read_space
from autogen.hpo.trial import Config, Value, config_key

#: Keys of a space's file that name no family.
RESERVED = ("about", "first", "portfolio", "least_seconds")

_MOST_NARROWED = 256  # size of the cache of narrowed spaces, one for each architecture in use


class SearchSpace:
    """Conditional tree: ``family`` chooses a branch, and conditions choose its active parameters.

    A config is flat and holds only active parameters, with constants:
    ``{"family": "vae", "model.latent_dim": 32, "training.lr": 1e-3}``.

    Args:
        branches: family to parameters by key (``model.latent_dim``); a bare value is a constant.
        first: families whose defaults every search tries first, with any sampler.
        portfolio: configs that were good elsewhere, which model-based search tries next, in this order; what
            one leaves out has its default.
        least_seconds: family to the seconds of a budget below which ``within`` leaves it out; default none.
        about: purpose of the space, in one sentence.
        origin: file of the space, for messages.

    Raises:
        SpaceError: a parameter or a condition is wrong, or a family of ``first`` is missing, or a
            config of the portfolio is no point of the space.
    """

    def __init__(
        self,
        branches: Mapping[str, Mapping[str, Parameter | Value]],
        *,
        first: Sequence[str] = (),
        portfolio: Sequence[Config] = (),
        least_seconds: Mapping[str, float] | None = None,
        about: str = "",
        origin: str = "",
    ) -> None:
        if not branches:
            raise SpaceError(f"{origin or 'a search space'}: must have at least one family, but it has none")
        self.about = about
        self.origin = origin
        self._branches = {family: _branch(family, branches[family], origin) for family in branches}
        self._narrowed: dict[str, SearchSpace] = {}
        self.first = tuple(first)
        self.least_seconds = dict(least_seconds or {})
        for family in (*self.first, *self.least_seconds):
            self.branch(family)
        self.portfolio = tuple(self._completed(place, config) for place, config in enumerate(portfolio))

    @classmethod
    def load(cls, name_or_path: str | Path) -> "SearchSpace":
        """Read a space from a TOML file, or by the name of a shipped space.

        Raises:
            SpaceError: the file cannot be read or does not hold a search space.
            UnknownNameError: there is no such name.
        """
        path = Path(name_or_path)
        if isinstance(name_or_path, str) and path.suffix != ".toml" and len(path.parts) == 1:
            return cls._of(read_space(name_or_path), name_or_path)
        return cls.parse(toml.read(path), origin=str(path))

    @classmethod
    def parse(cls, text: str, origin: str = "<string>") -> "SearchSpace":
        """Read a space from TOML text.

        Raises:
            SpaceError: the text does not hold a search space.
        """
        return cls._of(toml.parse(text, origin), origin)

    @classmethod
    def _of(cls, said: toml.Document, origin: str) -> "SearchSpace":
        return cls(
            said.branches,
            first=said.first,
            portfolio=said.portfolio,
            least_seconds=said.least_seconds,
            about=said.about,
            origin=origin,
        )

    @property
    def families(self) -> tuple[str, ...]:
        """Names of the families."""
        return tuple(self._branches)

    def branch(self, family: str) -> Branch:
        """Look up the branch of a family.

        Raises:
            UnknownNameError: the space has no such family; the nearest one is suggested.
        """
        if family not in self._branches:
            where = f" in {self.origin}" if self.origin else ""
            raise UnknownNameError(unknown("family", family, self._branches).replace(";", f"{where};", 1))
        return self._branches[family]

    def default(self, family: str) -> dict[str, Value]:
        """Make the config of a family's defaults."""
        return self.branch(family).default()

    def sample(self, rng: np.random.Generator, fixed: Config | None = None) -> dict[str, Value]:
        """Draw a config: a family uniformly, then each active parameter uniformly over its domain.

        Args:
            rng: random generator, from which a fixed number of draws is taken.
            fixed: values that some parameters of the config must have, possibly ``family``.

        Raises:
            SpaceError: no config has the fixed values.
        """
        units = rng.random(1 + self._longest).tolist()
        branches = list((self.given(fixed) if fixed else self)._branches.values())
        return branches[int(units[0] * len(branches))].from_units(units[1:])

    def active(self, config: Config) -> tuple[str, ...]:
        """List the keys of the parameters that are active, given the values of a config."""
        return self._branch_of(config).active(config)

    def validate(self, config: Config) -> None:
        """Check that a config is a point of the space.

        Raises:
            SpaceError: a parameter is unknown, missing, inactive or outside of its domain.
        """
        complaint = self._branch_of(config).complaint(config)
        if complaint is not None:
            advice = f"Correct {self.origin or 'the space'} or the config."
            raise SpaceError(f"{complaint}{'' if complaint.endswith('?') else '.'} {advice}")

    def restrict(self, families: Iterable[str]) -> "SearchSpace":
        """Restrict the space to some families.

        Raises:
            UnknownNameError: the space lacks one of them; the nearest one is suggested.
        """
        return self._with({family: self.branch(family) for family in families})

    def within(self, seconds: float | None) -> "SearchSpace":
        """Leave out the families that need more than these seconds of a budget; ``None`` for no limit."""
        limit = math.inf if seconds is None else seconds
        left = [family for family in self.families if self.least_seconds.get(family, 0) <= limit]
        return self.restrict(left or self.families)

    def given(self, fixed: Config) -> "SearchSpace":
        """Narrow the space to the configs with these values.

        Raises:
            SpaceError: no config has them.
        """
        key = config_key(fixed)
        if key not in self._narrowed:
            if len(self._narrowed) >= _MOST_NARROWED:
                self._narrowed.pop(next(iter(self._narrowed)))
            self._narrowed[key] = self._with(self._narrow(fixed))
        return self._narrowed[key]

    def size(self) -> int | float:
        """Count the configs; ``math.inf`` if a parameter is continuous."""
        return total(branch.size for branch in self._branches.values())

    def continuous(self) -> tuple[str, ...]:
        """List the parameters with infinitely many values, as ``family.key``."""
        return tuple(f"{one.family}.{key}" for one in self._branches.values() for key in one.continuous())

    def grid_at(self, index: int) -> dict[str, Value]:
        """Compute the config with this index, 0 to ``size() - 1``, in a fixed order; finite spaces only."""
        assert self.size() < math.inf
        for branch in self._branches.values():
            if index < branch.size:
                return branch.grid_at(index)
            index -= int(branch.size)
        raise IndexError("beyond the last config of the space")

    def grid(self) -> Iterator[dict[str, Value]]:
        """Iterate over all configs.

        Raises:
            SpaceError: there are infinitely many.
        """
        if (size := self.size()) == math.inf:
            raise SpaceError(
                f"a grid needs finitely many values of each parameter, but {', '.join(self.continuous())} "
                f"{'has' if len(self.continuous()) == 1 else 'have'} infinitely many; give a step"
            )
        return (self.grid_at(index) for index in range(int(size)))

    def to_toml(self) -> str:
        """Write the space as TOML text for ``parse``."""
        # In the order of declaration, by which random points are drawn: a stored space draws the same ones.
        branches = {family: dict(branch.declared()) for family, branch in self._branches.items()}
        return toml.dump(self.about, branches, self.first, self.portfolio, self.least_seconds)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SearchSpace):
            return NotImplemented
        said = [(one.about, one.first, one.portfolio, one.least_seconds) for one in (self, other)]
        return said[0] == said[1] and self._parameters() == other._parameters()

    def __hash__(self) -> int:
        return hash((self.about, self.families))

    def __repr__(self) -> str:
        return f"SearchSpace({', '.join(self.families)}; {self.size()} configs)"

    def _parameters(self) -> dict[str, dict[str, Parameter]]:
        return {family: branch.parameters for family, branch in self._branches.items()}

    @property
    def _longest(self) -> int:
        """Largest number of parameters of a branch."""
        return max(len(branch.parameters) for branch in self._branches.values())

    def rebuilt(
        self,
        branches: Mapping[str, Mapping[str, Parameter | Value]],
        portfolio: Sequence[Config] | None = None,
        first: Sequence[str] | None = None,
    ) -> "SearchSpace":
        """Build a space with other parameters, or families, and all else as in this one.

        Args:
            branches: Family to its parameters and constants, by key.
            portfolio: Configs to try first; default those of this space.
            first: Families whose defaults come before all else; default those of this space.

        Raises:
            SpaceError: a branch or a config of the portfolio is none of such a space.
        """
        return SearchSpace(
            branches,
            first=self.first if first is None else first,
            portfolio=self.portfolio if portfolio is None else portfolio,
            least_seconds=self.least_seconds,
            about=self.about,
            origin=self.origin,
        )

    def _with(self, branches: dict[str, Branch]) -> "SearchSpace":
        """Copy the space with other branches."""
        if not branches:
            raise SpaceError("at least one family is needed, but none is named")
        space = SearchSpace.__new__(SearchSpace)
        space.about, space.origin = self.about, self.origin
        space.first = tuple(family for family in self.first if family in branches)
        space.least_seconds = {one: least for one, least in self.least_seconds.items() if one in branches}
        space._branches, space._narrowed = branches, {}
        space.portfolio = tuple(
            config
            for config in self.portfolio
            if (own := branches.get(str(config["family"]))) and own.complaint(config) is None
        )
        return space

    def _narrow(self, fixed: Config) -> dict[str, Branch]:
        """Narrow all branches that have configs with these values."""
        families = [str(fixed["family"])] if "family" in fixed else list(self.families)
        families = [one for one in families if fixed.keys() <= {"family", *self.branch(one)}] or families
        found, complaint = {}, None
        for family in families:
            try:
                found[family] = self.branch(family).given(fixed)
            except SpaceError as error:
                complaint = error
        if complaint is not None and not found:
            raise complaint
        return found

    def _completed(self, place: int, config: Config) -> Config:
        """Fill in the defaults of a config of the portfolio, and check it."""
        where = f"{self.origin}: " if self.origin else ""
        try:
            branch = self._branch_of(config)
        except (SpaceError, UnknownNameError) as error:
            raise SpaceError(f"{where}portfolio[{place}]: {error}") from None
        full = branch.fill(lambda key, parameter: config.get(key, parameter.initial))
        if complaint := branch.complaint({**full, **config}):
            raise SpaceError(f"{where}portfolio[{place}]: {complaint}")
        return full

    def _branch_of(self, config: Config) -> Branch:
        """Find the branch of a config."""
        if "family" not in config:
            raise SpaceError(f"a config must have a family ({', '.join(self.families)}), but it has none")
        return self.branch(str(config["family"]))


def _branch(family: str, parameters: Mapping[str, Parameter | Value], origin: str) -> Branch:
    """Make the branch of a family; bare values become constants, and errors name the file and key."""
    where = f"{origin}: " if origin else ""
    if family in ("", *RESERVED) or not isinstance(family, str):
        names = ", ".join(map(repr, RESERVED))
        raise SpaceError(f"{where}a family must have a name other than {names}, but one is {family!r}")
    try:
        full = {
            key: value if isinstance(value, Parameter) else Constant(value)
            for key, value in parameters.items()
        }
        if "family" in full:
            raise SpaceError("family: must not be a parameter, since the name of the table gives it")
        return Branch(family, full)
    except SpaceError as error:
        raise SpaceError(f"{where}{family}.{error}") from None
