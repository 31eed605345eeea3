"""Safety checks before settings of a file are run, and before a run is resumed."""

from collections.abc import Collection

from autogen.engine.plan import Plan
from autogen.engine.run_folder import RunFolder
from autogen.engine.settings import ALIASES, Settings
from autogen.errors import RunError, SettingsError
from autogen.hpo.objective import Objective
from autogen.hpo.study.events import Start
from autogen.hpo.study.journal import read


def trust(settings: Settings, command: str, *, features: str = "", options: Collection[str] = ()) -> None:
    """Check that the caller names the code that a file would run, the cluster it would join and its storage.

    Args:
        settings: Settings from a file, such as a run's study.toml.
        command: Command that the message suggests, without the option.
        features: Features that the caller names.
        options: Names of the executor options that the caller sets.

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
        raise RunError(f"the data of {run} has changed since its start: {plan.data.source}; start a new run")
    now = plan.data.split_sha256
    if changed := [name for name in now if known.get(name, now[name]) != now[name]]:
        raise RunError(
            f"this version of autogen splits the data of {run} differently ({changed[0]}); start a new run"
        )
    if known.get("modeled", plan.modeled_sha256) != plan.modeled_sha256:
        raise RunError(
            f"what is modeled of the data of {run} has changed since its start (rules, columns or options in "
            "study.toml, or the version of autogen): its trials cannot be used; undo that, or start a new run"
        )
    objective = plan.metric.objective
    for event in read(folder.journal):
        then = event.objective if isinstance(event, Start) else None
        if then is not None and then != objective:
            raise RunError(
                f"{run} started with {_named(then)}, but this version of autogen has {_named(objective)}: "
                "their scores cannot be compared; start a new run"
            )


def _named(objective: Objective) -> str:
    return f"{objective.name}, version {objective.version}"
