"""All settings of a study in one place: from the command line, from Python, from study.toml."""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from autogen import registry
from autogen.errors import SettingsError, nearest
from autogen.executors.lookup import read_options, typed_options
from autogen.hpo.budget import Budget
from autogen.hpo.executor import Options
from autogen.hpo.objective import parse_constraints
from autogen.hpo.space.toml import format_key, format_value

#: Tables of a run's study.toml that are told, not set.
FACTS = ("machine", "versions", "sha256")
#: Options of executors that may also stand as settings of their own, as their flags do.
ALIASES = ("address", "device", "gpus_per_trial", "memory_per_trial", "storage")

#: Seconds of a budget from which on the best configs are trained again unasked, and fresh seeds then.
LONG, RETRAINED = 1800.0, 5

_WORDS = {
    tuple: "a list of texts",
    str: "a text",
    int: "a whole number",
    float: "a number",
    dict: "a table",
    bool: "true or false",
}
_TABLES = ("constraints", "columns", "options", "asking", "executor_options")


@dataclass(frozen=True)
class Settings:
    """Settings of a study; empty texts and zeros mean: choose for me.

    Attributes:
        data: Built-in name or path.
        kind: Kind of the data; recognised where empty.
        space: Name or file of a search space; where empty, the kind's, ``_tiny`` under ten minutes.
        families: Families to search; all of the space where empty.
        objective: Metric; the kind's first where empty. More, by commas, are weighed against it: metrics and
            costs such as ``latency``.
        features: Feature space of metrics that have one, such as ``kd``: a name of ``autogen plugins``, or
            ``package.module:name`` of a network or function of the user's own; the kind's own where empty.
        target: Column that a table is about; kept in the run for metrics that need it.
        group: Column of a table whose equal values keep rows in one part (a patient's rows).
        time: Column of a table by which the latest rows are tested on.
        sampler: Which config next.
        pruner: Which trials to stop early.
        budget: For everything, confirmation included.
        workers: Trials at once; 0: as many as cores.
        executor: Where trials run.
        timeout: After how long a trial's worker is given up.
        finalists: Most trained models that are compared in the end; the best of each family are among them.
        retrain: On how many fresh seeds the best configs are trained again, for a claim about recipes instead
            of models; ``auto``: on 5 where the budget is half an hour or more and there is time; or ``no``.
        refit: Whether what is returned is trained once more on all rows after the verdict, into ``refit/``.
        models_only: Whether a model is returned even if none was shown to beat the best baseline.
        judge: Judges of the finalists' texts beside the objective, by name; with a least mean
            (``fluency.embedded=3.5``) a winner must have it.
        seed: Of everything.
        constraints: Bounds that a model must keep, such as ``latency = "<= 20ms"``.
        columns: Kinds of a table's columns, by name, where the recognised ones are wrong.
        asking: Limits of language models as judges: ``concurrency``, ``per_minute``, ``calls``, ``seconds``.
        options: What the reader should do otherwise, such as ``size`` of images, ``tokens`` of texts.
        executor_options: Options of the executor by name, such as ``device`` of ``local`` and ``address`` of
            ``ray``; see the ``Options`` of its class.
    """

    data: str = ""
    kind: str = ""
    space: str = ""
    families: tuple[str, ...] = ()
    objective: str = ""
    features: str = ""
    target: str = ""
    group: str = ""
    time: str = ""
    sampler: str = "bayesian"
    pruner: str = "halving"
    budget: str = "10m"
    workers: int = 0
    executor: str = "local"
    timeout: str = "1h"
    finalists: int = 8
    retrain: str = "auto"
    refit: bool = False
    models_only: bool = False
    judge: tuple[str, ...] = ()
    seed: int = 0
    constraints: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    asking: dict[str, Any] = field(default_factory=dict)
    executor_options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for item in fields(self):
            _check_type(item.name, getattr(self, item.name), type(item.default))
        for name, least in (("workers", 0), ("finalists", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise SettingsError(f"{name} must be at least {least}, not {getattr(self, name)}")
        for name in ("sampler", "pruner", "executor"):
            registry.get_place(name, getattr(self, name))
        Budget.parse(self.budget)
        self._check_retrain()
        parse_constraints(self.constraints)
        if Budget.parse(self.timeout).seconds is None:
            raise SettingsError(f"timeout is a time such as 30m, not {self.timeout!r}")
        read_options(self.executor, self.executor_options)

    def _check_retrain(self) -> None:
        if self.retrain in ("auto", "no"):
            return
        if not self.retrain.isdecimal() or int(self.retrain) < 2:
            raise SettingsError(
                f"retrain is a number of seeds, at least 2, or auto or no, not {self.retrain!r}"
            )

    @property
    def retrain_seeds(self) -> int:
        """Fresh seeds that are asked for; 0 where models are judged as the search trained them."""
        if self.retrain == "auto":
            return RETRAINED if (Budget.parse(self.budget).seconds or 0.0) >= LONG else 0
        return 0 if self.retrain == "no" else int(self.retrain)

    @property
    def objectives(self) -> tuple[str, ...]:
        """Names of the objectives, the main one first; none where it is left open."""
        return tuple(name.strip() for name in self.objective.split(",") if name.strip())

    @property
    def code(self) -> str:
        """What is imported, and so run, for this study besides autogen; empty for nothing."""
        return self.features if ":" in self.features else ""

    @property
    def worker_count(self) -> int:
        """Trials at once; 0 where a cluster says how many."""
        return self.execution.worker_count(self.workers)

    @property
    def execution(self) -> Options:
        """The executor's options."""
        return read_options(self.executor, self.executor_options)

    @classmethod
    def of(cls, values: Mapping[str, Any], origin: str) -> "Settings":
        """Make settings of named values.

        Args:
            values: Names and values; ``families`` may be a list.
            origin: Where they come from, for messages.

        Raises:
            SettingsError: a name that is no setting (the nearest is suggested), or a bad value.
        """
        values = _renamed(with_aliases(values))
        known = [item.name for item in fields(cls)]
        for name in values:
            if name not in known:
                near = nearest(name, (*known, *ALIASES))
                hint = f"; did you mean {near!r}?" if near else f"; there are {', '.join(known)}"
                raise SettingsError(f"{origin}: {name!r} is no setting{hint}")
        values = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
        return cls(**values).with_options({})

    @classmethod
    def load(cls, path: Path) -> dict[str, Any]:
        """Read the named values of a study.toml; the facts that a run wrote into it are left out.

        Raises:
            SettingsError: no such file, or no TOML.
        """
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise SettingsError(f"cannot read {path}: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path} is not TOML: {error}") from error
        cls.of({name: value for name, value in values.items() if name not in FACTS}, str(path))
        return _renamed(with_aliases({name: value for name, value in values.items() if name not in FACTS}))

    def with_budget(self, budget: str, seconds: float = 0.0, trials: int = 0) -> "Settings":
        """The same settings with another budget; ``+10m`` adds to the present one, and to what is spent."""
        return replace(self, budget=str(Budget.parse(self.budget).extended(budget, seconds, trials)))

    def with_options(self, options: Mapping[str, Any]) -> "Settings":
        """The same settings with more options of the executor, each of its own type."""
        merged = typed_options(self.executor, self.executor_options | dict(options))
        return replace(self, executor_options=merged)

    def to_toml(self, facts: Mapping[str, Mapping[str, str]]) -> str:
        """Write all settings as TOML, followed by tables of facts."""
        values = asdict(self)
        tables = {name: values.pop(name) for name in _TABLES}
        lines = [f"{name} = {format_value(value)}" for name, value in values.items()]
        for table, entries in {**tables, **facts}.items():
            lines += ["", f"[{table}]"]
            lines += [f"{format_key(name)} = {format_value(value)}" for name, value in entries.items()]
        return "\n".join(lines) + "\n"


def _renamed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of an older autogen by their names of today, and seeds as a text where given as a number."""
    values = dict(values)
    if "confirm_seeds" in values:
        values.setdefault("retrain", values.pop("confirm_seeds"))
    seeds = values.get("retrain")
    if isinstance(seeds, int) and not isinstance(seeds, bool):
        values["retrain"] = str(seeds) if seeds else "no"
    return values


def with_aliases(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with the options of the executor in their table, also those that stand beside it."""
    found = {name: value for name, value in values.items() if name not in ALIASES}
    beside = {name: values[name] for name in ALIASES if name in values}
    if beside and isinstance(table := found.get("executor_options", {}), dict):
        merged = table | beside  # empty texts and zeros mean, as for all settings: choose for me
        found["executor_options"] = {name: v for name, v in merged.items() if name not in beside or v}
    return found


def _check_type(name: str, value: object, expected: type) -> None:
    """Refuse a value of another type, such as a text where a number is expected."""
    if name in _TABLES:
        expected = dict
    if expected is float and isinstance(value, int):
        expected = int
    if (
        not isinstance(value, expected)
        or (isinstance(value, bool) and expected is not bool)
        or value != value
        or value == math.inf
    ):
        word = _WORDS[expected]
        raise SettingsError(f"{name} is {word}, not {value!r}")
    if isinstance(value, tuple) and (odd := [one for one in value if not isinstance(one, str)]):
        raise SettingsError(f"{name} is a list of names, but {odd[0]!r} is none")
    if name in ("constraints", "columns") and isinstance(value, dict):
        for key, one in value.items():
            if not isinstance(one, str):
                example = '"<= 20ms"' if name == "constraints" else '"categorical"'
                raise SettingsError(f"{name}.{key} is a text such as {example}, not {one!r}")
    if name in ("options", "asking") and isinstance(value, dict):
        for key, one in value.items():
            if not all(isinstance(part, str | int | float) for part in _parts(one)):
                raise SettingsError(f"{name}.{key} is a text, a number or a list of them, not {one!r}")


def _parts(value: object) -> Sequence[object]:
    """The entries of a list, or the value alone."""
    return value if isinstance(value, list | tuple) else [value]
