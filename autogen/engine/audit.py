"""Checks a run's journal for trials that are lost or counted twice."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from autogen.engine.run_folder import RunFolder
from autogen.hpo.study.event import Event
from autogen.hpo.study.events import Ask, Cut, End, Rung
from autogen.hpo.study.journal import read


def audit(run: Path) -> list[str]:
    """Check that every trial was asked once and ended once.

    Args:
        run: Folder of a run.

    Returns:
        One sentence for each finding; empty for a sound journal.

    Raises:
        RunError: the folder is no run, or its journal cannot be read.
    """
    events = read(RunFolder.open(run).journal)
    asked = [event.n for event in events if isinstance(event, Ask)]
    ended = Counter(event.n for event in events if isinstance(event, End))
    known = set(asked)
    findings = (
        [] if asked == list(range(len(asked))) else ["trials are not numbered 0, 1, 2 ... in the order asked"]
    )
    findings += [f"trial {n} has not ended" for n in asked if not ended[n]]
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
