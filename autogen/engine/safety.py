"""What must hold before a file's settings are run, and before a run is gone on with."""

from dataclasses import asdict

from autogen.engine.plan import Plan
from autogen.engine.run_folder import RunFolder
from autogen.engine.settings import HERE, Settings
from autogen.errors import RunError, SettingsError
from autogen.hpo.study.journal import read


def trust(settings: Settings, command: str, *, features: str = "", address: str = "") -> None:
    """Refuse to run code that a file names, or to join its cluster, unless who calls names it as well.

    Args:
        settings: From a file, such as a run's.
        command: To be given with it.
        features: As the caller names them.
        address: As the caller names it.

    Raises:
        SettingsError: another name, or none.
    """
    if settings.code and settings.code != features:
        raise SettingsError(
            f"scores are taken by {settings.code}, code that this would run; if you trust it: "
            f"{command} --features {settings.code}"
        )
    elsewhere = settings.executor == "ray" and settings.address not in ("", *HERE)
    if elsewhere and not address:
        raise SettingsError(
            f"the study joins the cluster at {settings.address}, which would run code here; if you trust it: "
            f"{command} --address {settings.address}"
        )


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
    objective = asdict(plan.metric.objective)
    for record in read(folder.journal):
        if record["e"] == "start" and record.get("objective", objective) != objective:
            said = "{name}, version {version}".format
            then, today = said(**record["objective"]), said(**objective)
            raise RunError(
                f"{run} was begun by {then}, but this autogen has {today}: their scores cannot be compared; "
                "start a new run"
            )
