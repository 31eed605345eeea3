"""The seconds of a study by what they were spent on, from its journal."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from autogen.hpo.study.event import Event
from autogen.hpo.study.events import Ask, Confirm, Costs, Cut, End, Finalists, Rung, Scored, Start

#: Multiple of a time budget up to which it counts as kept.
ALLOWED = 1.05


@dataclass(frozen=True)
class Times:
    """Seconds of a study: by the clock ``startup``, ``search`` and ``finals``, and work summed over workers.

    Attributes:
        budget: Time budget in seconds; ``null`` for no limit.
        seconds: Seconds from beginning to end, of all processes that ran it; the sum of the next three.
        startup: Seconds until the first worker began to work: imports, reading the data, starting workers.
        search: Seconds of the search after that.
        finals: Seconds of the comparison, of the reading of the test split and of writing the output.
        search_training: Training of the search's trials.
        search_evaluation: Sampling, scoring and testing for copies of the search's trials.
        confirmation_training: Training of finalists on fresh seeds.
        confirmation_evaluation: Sampling and scoring of the finalists on the select split.
        baselines: Scoring of baselines and real rows on all splits, with the hard tests.
        test: Scoring of finalists on the test split, with the hard tests and diagnostics.
        costs: Measurement of efficiency and likelihoods.
    """

    budget: float | None
    seconds: float
    startup: float = 0.0
    search: float = 0.0
    finals: float = 0.0
    search_training: float = 0.0
    search_evaluation: float = 0.0
    confirmation_training: float = 0.0
    confirmation_evaluation: float = 0.0
    baselines: float = 0.0
    test: float = 0.0
    costs: float = 0.0

    @classmethod
    def of(cls, events: Iterable[Event], seconds: float, budget: float | None) -> "Times":
        """Sum up a journal.

        Args:
            events: Events of the journal.
            seconds: Second on the study's clock.
            budget: Time budget in seconds; ``None`` for no limit.
        """
        events = list(events)
        spent: defaultdict[str, float] = defaultdict(float, _clock(events, seconds))
        last: dict[int, Rung] = {}
        for event in events:
            match event:
                case Rung():
                    last[event.n] = event
                case Cut() if event.n in last:
                    _add(spent, last.pop(event.n))
                case End():
                    spent["search_evaluation"] += event.check
                case Confirm():
                    spent["confirmation_training"] += event.train
                    spent["confirmation_evaluation"] += event.eval
                case Scored():
                    spent[_purpose(event.key)] += event.seconds
                case Costs():
                    spent["costs"] += event.seconds
        for rung in last.values():
            _add(spent, rung)
        rounded = {name: round(value, 2) for name, value in spent.items()}
        return cls(budget, round(seconds, 1), **rounded)

    @property
    def evaluation_share(self) -> float | None:
        """Share of the work that was not training, 0 to 1; ``None`` without any work."""
        training = self.search_training + self.confirmation_training
        evaluation = self.search_evaluation + self.confirmation_evaluation + self.baselines + self.test
        evaluation += self.costs
        return round(evaluation / (training + evaluation), 4) if training + evaluation else None

    @property
    def kept(self) -> bool:
        """True if the study ended within its time budget."""
        return self.budget is None or self.seconds <= ALLOWED * self.budget

    def to_json(self) -> dict[str, Any]:
        """Convert to the section ``time`` of ``result.json``."""
        return asdict(self) | {"kept": self.kept}


def _clock(events: Sequence[Event], seconds: float) -> dict[str, float]:
    """Split the seconds of the clock by what the study was doing; they add up to all of them."""
    spent = {"startup": 0.0, "search": 0.0, "finals": 0.0}
    loading, chapter, before = True, "search", 0.0
    for event in events:
        passed = max(0.0, event.t - before)
        before += passed
        loading = loading or isinstance(event, Start)  # each process that resumes a study loads all again
        worked = min(passed, _worked(event)) if loading else passed
        spent["startup"] += passed - worked
        spent[chapter] += worked
        loading = loading and not worked
        if isinstance(event, Ask | Finalists):
            chapter = "search" if isinstance(event, Ask) else "finals"
    spent["startup" if loading else chapter] += max(0.0, seconds - before)
    return spent


def _worked(event: Event) -> float:
    """Seconds of a worker that an event reports; 0 for none."""
    match event:
        case Rung() | Confirm():
            return event.train + event.eval
        case Scored():
            return event.seconds
        case End():
            return event.check
    return 0.0


def _add(spent: defaultdict[str, float], rung: Rung) -> None:
    """Add the seconds of a trial of the search up to its last rung."""
    spent["search_training"] += rung.train
    spent["search_evaluation"] += rung.eval


def _purpose(key: str) -> str:
    """Name the field of ``Times`` by a score's key: ``select/trial 3/7``, ``test/smote/0``, ``others/7``."""
    part, _, rest = key.partition("/")
    if part == "others":
        return "test"
    if not rest.startswith("trial "):
        return "baselines"
    return "confirmation_evaluation" if part == "select" else "test"
