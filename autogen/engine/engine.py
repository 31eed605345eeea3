"""Runs a study from settings to verdict: search, finals, test and report."""

import contextlib
import json
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from autogen import registry
from autogen.data.module import DataModule
from autogen.engine.checks.outcome import nothing_complete
from autogen.engine.conclusion import Conclusion
from autogen.engine.plan import Plan
from autogen.engine.private.refusals import in_force, refuse_more
from autogen.engine.private.study import WHOLE, written
from autogen.engine.publish import publish, refit
from autogen.engine.report_data import has_ended
from autogen.engine.run_folder import RunFolder, unused_folder
from autogen.engine.safety import changes_since, check_unchanged, study_toml, trust
from autogen.engine.settings import Settings
from autogen.engine.study_result import StudyResult
from autogen.engine.transfer import lessons
from autogen.engine.transfer.earlier import START
from autogen.engine.transfer.space import default_starts, inherited
from autogen.errors import AutogenError, RunError, agreed, counted, resume_command
from autogen.families.base import IsDataParallel
from autogen.families.fusing import shared_settings
from autogen.files import full_disk, write
from autogen.generator.delivered import check_files, differing, digests, is_source, recorded
from autogen.generator.generator import write_codec
from autogen.hpo.executor import Executor
from autogen.hpo.study.events import Ask, Result, Start, Stop
from autogen.hpo.study.journal import Journal, contents, read
from autogen.hpo.study.log import Listener, StudyLog
from autogen.hpo.study.state import SPENT, StudyState
from autogen.hpo.study.study import Limits, Strategy, Study
from autogen.hpo.study.timing import Times
from autogen.threads import one_thread
from autogen.training.checkpoint import CHECKPOINT, MODEL


def start(
    settings: Settings,
    *,
    source: Any = None,
    out: Path | None = None,
    listen: Listener | None = None,
    began: float | None = None,
    opened: Callable[[DataModule], None] | None = None,
    executor: Executor | None = None,
    stopped: Callable[[], bool] | None = None,
) -> StudyResult:
    """Run a new study.

    Args:
        settings: Settings of the study.
        source: Data in memory; default the data that the settings name.
        out: Folder of the run, new or empty; default ``runs/<data>-N``.
        listen: Function called after each event with the event and the study's state; default none.
        began: Time of ``time.monotonic()`` at which the budget starts; default now.
        opened: Function called with the data before anything is trained; default none.
        executor: Executor of the settings; default one that is made now.
        stopped: Function that tells if the search should start no further trial; default never.
    """
    began = time.monotonic() if began is None else began
    # what the executor refuses leaves no folder behind
    with contextlib.closing(executor or settings.warmed_executor()) as workers:
        settings = in_force(settings)
        plan = Plan(settings, settings.data if source is None else source)
        return start_plan(plan, workers, out=out, listen=listen, began=began, opened=opened, stopped=stopped)


def start_plan(
    plan: Plan,
    executor: Executor,
    *,
    out: Path | None = None,
    listen: Listener | None = None,
    began: float | None = None,
    opened: Callable[[DataModule], None] | None = None,
    stopped: Callable[[], bool] | None = None,
) -> StudyResult:
    """Run a new study by its plan, on an executor of its settings; see ``start``."""
    began = time.monotonic() if began is None else began
    plan.check()
    if opened:
        opened(plan.data)
    folder = RunFolder.create(out or unused_folder(plan.settings.data))
    return _run(folder, plan, executor, listen, began, stopped)


