"""Checks a run folder: its files, its journal, and that no trial is lost or counted twice."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from autogen.engine.private.study import check_stored
from autogen.engine.report_data import has_ended
from autogen.engine.run_folder import RunFolder
from autogen.engine.safety import check_space
from autogen.engine.settings import Settings
from autogen.engine.transfer.earlier import START, stored_earlier
from autogen.errors import AutogenError, reason, resume_command
from autogen.generator.delivered import differing, unchanging
from autogen.generator.load import load
from autogen.hpo.objective import Objective
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.study.event import Event
from autogen.hpo.study.events import Ask, Cut, End, Result, Rung
from autogen.hpo.study.journal import contents, in_use
from autogen.hpo.study.state import StudyState
from autogen.hpo.trial import State
from autogen.training.checkpoint import MODEL, read_tensors

#: End of the finding on a trial that a running or a stopped study still has to train.
OPEN = " has not ended"


def audit(run: Path) -> list[str]:
    """Check all that a run folder holds; whatever it holds, this ends with findings.

    Args:
        run: Folder of a run.

    Returns:
        One sentence for each finding; empty where settings, space, each record of the journal and each model
        can be read and agree, and result.json and the models are those that the journal recorded.

    Raises:
        RunError: the folder is no run.
    """
    folder = RunFolder(run)
    folder.check()
    findings = [str(path) + " is a link or no file; a run folder holds neither" for path in folder.strange()]
    if findings:
        return findings
    parts = (_settings, _journal, _models, _delivered, _result)
    return list(dict.fromkeys(finding for part in parts for finding in _findings(part, folder)))


def standing(run: Path) -> str:
    """Say in a sentence that a study has no result yet, and how to get it; empty for one that has ended.

    Call it where ``audit`` finds nothing worse than trials that have not ended.
    """
    folder = RunFolder(run)
    if has_ended(contents(folder.journal).events):
        return ""
    if in_use(folder.journal):
        return "the study is still running; it has no result yet"
    return f"the study was stopped before its result; nothing is lost, go on with it: {resume_command(run)}"


def notes(run: Path) -> list[str]:
    """List what cannot be checked in a run folder, one sentence each; call it after ``audit``."""
    found = contents(RunFolder(run).journal)
    unknown = []
    if found.chain.version == 1:
        unknown.append("the journal has version 1, without checksums: a changed or lost line may go unseen")
    if has_ended(found.events) and not _recorded(found.events):
        unknown.append(
            "the journal has no SHA-256 of result.json and the models, as earlier versions had none: a "
            "changed figure or weight may go unseen"
        )
    return unknown


def _findings(part: Callable[[RunFolder], Iterable[str]], folder: RunFolder) -> list[str]:
    """Run a part of the check, and make a finding of whatever stops it."""
    found: list[str] = []
    try:
        found.extend(part(folder))
    except Exception as error:  # whatever the content of a file makes fail
        known = isinstance(error, AutogenError)
        found.append(reason(error) if known else f"{folder.path} cannot be checked: {error!r:.200}")
    return found


def _settings(folder: RunFolder) -> Iterator[str]:
    """Check that study.toml and the search space can be read and used."""
    Settings.of(Settings.load(folder.study), str(folder.study))
    if folder.space.exists():  # version 1 had none
        SearchSpace.load(folder.space)
    check_space(folder)
    if not has_ended(contents(folder.journal).events):  # else the journal has its digest
        check_stored(folder)
    yield from ()


def _journal(folder: RunFolder) -> Iterator[str]:
    """Check the chain of checksums, and that every trial was asked once and ended once."""
    found = contents(folder.journal)
    if found.torn and not in_use(folder.journal):
        line = len(found.events) + 2
        yield f"line {line} of the journal is torn: resuming the run cuts it off and repeats what it told"
    counted = miscounted(found.events)
    yield from counted
    if not counted:  # else the replay names the same once more
        StudyState(Objective("audit")).replay(found.events, folder.journal)


def _models(folder: RunFolder) -> Iterator[str]:
    """Check that trials' models are there and readable, and that those of the start are as they were."""
    for path in sorted(folder.path.glob(f"*/[0-9]*/{MODEL}")):
        read_tensors(path)
    events = contents(folder.journal).events
    begun = folder.start.exists() and events  # start.json is there before these
    if begun or (folder.start / START).exists():
        stored_earlier(folder.start)
    known = _recorded(events)
    for event in events:
        if isinstance(event, End) and event.state is State.COMPLETE and folder.trial(event.n).exists():
            path = folder.trial(event.n) / MODEL
            if not path.exists() and path.relative_to(folder.path).as_posix() not in known:
                yield f"{path} is missing, but trial {event.n} is complete; restore it from a copy"


def _delivered(folder: RunFolder) -> Iterator[str]:
    """Check that result.json and the models are those that the journal recorded."""
    events = contents(folder.journal).events
    known = _recorded(events)
    # a resumed study may be writing its next result
    yield from differing(folder.path, known if has_ended(events) else unchanging(known))


def _recorded(events: Sequence[Event]) -> Mapping[str, str]:
    """The digests that the last result of a journal records; empty without any."""
    return next((event.sha256 for event in reversed(events) if isinstance(event, Result)), {})


def _result(folder: RunFolder) -> Iterator[str]:
    """Check the result and the model of a study that has ended."""
    events = contents(folder.journal).events
    if folder.result.exists() and not any(isinstance(event, Result) for event in events):
        yield (
            "result.json is there, but the journal tells of no result: the study was stopped as it wrote its "
            f"result, or the journal lost its last lines; write it anew: {resume_command(folder.path)}"
        )
    if not (events and isinstance(events[-1], Result)):
        return
    result = folder.read_result()
    if result.verdict != events[-1].verdict:
        yield f"result.json says {result.verdict!r}, but the journal {events[-1].verdict!r}"
    load(folder.best)


def miscounted(events: Sequence[Event]) -> list[str]:
    """List trials that were not asked once and ended once, and rungs that were measured twice."""
    asked = [event.n for event in events if isinstance(event, Ask)]
    ended = Counter(event.n for event in events if isinstance(event, End))
    known = set(asked)
    findings = (
        [] if asked == list(range(len(asked))) else ["trials are not numbered 0, 1, 2 ... in the order asked"]
    )
    findings += [f"trial {n}{OPEN}" for n in asked if not ended[n]]
    findings += [f"trial {n} ended {count} times" for n, count in ended.items() if count > 1]
    findings += [f"trial {n} ended but was never asked" for n in ended if n not in known]
    return findings + repeated_rungs(events)


def repeated_rungs(events: Iterable[Event]) -> list[str]:
    """List rungs that were measured twice, except for restarts with fewer steps."""
    cuts = Counter[int]()
    measured = Counter[tuple[int, int, int]]()
    for event in events:
        if isinstance(event, Cut):
            cuts[event.n] += 1
        elif isinstance(event, Rung):
            measured[event.n, event.step, cuts[event.n]] += 1
    return [f"trial {n} was measured {c} times at step {s}" for (n, s, _), c in measured.items() if c > 1]
