"""Plan of a benchmark: its data sets, models and seeds, read from a TOML file."""

import os
import re
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_origin

from autogen import registry
from autogen.benchmarking.shipped import plan_names, shipped
from autogen.data.declaration import declared
from autogen.data.open import BUILT_IN_SETS
from autogen.documents import parse_toml
from autogen.errors import SettingsError
from autogen.hpo.budget import Budget
from autogen.hpo.space.names import nearest, unknown
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.space.shipped import space_names
from autogen.hpo.trial import Value
from autogen.training.worker.trial_folder import read_config

#: Families that a plan without models or families compares.
FAMILIES = ("vae", "gan", "autoregressive")
#: The only environment variable that a plan may name.
VARIABLE = re.compile(r"\$(AUTOGEN_DATA\b|\{AUTOGEN_DATA\})")
_WORDS = {str: "a text", int: "a whole number", bool: "true or false", dict: "a table", tuple: "a list"}


@dataclass(frozen=True)
class SetEntry:
    """Data set of a plan.

    Attributes:
        name: Name in tables and figures.
        source: Built-in name or path; ``name`` if empty.
        kind: Registered name of the kind of data; recognized by the source if empty.
        rows: Most rows to use; 0 for all.
        metric: Registered name of the metric; the default of the kind if empty.
        options: Options of the reader by name.
    """

    name: str
    source: str = ""
    kind: str = ""
    rows: int = 0
    metric: str = ""
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelEntry:
    """Model of a plan.

    Attributes:
        name: Name in tables and figures.
        family: Family whose default config in the search space of the kind it starts from.
        kinds: Kinds of data that it is trained on; all if empty.
        config: Path of a TOML file with one config, used as it is (such as a run's best/config.toml).
        model: Architecture settings that differ from the default.
        training: Training settings that differ from the default.
    """

    name: str
    family: str = ""
    kinds: tuple[str, ...] = ()
    config: str = ""
    model: dict[str, Value] = field(default_factory=dict)
    training: dict[str, Value] = field(default_factory=dict)

    def config_in(self, space: str) -> dict[str, Value]:
        """Return the config to train, with the defaults of a search space. Raises ``UserError``."""
        if self.config:
            return dict(read_config(Path(self.config)))
        config = SearchSpace.load(space).default(self.family)
        config |= {f"model.{name}": value for name, value in self.model.items()}
        return config | {f"training.{name}": value for name, value in self.training.items()}


