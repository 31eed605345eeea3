"""``autogen update``: a run and fresh data; what is different, then a short search from where it ended."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autogen.engine.engine import start_plan
from autogen.engine.feedback.study import BOUND
from autogen.engine.plan import Plan
from autogen.engine.run_folder import RunFolder
from autogen.engine.safety import trust
from autogen.engine.settings import Settings
from autogen.engine.study_result import StudyResult
from autogen.engine.transfer.drift import measure
from autogen.errors import RunError, SettingsError
from autogen.hpo.budget import Budget
from autogen.hpo.study.log import Listener
from autogen.report.page.evidence.drift import drift_lines
from autogen.report.result import Drift
from autogen.report.typed_json import written

#: Part of the earlier run's budget that an update has unless the user gives one.
SHARE = 3


@dataclass(frozen=True)
class Update:
    """The outcome of ``update``.

    Attributes:
        drift: What was found of the new data before any training.
        result: The run that was made; ``None`` if the earlier model still does, so that nothing was trained.
    """

    drift: Drift
    result: StudyResult | None

    def __repr__(self) -> str:
        lines = drift_lines(self.drift)
        return "\n".join([*lines, "" if self.result is None else self.result.summary()]).rstrip()


def update(
    run: Path | str,
    data: Any,
    *,
    budget: str | None = None,
    forget: bool = False,
    train_anyway: bool = False,
    feedback: Sequence[str] = (),
    feedback_column: str = "",
    max_rejected: str = "",
    workers: int | None = None,
    address: str | None = None,
    executor_options: Mapping[str, Any] | None = None,
    out: Path | str | None = None,
    features: str = "",
    judges: Collection[str] = (),
    listen: Listener | None = None,
    tell: Callable[[Drift], None] | None = None,
    began: float | None = None,
    stopped: Callable[[], bool] | None = None,
) -> Update:
    """Update a finished run with fresh data: say what is different, and search again only if need be.

    Args:
        run: Folder of the run.
        data: Fresh rows, in the form of the run's data, or all of its rows and fresh ones: those that the run
            has are no fresh ones.
        budget: Budget of the update; default a third of the run's.
        forget: True to train on fresh rows alone; default also on the training rows of the run.
        train_anyway: True to search even if nothing moved and the model still does.
        feedback: Files with samples that users marked, after those of the run; they are a reason to search.
        feedback_column: Column of the marks; default that of the run.
        max_rejected: Largest share of samples that users would reject; default that of the run.
        workers: Parallel trials; default those of the run.
        address: Address of the Ray cluster; default that of the run.
        executor_options: Options of the executor to change; default none. The address of a cluster that this
            machine is no part of, and a storage, have to be named again.
        out: Folder of the new run; default ``runs/<data>-N``.
        features: Name of the feature code of the run, as a confirmation that it may run here.
        judges: Names of the run's language models as judges, as a confirmation that they may be asked.
        listen: Function called after each event with the event and the study's state; default none.
        tell: Function called with what was found before anything is trained; default none.
        began: Time of ``time.monotonic()`` at which the budget starts; default when the search begins.
        stopped: Function that tells if the search should end; default never.

    Raises:
        UserError: the run has no result, its data is gone or was given in memory, or the fresh data has other
            columns or too few rows.
        SettingsError: the run would run code, join a cluster or write to a storage that is not named here.
    """
    folder = RunFolder.open(Path(run))
    named = isinstance(data, (str, Path))
    settings = updated(folder, str(data) if named else "", budget, workers)
    changed = dict(executor_options or {}) | ({} if address is None else {"address": address or "auto"})
    command = f"autogen update {folder.path} --data {settings.data or 'NEW'}"
    trust(settings, command, features=features, options=changed, judges=judges)
    settings = marked(settings.with_options(changed), feedback, feedback_column, max_rejected)
    plan = _with_lessons(Plan(settings, data))
    plan.check()
    drift = measure(plan, folder.path)
    if tell:
        tell(drift)
    if not (train_anyway or feedback or needed(drift)):
        return Update(drift, None)
    plan = replace(plan, drift=written(drift))
    if forget:
        plan = _alone(plan)
    with closing(plan.settings.warmed_executor()) as executor:
        place = Path(out) if out else None
        found = start_plan(plan, executor, out=place, listen=listen, began=began, stopped=stopped)
    return Update(drift, found)


def marked(settings: Settings, files: Sequence[str], column: str = "", most: str = "") -> Settings:
    """Add files with marks of users to the settings of an update; those of the run stay.

    Args:
        settings: Settings of the update.
        files: Files, the newest last.
        column: Column of the marks; empty for that of the run.
        most: Largest share of samples that users would reject; empty for that of the run.
    """
    bound = {BOUND: f"<= {most}"} if most else {}
    return replace(
        settings,
        feedback=tuple(dict.fromkeys([*settings.feedback, *files])),
        feedback_column=column or settings.feedback_column,
        constraints=settings.constraints | bound,
    )


def _with_lessons(plan: Plan) -> Plan:
    """Learn from no journal if that of the run, too short, has no trial that ended within the space."""
    try:
        _ = plan.lessons
    except SettingsError:
        return replace(plan, settings=replace(plan.settings, learn_from=()))
    return plan


def _alone(plan: Plan) -> Plan:
    """Plan the same update without the older rows. Raises ``SettingsError`` if the fresh data holds them."""
    found = replace(plan, settings=replace(plan.settings, older=()))
    batches = plan.data.raw.batches
    assert batches is not None
    if len(found.data.raw.samples) > (fresh := int((batches == batches.max()).sum())):
        raise SettingsError(
            f"to forget the older data, give its fresh {plan.data.kind.unit}s alone: of "
            f"{len(found.data.raw.samples)} in {found.data.source}, {fresh} are fresh"
        )
    return found


def needed(drift: Drift) -> bool:
    """Tell if an update has a reason: a move, a model that is worse than a baseline, or no comparison."""
    return drift.drifted or drift.model is None or drift.model.worse


def updated(folder: RunFolder, data: str, budget: str | None = None, workers: int | None = None) -> Settings:
    """Make the settings of an update: those of the run, its space, its journal and its data.

    Args:
        folder: Folder of the run.
        data: Name of the fresh data; empty for data in memory.
        budget: Budget of the update; default a third of the run's.
        workers: Parallel trials; default those of the run.

    Raises:
        RunError: the run has no result, or its data was given in memory.
        SettingsError: the run has a guarantee of privacy.
    """
    folder.read_result()
    before = Settings.of(Settings.load(folder.study), str(folder.study))
    if before.privacy:
        raise SettingsError(
            f"{folder.path} has a guarantee with epsilon, which an update would spend again, since it trains "
            "on its rows once more; start a new run with the fresh rows alone"
        )
    if not before.data:
        raise RunError(
            f"the data of {folder.path} was given in memory, so that an update cannot read it again; write "
            "it to a file and search that, or start from the models of the run: init_from"
        )
    learns = before.sampler == "bayesian" and len(before.objectives) < 2
    return replace(
        before,
        data=data,
        older=(*before.older, before.data),
        update=str(folder.path),
        init_from="",
        space=str(folder.space),
        learn_from=(str(folder.path),) if learns else (),
        budget=budget or third(before.budget),
        workers=before.workers if workers is None else workers,
        refit=False,
    )


def third(budget: str) -> str:
    """Write a third of a budget, at least a trial."""
    whole = Budget.parse(budget)
    seconds = None if whole.seconds is None else whole.seconds / SHARE
    return str(Budget(seconds, None if whole.trials is None else max(1, whole.trials // SHARE)))
