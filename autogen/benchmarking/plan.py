"""What a benchmark compares: data sets, models, seeds; read from a TOML file."""

import os
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_origin

from autogen import registry
from autogen.data.declaration import declared
from autogen.data.open import BUILT_IN_SETS
from autogen.errors import SettingsError
from autogen.hpo.budget import Budget
from autogen.hpo.space.names import nearest, unknown
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.space.shipped import space_names
from autogen.hpo.trial import Value
from autogen.training.worker.trial_folder import read_config

#: Families that a plan without models compares.
FAMILIES = ("vae", "gan", "autoregressive")
_WORDS = {str: "a text", int: "a whole number", bool: "true or false", dict: "a table", tuple: "a list"}


@dataclass(frozen=True)
class SetEntry:
    """A data set of a plan.

    Attributes:
        name: In tables and figures.
        source: Built-in name or path; where empty, the name.
        kind: Of the data; recognised where empty.
        rows: Most rows to use; 0 for all.
        metric: That scores it; the kind's own where empty.
        options: Of the reader.
    """

    name: str
    source: str = ""
    kind: str = ""
    rows: int = 0
    metric: str = ""
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelEntry:
    """A model of a plan.

    Attributes:
        name: In tables and figures.
        family: Whose default config in the kind's space it starts from.
        kinds: Of the data that it is trained on; all where empty.
        config: File of a search space with one config, taken whole (such as a run's best/config.toml).
        model: Settings of the architecture that differ from the default.
        training: Settings of the training that do.
    """

    name: str
    family: str = ""
    kinds: tuple[str, ...] = ()
    config: str = ""
    model: dict[str, Value] = field(default_factory=dict)
    training: dict[str, Value] = field(default_factory=dict)

    def config_in(self, space: str) -> dict[str, Value]:
        """The config to train, whose default stands in a search space. Raises ``UserError``."""
        if self.config:
            return dict(read_config(Path(self.config)))
        config = SearchSpace.load(space).default(self.family)
        config |= {f"model.{name}": value for name, value in self.model.items()}
        return config | {f"training.{name}": value for name, value in self.training.items()}


@dataclass(frozen=True)
class BenchmarkPlan:
    """What is compared.

    Attributes:
        name: Of the plan.
        sets: Data sets.
        models: Models.
        about: A sentence for the page.
        seeds: Trainings of each model on each data set.
        seed: Everything random follows from it, the split of the data too.
        rows: Shares of the train rows to train on; the ranking takes all of them.
        steps: Shares of the config's steps; the ranking takes all of them.
        spaces: Search space of each kind of data, for the defaults; the kind's own where it has none.
        skip_absent: Whether a data set that is not there is left out rather than an error.
        timeout: After how long a training is given up.
    """

    name: str
    sets: tuple[SetEntry, ...]
    models: tuple[ModelEntry, ...]
    about: str = ""
    seeds: int = 3
    seed: int = 0
    rows: tuple[float, ...] = (1.0,)
    steps: tuple[float, ...] = (1.0,)
    spaces: dict[str, str] = field(default_factory=dict)
    skip_absent: bool = False
    timeout: str = "1h"

    def space_of(self, kind: str) -> str:
        """Name or path of the search space for a kind of data."""
        return self.spaces.get(kind) or declared(kind).spaces[0]

    @property
    def timeout_seconds(self) -> float | None:
        """Seconds after which a training is given up."""
        return Budget.parse(self.timeout).seconds


def read_plan(path: Path | str) -> BenchmarkPlan:
    """Read a plan.

    Args:
        path: A TOML file, or the name of a plan that comes with the package.

    Raises:
        SettingsError: no such file, or something in it is wrong; one line that says what.
    """
    path = plan_path(path)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read the plan {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"the plan {path} is not TOML: {error}") from error
    try:
        return _plan(path, document)
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from None


def plan_names() -> tuple[str, ...]:
    """Names of the plans that come with the package."""
    return tuple(sorted(path.stem for path in _shipped().glob("*.toml")))


def plan_path(path: Path | str) -> Path:
    """The file of a plan; a bare name is one of the package's. Raises ``SettingsError``."""
    if isinstance(path, Path) or path.endswith(".toml") or Path(path).exists():
        return Path(path)
    if path not in plan_names():
        raise SettingsError(f"{unknown('plan', path, plan_names())} A file's name ends in .toml.")
    return _shipped() / f"{path}.toml"


