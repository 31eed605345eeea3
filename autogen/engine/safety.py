"""Safety checks before settings of a file are run, and before a run is resumed; the facts they rest on."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from platform import python_version

from autogen import __version__, registry
from autogen.data.declaration import declared
from autogen.engine.plan import Plan
from autogen.engine.private.study import digest
from autogen.engine.run_folder import RunFolder
from autogen.engine.settings import ALIASES, Settings
from autogen.engine.transfer.pretrained import libraries
from autogen.errors import RunError, SettingsError, UserError, reason
from autogen.files import read_file
from autogen.hpo.objective import Objective
from autogen.hpo.study.event import Event
from autogen.hpo.study.events import Ask, Start
from autogen.hpo.study.journal import read
from autogen.judging.llm.endpoint import URL
from autogen.judging.metrics import LanguageModelMetric


def trust(
    settings: Settings,
    command: str,
    *,
    features: str = "",
    options: Collection[str] = (),
    judges: Collection[str] = (),
) -> None:
    """Check that the caller names the code, the cluster, the storage and the judges that a file would use.

    Args:
        settings: Settings from a file, such as a run's study.toml.
        command: Command that the message suggests, without the option.
        features: Features that the caller names.
        options: Names of the executor options that the caller sets.
        judges: Names of the language models as judges that the caller names.

    Raises:
        SettingsError: the caller names something else, or nothing.
    """
    if settings.code and settings.code != features:
        raise SettingsError(
            f"the settings would run the code {settings.code} for scores; if you trust it: "
            f"{command} --features {settings.code}"
        )
    for name, why in settings.execution.foreign().items():
        if name not in options:
            value = getattr(settings.execution, name)
            flag = name == "address" or (name in ALIASES and command.startswith("autogen run"))
            option = f"--{name} {value}" if flag else f"--executor-option {name}={value}"
            raise SettingsError(f"{why}; if you trust it: {command} {option}")

    for name in asked_models(settings):
        if name not in judges:
            objective = name in settings.objectives and command.startswith("autogen run")
            raise SettingsError(
                f"the settings would send texts to the language model of ${URL}, with your key, for {name}; "
                f"if you want that: {command} --{'objective' if objective else 'judge'} {name}"
            )


def asked_models(settings: Settings) -> list[str]:
    """List the judges and objectives of settings that ask a language model."""
    named = [*settings.objectives, *(text.partition("=")[0].strip() for text in settings.judge)]
    known = [name for name in dict.fromkeys(named) if name in registry.names("metric")]
    return [name for name in known if issubclass(registry.get("metric", name), LanguageModelMetric)]


def study_toml(plan: Plan, began: Mapping[str, str] | None = None) -> str:
    """Write study.toml: every setting in force, with versions and hashes.

    Args:
        plan: Plan of the study.
        began: Versions that the run began with; default the present ones.
    """
    hashes = {"data": plan.data.sha256} | plan.data.split_sha256 | {"modeled": plan.modeled_sha256}
    hashes["space"] = _space_sha256(plan)
    hashes |= {"feedback": plan.feedback.about.sha256} if plan.feedback else {}
    if plan.data.private and plan.guarantee:
        hashes["private"] = digest(plan.data.private, plan.guarantee)
    facts = {
        "machine": plan.machine(),
        "versions": began or versions(plan),
        "sha256": hashes | code_sha256(plan),
        "modeled": modeled(plan),
        "scored": {"rows": str(plan.eval_rows)},
    }
    return plan.resolved.to_toml(facts)


def versions(plan: Plan) -> dict[str, str]:
    """List the versions of autogen, of what it computes with, and of the plug-ins of a study."""
    used = {
        "sampler": (plan.sampler_name,),
        "pruner": (plan.pruner_name,),
        "family": plan.space.families,
        "metric": plan.goals.names,
        "executor": (plan.settings.executor,),
        "data": (plan.data.kind.name,),
    }
    plugins = {name for kind, names in used.items() for name in registry.packages(kind, names)}
    based = libraries(plan.base, declared(plan.data.kind.name).adapts)
    packages = ("torch", "optuna", "numpy", "scikit-learn", *based, *sorted(plugins))
    return (
        {"autogen": __version__} | {name: version(name) for name in packages} | {"python": python_version()}
    )


def modeled(plan: Plan) -> dict[str, str]:
    """Describe what the models of a study draw: each column of a table, or the sizes of other data."""
    spec = plan.data.codec.spec
    columns = getattr(spec, "columns", None)
    if columns is None:
        return {name: str(value) for name, value in asdict(spec).items()}
    parts = {column.name: asdict(column) for column in columns}
    return {
        name: ", ".join(f"{key} {value}" for key, value in part.items() if key != "name")
        for name, part in parts.items()
    }


def code_sha256(plan: Plan) -> dict[str, str]:
    """Compute the digest of the module with the user's features; empty without any, or if it has no file."""
    module = plan.settings.code.partition(":")[0]
    try:
        found = find_spec(module) if module else None
    except (ImportError, ValueError):  # the settings say so when they are used
        return {}
    if found is None or not found.origin or not Path(found.origin).is_file():
        return {}
    return {"code": hashlib.sha256(Path(found.origin).read_bytes()).hexdigest()}


