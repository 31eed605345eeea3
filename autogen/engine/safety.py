"""What must hold before a file's settings are run, and before a run is gone on with."""

from collections.abc import Collection

from autogen.engine.plan import Plan
from autogen.engine.run_folder import RunFolder
from autogen.engine.settings import ALIASES, Settings
from autogen.errors import RunError, SettingsError
from autogen.hpo.objective import Objective
from autogen.hpo.study.events import Start
from autogen.hpo.study.journal import read


def trust(settings: Settings, command: str, *, features: str = "", options: Collection[str] = ()) -> None:
    """Refuse to run code that a file names, or to join its cluster, unless who calls names it as well.

    Args:
        settings: From a file, such as a run's.
        command: To be given with it.
        features: As the caller names them.
        options: Names of the executor's options that the caller sets.

    Raises:
        SettingsError: another name, or none.
    """
    if settings.code and settings.code != features:
        raise SettingsError(
            f"scores are taken by {settings.code}, code that this would run; if you trust it: "
            f"{command} --features {settings.code}"
        )
    for name, why in settings.execution.foreign().items():
        if name not in options:
            value = getattr(settings.execution, name)
            said = f"--{name} {value}" if name in ALIASES else f"--executor-option {name}={value}"
            raise SettingsError(f"{why}; if you trust it: {command} {said}")


def refuse_changed(plan: Plan, folder: RunFolder) -> None:
    """Refuse to go on with data, a split or an objective other than a run began with.

    Raises:
        RunError: what has changed.
    """
    run = folder.path
    known = folder.read_study().get("sha256", {})
    if known.get("data") != plan.data.sha256:
        raise RunError(f"the data of {run} has changed since its start: {plan.data.source}; start a new run")
    now = plan.data.split_sha256
    if changed := [name for name in now if known.get(name, now[name]) != now[name]]:
        raise RunError(
            f"this autogen splits the data of {run} in another way ({changed[0]}); start a new run"
        )
    objective = plan.metric.objective
    for event in read(folder.journal):
        then = event.objective if isinstance(event, Start) else None
        if then is not None and then != objective:
            raise RunError(
                f"{run} was begun by {_named(then)}, but this autogen has {_named(objective)}: their scores "
                "cannot be compared; start a new run"
            )


def _named(objective: Objective) -> str:
    return f"{objective.name}, version {objective.version}"
