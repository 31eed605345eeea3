"""All settings of a study in one place: from the command line, from Python, from study.toml."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from autogen import registry
from autogen.documents import parse_toml
from autogen.engine.checks.types import TABLES, check_type
from autogen.errors import SettingsError, nearest
from autogen.executors.lookup import executor_for, read_options, typed_options
from autogen.files import read_file
from autogen.hpo.budget import Budget
from autogen.hpo.executor import Executor, Options
from autogen.hpo.objective import parse_constraints
from autogen.hpo.space.toml import format_key, format_value
from autogen.privacy.settings import PrivacySettings

#: Largest study.toml that is read: 64 MiB.
MOST_BYTES = 2**26
#: Tables of a run's study.toml that are facts, not settings.
FACTS = ("machine", "versions", "sha256", "modeled", "scored")
#: Options of executors that are also accepted as top-level settings, as their flags are.
ALIASES = ("address", "device", "gpus_per_trial", "memory_per_trial", "replicas", "storage")

#: Seconds of a budget from which on scores use all held-out rows, and the fewest that they use below.
SCORED_WHOLE, LEAST_SCORED = 60.0, 500
#: Seconds of a budget from which on ``retrain = "auto"`` trains the best configs again, and its fresh seeds.
LONG, RETRAINED = 1800.0, 5
#: What workers load, which takes seconds: the last two for tables, trees and the hard tests.
_WORKER_MODULES = ("autogen.training.worker.work", "scipy.stats", "sklearn.ensemble")


@dataclass(frozen=True)
class Settings:
    """Settings of a study; an empty text or a zero stands for an automatic choice.

    Attributes:
        data: Built-in name or path of the data set.
        kind: Kind of data; recognized by the source if empty.
        space: Name or file of a search space. If empty, the kind's own: the small one (``_tiny``) for budgets
            under ten minutes.
        families: Families to search; all of the space if empty.
        init_from: Earlier run, ``RUN:TRIAL``, or model folder that training may start from; none if empty.
        update: Earlier run that this one updates; ``autogen update`` sets it. None if empty.
        older: Older data, the oldest first, whose training rows are trained on too; set likewise.
        pretrained: Folder of a language model, or of an autoencoder of images (``save_pretrained``), on which
            a family of its own builds.
        feedback: Files with samples that users marked, the newest last: 0 for rejected, 1 or more for kept.
        feedback_column: Column of the marks; ``keep``, ``feedback`` or ``weight`` if empty.
        objective: Metric to optimize; the default of the kind if empty. Further objectives follow after
            commas: metrics, or costs such as ``latency``.
        features: Feature space of metrics: a name, or ``package.module:name``; the kind's own if empty.
        target: Column of a table that ``tstr`` and the target reports predict; none if empty.
        group: Column of a table whose equal values keep rows in one split (all rows of a patient).
        time: Column of a table to split by time: the latest rows become the test split.
        rules: Binding rules of a table, which every sample keeps: ``signup <= last_login``, ``zip -> city``.
        learn_from: Folders of earlier runs by the same objective, whose trials Bayesian search learns from.
        sampler: Name of the sampler, which proposes configs; default ``bayesian``.
        pruner: Name of the pruner, which stops trials early; default ``halving``.
        budget: Time, number of trials or both for the whole study, confirmation included; default ``10m``.
        eval_rows: Most rows of each held-out split that scores use. 0: all, but for budgets under a minute
            the share of the rows that the budget is of a minute, and at least 500.
        workers: Number of parallel trials; 0 for one per core.
        fused: Most trials of one architecture that a worker trains as one program, where it measures that to
            be faster; default 1.
        executor: Name of the executor, which runs trials; default ``local``.
        trial_timeout: Time after which the worker of a trial is stopped; default ``1h``.
        finalists: Most trained models in the final comparison, with the best of each family; default 8.
        retrain: Number of fresh seeds on which the best configs are trained again, for a claim about configs
            instead of models. ``auto``: 5 if the budget is half an hour or more and time is left; ``no``: 0.
        refit: True to train the returned config once more on all rows after the verdict, into ``refit/``.
        models_only: True to return a model even if none was shown to beat the best baseline.
        judge: Names of judges that rate the finalists' texts in addition to the objective. A name with a
            smallest mean (``fluency.embedded=3.5``) makes it a condition for winning.
        seed: Random seed of the whole study, the split included; default 0.
        constraints: Bounds that a model must keep, such as ``latency = "<= 20ms"``.
        columns: Kinds of columns of a table by name, where the recognized ones are wrong.
        asking: Limits of language models as judges: ``concurrency``, ``per_minute``, ``calls``, ``seconds``.
        options: Options of the reader, such as ``size`` for images and ``tokens`` for texts.
        privacy: Differential privacy: ``epsilon``, ``delta`` and ``ranges`` of columns; empty for none.
        executor_options: Options of the executor by name; the ``Options`` of its class lists them.
    """

    data: str = ""
    kind: str = ""
    space: str = ""
    families: tuple[str, ...] = ()
    init_from: str = ""
    update: str = ""
    older: tuple[str, ...] = ()
    pretrained: str = ""
    feedback: tuple[str, ...] = ()
    feedback_column: str = ""
    objective: str = ""
    features: str = ""
    target: str = ""
    group: str = ""
    time: str = ""
    rules: tuple[str, ...] = ()
    learn_from: tuple[str, ...] = ()
    sampler: str = "bayesian"
    pruner: str = "halving"
    budget: str = "10m"
    eval_rows: int = 0
    workers: int = 0
    fused: int = 1
    executor: str = "local"
    trial_timeout: str = "1h"
    finalists: int = 8
    retrain: str = "auto"
    refit: bool = False
    models_only: bool = False
    judge: tuple[str, ...] = ()
    seed: int = 0
    constraints: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    privacy: dict[str, Any] = field(default_factory=dict)
    asking: dict[str, Any] = field(default_factory=dict)
    executor_options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for item in fields(self):
            check_type(item.name, getattr(self, item.name), type(item.default))
        for name, least in (("workers", 0), ("fused", 1), ("finalists", 1), ("seed", 0), ("eval_rows", 0)):
            if getattr(self, name) < least:
                raise SettingsError(f"{name} must be at least {least}; got {getattr(self, name)}")
        for name in ("sampler", "pruner", "executor"):
            registry.get_place(name, getattr(self, name))
        Budget.parse(self.budget)
        self._check_retrain()
        if self.learn_from and (self.sampler != "bayesian" or len(self.objectives) > 1):
            searched = "several objectives" if self.sampler == "bayesian" else f"{self.sampler} search"
            raise SettingsError(
                f"learn_from needs Bayesian search by one objective; got {searched}; leave one of them out"
            )
        if self.update and self.init_from:
            raise SettingsError("update starts from the run that it names; leave init_from out")
        parse_constraints(self.constraints)
        PrivacySettings.of(self.privacy)
        if Budget.time(self.trial_timeout) is None:
            raise SettingsError(f"trial_timeout must be a time above 0, as 30m; got {self.trial_timeout!r}")
        read_options(self.executor, self.executor_options)

    def check_names(self) -> None:
        """Check that file names are valid Unicode, so that the text files of a run can hold them.

        Raises:
            SettingsError: one is not.
        """
        files = (self.data, *self.older, self.space, self.init_from, self.update, self.pretrained)
        for name in (*files, *self.feedback):
            try:
                name.encode("utf-8")
            except UnicodeEncodeError as error:
                raise SettingsError(
                    f"the file name {name!r} is not UTF-8, so the run cannot record it; rename the file"
                ) from error

    def _check_retrain(self) -> None:
        if self.retrain in ("auto", "no"):
            return
        if not self.retrain.isdecimal() or int(self.retrain) < 2:
            raise SettingsError(
                f"retrain must be a number of seeds, at least 2, or auto or no; got {self.retrain!r}"
            )

    @property
    def retrain_seeds(self) -> int:
        """Number of fresh seeds for training again; 0 to compare the models as the search trained them."""
        if self.retrain == "auto":
            return RETRAINED if (Budget.parse(self.budget).seconds or 0.0) >= LONG else 0
        return 0 if self.retrain == "no" else int(self.retrain)

    def scored_rows(self, largest: int) -> int:
        """Most rows of each held-out split that scores of a new study use; 0 for all.

        Args:
            largest: Number of rows of the largest held-out split.
        """
        seconds = Budget.parse(self.budget).seconds
        if self.eval_rows or seconds is None or seconds >= SCORED_WHOLE:
            return self.eval_rows
        return max(LEAST_SCORED, int(largest * seconds / SCORED_WHOLE))

    @property
    def objectives(self) -> tuple[str, ...]:
        """Names of the objectives, the main one first; empty for the default of the kind."""
        return tuple(name.strip() for name in self.objective.split(",") if name.strip())

    @property
    def reading(self) -> dict[str, Any]:
        """Options of the reader of the data, with the roles of columns."""
        roles = {"target": self.target, "group": self.group, "time": self.time, "rules": self.rules}
        given = {name: value for name, value in roles.items() if value}
        return self.options | ({"columns": self.columns} if self.columns else {}) | given

    @property
    def code(self) -> str:
        """Import name of the user's code that this study runs; empty for none."""
        return self.features if ":" in self.features else ""

    @property
    def worker_count(self) -> int:
        """Number of parallel trials; 0 if a cluster decides."""
        return self.execution.worker_count(self.workers)

    @property
    def execution(self) -> Options:
        """Options of the executor, checked, for as many workers and trials as this study has."""
        options = read_options(self.executor, self.executor_options)
        return options.settled(self.workers, Budget.parse(self.budget).trials or 0)

    def warmed_executor(self) -> Executor:
        """Make the study's executor, whose workers begin to load what training needs.

        Raises:
            SettingsError: its options are impossible on this machine.
        """
        timed = Budget.parse(self.budget).seconds is not None
        executor = executor_for(self.executor, self.worker_count, self.execution, timed=timed)
        # a file that is not there is said at once; no error for a name that no file can have
        if not Path(self.data).suffix or os.path.exists(self.data):  # noqa: PTH110
            executor.warm(_WORKER_MODULES)
        return executor

    @classmethod
    def of(cls, values: Mapping[str, Any], origin: str) -> "Settings":
        """Make settings from named values.

        Args:
            values: Values by name of the setting; ``families`` may be a list.
            origin: Source of the values, for messages.

        Raises:
            SettingsError: an unknown name (the message suggests the nearest setting), or a bad value.
        """
        values = _renamed(with_aliases(values))
        known = [item.name for item in fields(cls)]
        for name in values:
            if name not in known:
                near = nearest(name, (*known, *ALIASES))
                hint = f"; did you mean {near!r}?" if near else f"; the settings are {', '.join(known)}"
                raise SettingsError(f"{origin}: {name!r} is not a setting{hint}")
        values = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
        return cls(**values).with_options({})

    @classmethod
    def load(cls, path: Path) -> dict[str, Any]:
        """Read the named values of a study.toml, without the facts that a run wrote into it.

        Raises:
            SettingsError: the file is missing, is not TOML, or holds an unknown or bad setting.
        """
        try:
            values = parse_toml(read_file(path, MOST_BYTES, links=True).decode())
        except OSError as error:
            raise SettingsError(f"cannot read {path}: {error.strerror}") from error
        except ValueError as error:
            raise SettingsError(f"{path} is not TOML: {error}") from error
        cls.of({name: value for name, value in values.items() if name not in FACTS}, str(path))
        return _renamed(with_aliases({name: value for name, value in values.items() if name not in FACTS}))

    def with_budget(self, budget: str, seconds: float = 0.0, trials: int = 0) -> "Settings":
        """Return the same settings with another budget.

        Args:
            budget: New budget; ``+10m`` extends the present one, or what is spent if that is more.
            seconds: Seconds spent so far.
            trials: Trials finished so far.
        """
        return replace(self, budget=str(Budget.parse(self.budget).extended(budget, seconds, trials)))

    def with_options(self, options: Mapping[str, Any]) -> "Settings":
        """Return the same settings with more options of the executor, converted to their types."""
        merged = typed_options(self.executor, self.executor_options | dict(options))
        return replace(self, executor_options=merged)

    def to_toml(self, facts: Mapping[str, Mapping[str, str]]) -> str:
        """Write all settings as TOML, followed by tables of facts by name."""
        values = asdict(self)
        tables = {name: values.pop(name) for name in TABLES}
        lines = [f"{name} = {format_value(value)}" for name, value in values.items()]
        for table, entries in {**tables, **facts}.items():
            lines += ["", f"[{table}]"]
            lines += [f"{format_key(name)} = {format_value(value)}" for name, value in entries.items()]
        return "\n".join(lines) + "\n"


def _renamed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Translate settings of an older autogen to their present names, and a number of seeds to a text.

    Raises:
        SettingsError: a setting is given by both names.
    """
    values = dict(values)
    for old, new in (("timeout", "trial_timeout"), ("confirm_seeds", "retrain")):
        if old in values and new in values:
            raise SettingsError(f"{old} is the former name of {new}: give {new} alone")
        if old in values:
            values[new] = values.pop(old)
    seeds = values.get("retrain")
    if isinstance(seeds, int) and not isinstance(seeds, bool):
        values["retrain"] = str(seeds) if seeds else "no"
    return values


def with_aliases(values: Mapping[str, Any]) -> dict[str, Any]:
    """Move options of the executor that are given as top-level settings into ``executor_options``."""
    found = {name: value for name, value in values.items() if name not in ALIASES}
    beside = {name: values[name] for name in ALIASES if name in values}
    if beside and isinstance(table := found.get("executor_options", {}), dict):
        merged = table | beside  # an empty text or a zero stands for an automatic choice
        found["executor_options"] = {name: v for name, v in merged.items() if name not in beside or v}
    return found