def resume(
    run: Path | str,
    *,
    source: Any = None,
    budget: str | None = None,
    workers: int | None = None,
    address: str | None = None,
    executor_options: Mapping[str, Any] | None = None,
    features: str = "",
    judges: Collection[str] = (),
    listen: Listener | None = None,
    began: float | None = None,
    stopped: Callable[[], bool] | None = None,
) -> StudyResult:
    """Resume a stopped run, or give a finished one more budget; without a budget a finished run is returned.

    What is missing of the output of a finished run is written again.

    Args:
        run: Folder of the run.
        source: Data again, if it was given in memory.
        budget: New budget; ``+10m`` adds to the old one. Default the old one.
        workers: New number of trials at once; default the old one.
        address: New address of the Ray cluster; default the old one.
        executor_options: Options of the executor to change; default none.
        features: Name of the feature code of the run, as a confirmation that it may run here.
        judges: Names of the run's language models as judges, as a confirmation that they may be asked.
        listen: Function called after each event with the event and the study's state; default none.
        began: Time of ``time.monotonic()`` at which the budget starts; default now.
        stopped: Function that tells if the search should start no further trial; default never.

    Raises:
        RunError: the folder is no run, the data has changed, or another process runs it.
    """
    began = time.monotonic() if began is None else began
    folder = RunFolder.open(Path(run))
    if _is_published(folder) and budget is None:
        return StudyResult(folder.path)
    settings = Settings.of(Settings.load(folder.study), str(folder.study))
    refuse_more(settings, budget)
    changed = dict(executor_options or {}) | ({} if address is None else {"address": address or "auto"})
    trust(settings, resume_command(run), features=features, options=changed, judges=judges)
    if budget:
        events = read(folder.journal)
        seconds = max((event.t for event in events), default=0.0)
        asked = sum(isinstance(event, Ask) for event in events)
        settings = settings.with_budget(budget, seconds, asked)
    settings = settings if workers is None else replace(settings, workers=workers)
    settings = settings.with_options(changed)
    if not settings.data and source is None:
        raise RunError(
            f"the data of {run} was given in memory; give it again: autogen.resume(run, source=data)"
        )
    plan = Plan(in_force(settings), settings.data if source is None else source, folder)
    with contextlib.closing(settings.warmed_executor()) as executor:
        check_unchanged(plan, folder)
        plan.check()
        return _run(folder, plan, executor, listen, began, stopped)


def _is_published(folder: RunFolder) -> bool:
    """Tell if a study has ended and its output is there as the journal recorded it; a torn line is cut off.

    Raises:
        RunError: what the output would be written from, such as the model of a trial, has changed.
    """
    found = contents(folder.journal)
    known = recorded(folder.path)
    check_files(folder.path, filter(is_source, known))
    if not has_ended(found.events):
        return False
    written = {name: known[name] for name in known if not is_source(name)}
    whole = folder.result.exists() and (folder.best / MODEL).exists()
    if not whole or any(differing(folder.path, written)):
        return False
    if found.torn:
        Journal(folder.journal).close()  # which cuts off what is torn
    return True


def _run(
    folder: RunFolder,
    plan: Plan,
    executor: Executor,
    listen: Listener | None,
    began: float,
    stopped: Callable[[], bool] | None,
) -> StudyResult:
    """Search, compare, test and publish; resumes where the journal ends."""
    with (
        one_thread(),  # more would take the cores from the workers, and from whoever shares the machine
        full_disk(folder.path),
        _stops_recorded(folder),
        contextlib.closing(Journal(folder.journal)) as journal,
    ):
        changes = begin(folder, plan)
        spent = time.monotonic() - began
        log = StudyLog(journal, plan.metric.objective, listen=listen, spent=spent)
        conclusion = Conclusion(plan, folder, executor)
        limits = Limits(plan.budget, timeout=plan.timeout, reserve=conclusion.reserve(), stopped=stopped)
        seed, trials = plan.settings.seed, str(folder.trials)
        study = Study(_strategy(plan), executor, log, limits, seed=seed, folder=trials)
        log.record(_start_event(plan, folder, journal.repaired, changes))
        finals = conclusion.finals(log)
        finals.ahead()
        study.spare = finals.queue
        state = study.run(plan.work())
        _tidy(folder, state)
        if not state.complete():
            raise RunError(nothing_complete(state, folder, plan))
        verdict, confirmation = conclusion.verdict(log, finals)
        result = publish(
            folder,
            plan.data,
            plan.goals,
            state,
            verdict,
            plan.resolved,
            earlier=plan.earlier,
            feedback=plan.feedback.about if plan.feedback else None,
            confirmation=confirmation,
            guarantee=plan.guarantee,
            times=lambda: Times.of(read(folder.journal), log.seconds, plan.budget.seconds),
        )
        if plan.settings.refit:
            refit(folder, plan, verdict)
        log.record(Result(result.verdict, digests(folder.path)))
        journal.sync()
    return result


@contextlib.contextmanager
def _stops_recorded(folder: RunFolder) -> Iterator[None]:
    """Write into the journal why the study stops before its verdict, for those who read its page."""
    try:
        yield
    except (KeyboardInterrupt, AutogenError, OSError) as error:
        why = (
            "it was interrupted, by Ctrl-C or a signal"
            if isinstance(error, KeyboardInterrupt)
            else str(error)
        )
        # Opened again: an interruption may have torn the last line, which this cuts off.
        with (
            contextlib.suppress(AutogenError, OSError),
            contextlib.closing(Journal(folder.journal)) as journal,
        ):
            if journal.events and not has_ended(journal.events):
                journal.append(Stop(why=why, t=max(event.t for event in journal.events)))
        raise


