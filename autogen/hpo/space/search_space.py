"""A search space: a tree whose branches are model families, each with its own parameters."""

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

_MOST_NARROWED = 256  # narrowed spaces kept: one for each architecture of which trials are asked by turns


class SearchSpace:
    """A conditional tree: the parameter ``family`` chooses a branch, conditions choose what is active in it.

    A config is flat and holds active parameters only, constants included:
    ``{"family": "vae", "model.latent_dim": 32, "training.lr": 1e-3}``.

    Args:
        branches: Family to parameters by key (``model.latent_dim``); a bare value is a constant.
        first: Families whose defaults every search tries before all else, whatever the sampler.
        about: What the space is for.
        origin: Where it was written down, for messages.

    Raises:
        SpaceError: a domain or a condition is wrong, or a first family is not there.
    """

    def __init__(
        self,
        branches: Mapping[str, Mapping[str, Parameter | Value]],
        *,
        first: Sequence[str] = (),
        about: str = "",
        origin: str = "",
    ) -> None:
        if not branches:
            raise SpaceError(f"{origin or 'a search space'}: must have at least one family, but has none")
        self.about = about
        self.origin = origin
        self._branches = {family: _branch(family, branches[family], origin) for family in branches}
        self._narrowed: dict[str, SearchSpace] = {}
        self.first = tuple(first)
        for family in self.first:
            self.branch(family)

    @classmethod
    def load(cls, name_or_path: str | Path) -> "SearchSpace":
        """Read a space from a TOML file, or by the name of one that comes with the package.

        Raises:
            SpaceError: the file cannot be read or does not hold a search space.
            UnknownNameError: no such name.
        """
        path = Path(name_or_path)
        if isinstance(name_or_path, str) and path.suffix != ".toml" and len(path.parts) == 1:
            about, first, branches = read_space(name_or_path)
            return cls(branches, first=first, about=about, origin=name_or_path)
        return cls.parse(toml.read(path), origin=str(path))

    @classmethod
    def parse(cls, text: str, origin: str = "<string>") -> "SearchSpace":
        """Read a space from TOML text.

        Raises:
            SpaceError: it does not hold a search space; file, key, what was expected, what came.
        """
        about, first, branches = toml.parse(text, origin)
        return cls(branches, first=first, about=about, origin=origin)

    @property
    def families(self) -> tuple[str, ...]:
        """Names of the branches."""
        return tuple(self._branches)

    def branch(self, family: str) -> Branch:
        """The parameters of a family.

        Raises:
            UnknownNameError: the space has no such family; the nearest one is suggested.
        """
        if family not in self._branches:
            where = f" in {self.origin}" if self.origin else ""
            raise UnknownNameError(unknown("family", family, self._branches).replace(";", f"{where};", 1))
        return self._branches[family]

    def default(self, family: str) -> dict[str, Value]:
        """The config of a family in which every parameter has its default."""
        return self.branch(family).default()

    def sample(self, rng: np.random.Generator, fixed: Config | None = None) -> dict[str, Value]:
        """Draw a config: a family uniformly, then each active parameter uniformly over its domain.

        Args:
            rng: The source of randomness; always the same number of draws is taken from it.
            fixed: Parameters with values that the config must have, ``family`` among them.

        Raises:
            SpaceError: no config has the fixed values.
        """
        units = rng.random(1 + self._longest).tolist()
        branches = list((self.given(fixed) if fixed else self)._branches.values())
        return branches[int(units[0] * len(branches))].from_units(units[1:])

    def active(self, config: Config) -> tuple[str, ...]:
        """Keys of the parameters that are active given the family and the values in a config."""
        return self._branch_of(config).active(config)

    def validate(self, config: Config) -> None:
        """Check that a config is a point of the space.

        Raises:
            SpaceError: it is not: a parameter is unknown, missing, inactive or outside its domain.
        """
        complaint = self._branch_of(config).complaint(config)
        if complaint is not None:
            cure = f"Mend {self.origin} or the config." if self.origin else "Mend the space or the config."
            raise SpaceError(f"{complaint}{'' if complaint.endswith('?') else '.'} {cure}")

    def restrict(self, families: Iterable[str]) -> "SearchSpace":
        """The part of the space with these families only.

        Raises:
            UnknownNameError: the space lacks one of them; the nearest one is suggested.
        """
        return self._with({family: self.branch(family) for family in families})

    def given(self, fixed: Config) -> "SearchSpace":
        """The part of the space in which parameters have these values.

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
        """How many configs there are; ``math.inf`` if a parameter is continuous."""
        return total(branch.size for branch in self._branches.values())

    def continuous(self) -> tuple[str, ...]:
        """The parameters with infinitely many values, as ``family.key``."""
        return tuple(f"{one.family}.{key}" for one in self._branches.values() for key in one.continuous())

    def grid_at(self, index: int) -> dict[str, Value]:
        """The config with this index, 0 to ``size() - 1``, in a fixed order; for finite spaces only."""
        assert self.size() < math.inf
        for branch in self._branches.values():
            if index < branch.size:
                return branch.grid_at(index)
            index -= int(branch.size)
        raise IndexError("beyond the last config of the space")

    def grid(self) -> Iterator[dict[str, Value]]:
        """Every config once, one at a time.

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
        """The space as TOML text that ``parse`` reads back."""
        branches = {family: branch.parameters for family, branch in self._branches.items()}
        return toml.dump(self.about, branches, self.first)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SearchSpace):
            return NotImplemented
        same = self.about == other.about and self.first == other.first
        return same and self._parameters() == other._parameters()

    def __hash__(self) -> int:
        return hash((self.about, self.families))

    def __repr__(self) -> str:
        return f"SearchSpace({', '.join(self.families)}; {self.size()} configs)"

    def _parameters(self) -> dict[str, dict[str, Parameter]]:
        return {family: branch.parameters for family, branch in self._branches.items()}

    @property
    def _longest(self) -> int:
        """The largest number of parameters of a branch."""
        return max(len(branch.parameters) for branch in self._branches.values())

    def _with(self, branches: dict[str, Branch]) -> "SearchSpace":
        """This space with other branches."""
        if not branches:
            raise SpaceError("at least one family must be named, but none is")
        space = SearchSpace.__new__(SearchSpace)
        space.about, space.origin = self.about, self.origin
        space.first = tuple(family for family in self.first if family in branches)
        space._branches, space._narrowed = branches, {}
        return space

    def _narrow(self, fixed: Config) -> dict[str, Branch]:
        """The branches that have configs with these values, narrowed to them."""
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

    def _branch_of(self, config: Config) -> Branch:
        """The branch that a config belongs to."""
        if "family" not in config:
            raise SpaceError(f"a config must have a family ({', '.join(self.families)}), but it has none")
        return self.branch(str(config["family"]))


def _branch(family: str, parameters: Mapping[str, Parameter | Value], origin: str) -> Branch:
    """A family's branch; bare values become constants, complaints get their place."""
    where = f"{origin}: " if origin else ""
    if family in ("", "about", "first") or not isinstance(family, str):
        raise SpaceError(
            f"{where}a family must have a name other than 'about', 'first', but one is {family!r}"
        )
    try:
        full = {
            key: value if isinstance(value, Parameter) else Constant(value)
            for key, value in parameters.items()
        }
        if "family" in full:
            raise SpaceError("family: must not be a parameter, since the table's name says it")
        return Branch(family, full)
    except SpaceError as error:
        raise SpaceError(f"{where}{family}.{error}") from None