def _shipped() -> Path:
    """Where the plans lie: inside the installed package, in a checkout beside it."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "plans"
    return inside if inside.is_dir() else package.parent / "benchmarks" / "plans"


def _plan(path: Path, document: dict[str, Any]) -> BenchmarkPlan:
    root = _root(document.pop("data", ""), path.parent)
    sets = document.pop("sets", {})
    models = document.pop("models", {})
    families = document.pop("families", () if models else FAMILIES)
    if not isinstance(sets, dict) or not sets:
        raise SettingsError("a plan needs data sets; add a table such as [sets.digits]")
    if not isinstance(models, dict):
        raise SettingsError(f"models are tables such as [models.wide], not {models!r}")
    if not isinstance(families, list | tuple) or not all(isinstance(one, str) for one in families):
        raise SettingsError(f'families is a list such as ["vae", "gan"], not {families!r}')
    entries = [_set(name, table, root) for name, table in sets.items()]
    compared = [ModelEntry(family, family) for family in families]
    compared += [_model(name, table, path.parent) for name, table in models.items()]
    values = _values(document, BenchmarkPlan, "the plan", ("sets", "models", "name"))
    spaces = values.get("spaces", {})
    values["spaces"] = {
        kind: str(path.parent / space) if str(space).endswith(".toml") else str(space)
        for kind, space in spaces.items()
    }
    plan = BenchmarkPlan(path.stem, tuple(entries), tuple(compared), **values)
    _check(plan)
    return plan


def _root(data: Any, beside: Path) -> Path:
    """The folder that paths of data sets start from; ``$NAME`` stands for an environment variable."""
    if not isinstance(data, str):
        raise SettingsError(f"data is the folder that the sets' paths start from, not {data!r}")
    return beside / Path(os.path.expandvars(data)).expanduser()


def _set(name: str, table: Any, root: Path) -> SetEntry:
    values = _values(table, SetEntry, f"sets.{name}", ("name",))
    source = str(values.pop("source", name))
    if source not in BUILT_IN_SETS:
        source = str(root / Path(os.path.expandvars(source)).expanduser())
    if values.get("rows", 1) < 1:
        raise SettingsError(
            f"sets.{name}.rows must be at least 1, not {values['rows']}; leave it out for all"
        )
    return SetEntry(name, source, **values)


def _model(name: str, table: Any, beside: Path) -> ModelEntry:
    values = _values(table, ModelEntry, f"models.{name}", ("name",))
    if ("family" in values) == ("config" in values):
        raise SettingsError(f"models.{name} needs either a family or a config, a file with one config")
    if "config" in values:
        if "model" in values or "training" in values:
            raise SettingsError(f"models.{name}: a config is taken whole; leave out [model] and [training]")
        values["config"] = str(beside / values["config"])
        values["family"] = str(read_config(Path(values["config"]))["family"])
    return ModelEntry(name, **values)


def _values(table: Any, wanted: type, where: str, fixed: tuple[str, ...]) -> dict[str, Any]:
    """The entries of a table, checked against the fields of a class."""
    if not isinstance(table, dict):
        raise SettingsError(f"{where} must be a table, not {table!r}")
    types = {item.name: get_origin(item.type) or item.type for item in fields(wanted)}
    types = {name: kind for name, kind in types.items() if name not in fixed}
    found = {}
    for name, value in table.items():
        if name not in types:
            raise SettingsError(f"{where}: {name!r} is no setting; {nearest(name, types)}")
        value = tuple(value) if isinstance(value, list) else value
        expected = types[name]
        assert isinstance(expected, type)
        if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
            raise SettingsError(f"{where}: {name} is {_WORDS[expected]}, not {value!r}")
        found[name] = value
    return found


def _check(plan: BenchmarkPlan) -> None:
    """Refuse what no benchmark can do, before any data is read."""
    for name, least in (("seeds", 1), ("seed", 0)):
        if getattr(plan, name) < least:
            raise SettingsError(f"{name} must be at least {least}, not {getattr(plan, name)}")
    for name in ("rows", "steps"):
        _check_shares(name, getattr(plan, name))
    if plan.timeout_seconds is None:
        raise SettingsError(f"timeout is a time such as 30m, not {plan.timeout!r}")
    if not plan.models:
        raise SettingsError("a plan needs models: families, or tables such as [models.wide]")
    names = [model.name for model in plan.models]
    if twice := {name for name in names if names.count(name) > 1}:
        raise SettingsError(f"two models are called {sorted(twice)[0]!r}; give each a name of its own")
    for model in plan.models:
        registry.get_place("family", model.family)
    for kind in {*plan.spaces, *(kind for model in plan.models for kind in model.kinds)}:
        registry.get_place("data", kind)
    for space in plan.spaces.values():
        _check_space(space)


def _check_shares(name: str, shares: tuple[Any, ...]) -> None:
    numbers = [share for share in shares if isinstance(share, int | float) and 0 < share <= 1]
    if len(numbers) < len(shares) or len(set(shares)) < len(shares) or 1.0 not in shares:
        raise SettingsError(
            f"{name} is a list of different shares in (0, 1] that holds 1.0, not {list(shares)}"
        )


def _check_space(space: str) -> None:
    if not space.endswith(".toml") and space not in space_names():
        raise SettingsError(unknown("search space", space, space_names()))


def absent(entry: SetEntry) -> bool:
    """Whether a data set is not where the plan says."""
    return entry.source not in BUILT_IN_SETS and not Path(entry.source).exists()