@dataclass(frozen=True)
class BenchmarkPlan:
    """Data sets and models of a benchmark, and how often and how long each is trained.

    Attributes:
        name: Name of the plan.
        sets: Data sets to compare on.
        models: Models to compare.
        about: Sentence for the page.
        seeds: Number of trainings of each model on each data set, default 3.
        seed: Random seed of everything, the split included; default 0.
        rows: Shares of the train rows, in (0, 1]; the ranking uses the share 1.
        steps: Shares of the config's steps, in (0, 1]; the ranking uses the share 1.
        spaces: Search space with the defaults by kind of data; the kind's own where none is given.
        skip_absent: True to leave out a missing data set instead of stopping with an error.
        timeout: Time after which a training is stopped, default ``1h``.
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
        """Return the name or path of the search space for a kind of data."""
        return self.spaces.get(kind) or declared(kind).spaces[0]

    @property
    def timeout_seconds(self) -> float | None:
        """Seconds after which a training is stopped; ``None`` if ``timeout`` is no time."""
        return Budget.time(self.timeout)


def read_plan(path: Path | str) -> BenchmarkPlan:
    """Read a plan.

    Args:
        path: Path of a TOML file, or the name of a plan that comes with the package.

    Raises:
        SettingsError: the file is missing, or something in it is wrong.
    """
    path = plan_path(path)
    try:
        document = parse_toml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read the plan {path}: {error.strerror}") from error
    except ValueError as error:
        raise SettingsError(f"the plan {path} is not TOML: {error}") from error
    try:
        return _plan(path, document)
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from None


def plan_path(path: Path | str) -> Path:
    """Return the file of a plan; a bare name is a plan of the package. Raises ``SettingsError``."""
    if isinstance(path, Path) or path.endswith(".toml") or Path(path).exists():
        return Path(path)
    if path not in plan_names():
        raise SettingsError(f"{unknown('plan', path, plan_names())} The name of a plan's file ends in .toml.")
    return shipped() / f"{path}.toml"


def _plan(path: Path, document: dict[str, Any]) -> BenchmarkPlan:
    root = _root(document.pop("data", ""), path.parent)
    sets = document.pop("sets", {})
    models = document.pop("models", {})
    families = document.pop("families", () if models else FAMILIES)
    if not isinstance(sets, dict) or not sets:
        raise SettingsError("a plan needs data sets; add a table such as [sets.digits]")
    if not isinstance(models, dict):
        raise SettingsError(f"models must be tables such as [models.wide]; got {models!r}")
    if not isinstance(families, list | tuple) or not all(isinstance(one, str) for one in families):
        raise SettingsError(f'families must be a list such as ["vae", "gan"]; got {families!r}')
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
    """Return the folder that paths of data sets start from; ``$AUTOGEN_DATA`` is put in."""
    if not isinstance(data, str):
        raise SettingsError(f"data must be the folder that the paths of data sets start from; got {data!r}")
    return beside / _expanded(data, "data")


def _expanded(path: str, where: str) -> Path:
    """Put the folder of data sets and the home folder into a path.

    Raises:
        SettingsError: the path names another variable, which a stranger's plan could have printed.
    """
    named = VARIABLE.sub(lambda _: os.environ.get("AUTOGEN_DATA", "$AUTOGEN_DATA"), path)
    if "$" in VARIABLE.sub("", path):
        raise SettingsError(f"{where} may name $AUTOGEN_DATA and no other variable; got {path!r}")
    return Path(named).expanduser()


def _set(name: str, table: Any, root: Path) -> SetEntry:
    values = _values(table, SetEntry, f"sets.{name}", ("name",))
    source = str(values.pop("source", name))
    if source not in BUILT_IN_SETS:
        source = str(root / _expanded(source, f"sets.{name}.source"))
    if values.get("rows", 1) < 1:
        raise SettingsError(
            f"sets.{name}.rows must be at least 1; got {values['rows']}; leave it out for all rows"
        )
    return SetEntry(name, source, **values)


def _model(name: str, table: Any, beside: Path) -> ModelEntry:
    values = _values(table, ModelEntry, f"models.{name}", ("name",))
    if ("family" in values) == ("config" in values):
        raise SettingsError(f"models.{name} needs either a family or a config (a file with one config)")
    if "config" in values:
        if "model" in values or "training" in values:
            raise SettingsError(f"models.{name}: a config is used as it is; leave out [model] and [training]")
        values["config"] = str(beside / values["config"])
        values["family"] = str(read_config(Path(values["config"]))["family"])
    return ModelEntry(name, **values)


def _values(table: Any, wanted: type, where: str, fixed: tuple[str, ...]) -> dict[str, Any]:
    """Check the entries of a table against the fields of a class, and return them."""
    if not isinstance(table, dict):
        raise SettingsError(f"{where} must be a table; got {table!r}")
    types = {item.name: get_origin(item.type) or item.type for item in fields(wanted)}
    types = {name: kind for name, kind in types.items() if name not in fixed}
    found = {}
    for name, value in table.items():
        if name not in types:
            raise SettingsError(f"{where}: {name!r} is not a setting; {nearest(name, types)}")
        value = tuple(value) if isinstance(value, list) else value
        expected = types[name]
        assert isinstance(expected, type)
        if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
            raise SettingsError(f"{where}: {name} must be {_WORDS[expected]}; got {value!r}")
        found[name] = value
    return found


def _check(plan: BenchmarkPlan) -> None:
    """Check a plan before any data is read. Raises ``SettingsError``."""
    for name, least in (("seeds", 1), ("seed", 0)):
        if getattr(plan, name) < least:
            raise SettingsError(f"{name} must be at least {least}; got {getattr(plan, name)}")
    for name in ("rows", "steps"):
        _check_shares(name, getattr(plan, name))
    if plan.timeout_seconds is None:
        raise SettingsError(f"timeout must be a time above 0, such as 30m; got {plan.timeout!r}")
    if not plan.models:
        raise SettingsError("a plan needs models: families, or tables such as [models.wide]")
    names = [model.name for model in plan.models]
    if twice := {name for name in names if names.count(name) > 1}:
        raise SettingsError(f"two models have the name {sorted(twice)[0]!r}; give each its own name")
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
            f"{name} must be a list of different shares in (0, 1] that contains 1.0; got {list(shares)}"
        )


def _check_space(space: str) -> None:
    if not space.endswith(".toml") and space not in space_names():
        raise SettingsError(unknown("search space", space, space_names()))


def absent(entry: SetEntry) -> bool:
    """Check whether the source of a data set is missing."""
    return entry.source not in BUILT_IN_SETS and not Path(entry.source).exists()