def _space_sha256(plan: Plan) -> str:
    """Compute the digest of the space.toml of a run, which a run that goes on has already."""
    began = plan.began is not None and plan.began.space.exists()
    stored = read_file(plan.began.space) if plan.began and began else plan.space.to_toml().encode()
    return hashlib.sha256(stored).hexdigest()


def check_space(folder: RunFolder) -> None:
    """Check that space.toml is there, and as it was when the run began.

    Nothing is checked of runs of earlier versions, whose study.toml has no digest of it, and of one that was
    ended before it was written.

    Raises:
        RunError: it is missing, or was changed.
    """
    hashes = folder.read_study().get("sha256")
    known = hashes.get("space") if isinstance(hashes, dict) else None
    if known is None or not read(folder.journal):
        return
    remedy = "put it back from a copy of the run, or start a new run"
    if not folder.space.exists():
        raise RunError(f"{folder.space}, the search space that the run began with, is missing; {remedy}")
    if hashlib.sha256(read_file(folder.space)).hexdigest() != known:
        raise RunError(f"{folder.space} was changed or is damaged since the run began; {remedy}")


def check_unchanged(plan: Plan, folder: RunFolder) -> None:
    """Check that data, split, what is modeled and objective are those that a run started with.

    Args:
        plan: Plan of the resumed study.
        folder: Folder of the run.

    Raises:
        RunError: one of them has changed.
    """
    run = folder.path
    known = folder.read_study().get("sha256", {})
    if known.get("data") != plan.data.sha256:
        raise RunError(
            f"the data of {run} has changed since its start: {plan.data.source}"
            f"{_changed_parts(plan, folder)}; start a new run"
        )
    if plan.feedback and known.get("feedback") != plan.feedback.about.sha256:
        raise RunError(
            f"the feedback of {run} has changed since its start ({', '.join(plan.settings.feedback)}); put "
            "it back, or start a new run"
        )
    now = plan.data.split_sha256
    if changed := [name for name in now if known.get(name, now[name]) != now[name]]:
        raise RunError(
            f"this version of autogen splits the data of {run} differently ({changed[0]}); start a new run"
        )
    if known.get("modeled", plan.modeled_sha256) != plan.modeled_sha256:
        raise RunError(
            f"what is modeled of the data of {run} has changed since its start (rules, columns or options in "
            f"study.toml, or the version of autogen{_changed_parts(plan, folder)}): its trials cannot be "
            "used; undo that, or start a new run"
        )
    if known.get("code", "") != code_sha256(plan).get("code", known.get("code", "")):
        raise RunError(
            f"the code {plan.settings.code} has changed since the start of {run}: its scores cannot be "
            "compared; undo that, or start a new run"
        )
    check_space(folder)
    events = read(folder.journal)
    _check_objective(plan, run, events)
    _check_configs(plan, run, events)


def changes_since(plan: Plan, folder: RunFolder) -> list[str]:
    """List what is different since a run began and does not keep it from being resumed, one per sentence."""
    began, now_have = folder.read_study().get("versions", {}), versions(plan)
    changes = [
        f"{name} was {began[name]} when this run began and is {now or 'not installed'} now."
        for name in began
        if (now := now_have.get(name)) != began[name]
    ]
    return changes + _changed_space(plan)


def _changed_space(plan: Plan) -> list[str]:
    """Say that the file of the search space is not the one that the run began with, and goes on with."""
    if plan.began is None or not plan.began.space.exists():
        return []
    try:
        changed = plan.named_space != plan.space
    except UserError:  # the file is gone
        changed = True
    keeps = "this run keeps the one that it began with (space.toml)"
    return [f"The search space {plan.space_name} has changed: {keeps}."] if changed else []


def _changed_parts(plan: Plan, folder: RunFolder) -> str:
    """Name the columns, or sizes of other data, that are not as they were."""
    then = folder.read_study().get("modeled")
    if not isinstance(then, dict):
        return ""
    now = modeled(plan)
    parts = {
        "new": [name for name in now if name not in then],
        "gone": [name for name in then if name not in now],
        "different": [name for name in now if then.get(name, now[name]) != now[name]],
    }
    found = [
        f"{how}: {', '.join(names[:3])}{' ...' * (len(names) > 3)}" for how, names in parts.items() if names
    ]
    return f"; {'; '.join(found)}" if found else ""


def _check_configs(plan: Plan, run: Path, events: Sequence[Event]) -> None:
    """Check that all trials lie in the search space, which a sampler takes for granted."""
    for event in events:
        if isinstance(event, Ask):
            try:
                plan.space.validate(event.config)
            except UserError as error:
                raise RunError(
                    f"trial {event.n} of {run} does not lie in the search space {plan.space_name}, which has "
                    f"changed since its start ({reason(error)}); undo that, or start a new run"
                ) from error


def _check_objective(plan: Plan, run: Path, events: Sequence[Event]) -> None:
    objective = plan.metric.objective
    for event in events:
        then = event.objective if isinstance(event, Start) else None
        if then is not None and then != objective:
            raise RunError(
                f"{run} started with {_named(then)}, but this version of autogen has {_named(objective)}: "
                "their scores cannot be compared; start a new run"
            )


def _named(objective: Objective) -> str:
    return f"{objective.name}, version {objective.version}"