def _strategy(plan: Plan) -> Strategy:
    """Make the strategy of the search; the defaults of every family, with each start, are never pruned."""
    space = plan.space
    return Strategy(
        plan.sampler(),
        registry.get("pruner", plan.pruner_name)(),
        defaults=[
            config
            for family in space.families
            for config in (space.default(family), *default_starts(space, family))
        ],
        constraints=plan.goals.constraints,
        # ranks of one trial, and training with epsilon, have programs of their own
        fused=1 if plan.guarantee or plan.settings.execution.replica_count() > 1 else plan.settings.fused,
        together=partial(shared_settings, spec=plan.data.codec.spec, space=space),
        inherited=partial(inherited, models=plan.earlier.models) if plan.earlier else None,
    )


def _tidy(folder: RunFolder, state: StudyState) -> None:
    """Remove checkpoints of canceled trials, since their workers had no time to do so."""
    for trial in state.trials:
        if trial.reason == SPENT:
            (folder.trial(trial.task.number) / CHECKPOINT).unlink(missing_ok=True)


def begin(folder: RunFolder, plan: Plan) -> list[str]:
    """Write what a run begins with: settings, space, codec and columns; a resumed run keeps what there is.

    Returns:
        Notes on what is different now, one per sentence.
    """
    resumed = folder.study.exists()
    changes = changes_since(plan, folder) if resumed else []
    if plan.drift and not folder.drift.exists():  # first: a run that is resumed does not measure it again
        folder.start.mkdir(exist_ok=True)
        write(folder.drift, json.dumps(plan.drift, indent=2) + "\n")
    write(folder.study, study_toml(plan, folder.read_study().get("versions") if resumed else None))
    if not folder.space.exists():
        write(folder.space, plan.space.to_toml())
    lessons.keep(folder.lessons, plan.lessons)
    write_codec(folder.trials, plan.data.codec)
    if plan.data.private and not folder.private.exists():
        assert plan.guarantee
        write(folder.private, written(plan.data.private, plan.guarantee))
        folder.exhibits.mkdir(exist_ok=True)
        write(folder.shown, json.dumps({"real_rows": False}) + "\n")
    if plan.earlier and not (folder.start / START).exists():
        plan.earlier.save(folder.start, plan.data)
    if plan.data.readings and not folder.columns.exists():
        folder.exhibits.mkdir(exist_ok=True)
        write(folder.columns, json.dumps(list(map(asdict, plan.data.readings))))
    return changes


def _start_event(plan: Plan, folder: RunFolder, repaired: int, changes: list[str]) -> Start:
    """Make the event that begins the journal of this process."""
    return Start(
        about=_about(plan),
        run=str(folder.path),
        seconds=plan.budget.seconds,
        workers=plan.settings.worker_count,
        objective=plan.metric.objective,
        notes=(*plan.data.notes, *([WHOLE] if plan.private and plan.budget.seconds else [])),
        repaired=repaired,
        changed=tuple(changes),
        lessons=tuple(study.sha256 for study in plan.lessons),
    )


def _about(plan: Plan) -> str:
    """Describe in one line what the study will search."""
    rows = ", ".join(f"{count} {name}" for name, count in plan.data.sizes.items())
    points, count = plan.space.size(), plan.settings.worker_count
    size = "a continuous space" if points == float("inf") else f"{points:,.0f} points"
    workers = counted(count, "worker") if count else "as many workers as there is room for"
    return (
        f"{plan.data.source}: {plan.data.kind.name}, {rows}; {plan.sampler_name} search of "
        f"{', '.join(plan.space.families)} in {plan.space_name} ({size}) "
        f"by {plan.goals.describe()}; budget {plan.budget.words()}, {workers}"
        f"{plan.settings.execution.about()}{_trained_alone(plan)}"
    )


def _trained_alone(plan: Plan) -> str:
    """Name the families whose trials one replica trains, where there are several; empty otherwise."""
    if plan.settings.execution.replica_count() == 1:
        return ""
    kinds = {name: registry.get("family", name) for name in plan.space.families}
    alone = [name for name, kind in kinds.items() if not issubclass(kind, IsDataParallel)]
    return f"; {', '.join(alone)} {agreed(len(alone), 'trains', 'train')} on one replica" if alone else ""
