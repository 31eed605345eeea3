"""The time budget of a search: when it ends, and which trials have time to end."""

import math
from collections.abc import Callable, Sequence

from autogen.hpo.study.state import SPENT, TOO_LONG, StudyState, TrialRecord
from autogen.hpo.trial import Measurement, State

#: Share of the budget that may be overrun rather than restart a trial with fewer steps.
_SLACK = 0.1
#: Share of the budget kept free when a trial is cut, since half of all estimates are too short.
_MARGIN = 0.1
#: Shares of its steps that a trial may be cut to, in descending order.
_SHARES = tuple(round(0.05 * twentieths, 2) for twentieths in range(18, 1, -1))
#: Multiple of its estimated remaining seconds after which a trial is timed out.
_GRACE = 2.0
#: Number of the best trials among which the quickest is looked up.
_MANY = 100


class TimeBudget:
    """Decides by the time that is left when the search ends and which trials are stopped.

    Args:
        state: State of the study.
        seconds: Time budget in seconds; ``None`` for no limit.
        patience: Multiple of the budget after which the search ends even without a complete trial.
        reserve: Function of the state that gives the seconds to keep for the finals; default none.
    """

    def __init__(
        self,
        state: StudyState,
        seconds: float | None,
        *,
        patience: float,
        reserve: Callable[[StudyState], float] | None = None,
    ) -> None:
        self.state = state
        self.seconds = seconds
        self.patience = patience
        self._reserve = reserve
        self._deadlines: dict[int, float] = {}  # trial to the second of the study's clock

    def left(self, now: float) -> float:
        """Compute the seconds left for the search at a second of the study's clock."""
        if self.seconds is None:
            return math.inf
        return self.seconds - (self._reserve(self.state) if self._reserve else 0.0) - now

    def is_up(self, now: float) -> bool:
        """Tell if the search must stop; not before a trial is complete, as there is no result without one."""
        if self.seconds is None or self.left(now) > 0:
            return False
        return self.state.ended[State.COMPLETE] > 0 or now > self.patience * self.seconds

    def ends(self, now: float) -> bool:
        """Tell if no trial may start: the time is up, or shorter than the quickest trial."""
        if self.seconds is None:
            return False
        quickest = min((trial.seconds for trial in self.state.complete()[:_MANY]), default=-math.inf)
        return self.is_up(now) or self.left(now) < quickest

    def family(self, now: float) -> str:
        """Name the only family of which a trial may start; empty for any.

        Once the quickest trial of some family is longer than the time left, this is the family with the
        best trial of those that still fit: a trial that cannot end teaches nothing.
        """
        if self.seconds is None:
            return ""
        quickest: dict[str, float] = {}  # the best family first, as the trials are
        for trial in self.state.complete()[:_MANY]:
            family = str(trial.task.config.get("family"))
            quickest[family] = min(trial.seconds, quickest.get(family, math.inf))
        left = self.left(now)
        fitting = [family for family, seconds in quickest.items() if seconds <= left]
        return fitting[0] if fitting and len(fitting) < len(quickest) else ""

    def timed_out(self, number: int, now: float) -> bool:
        """Tell if a trial is past its deadline, or has not been measured yet."""
        return now > self._deadlines.get(number, 0.0)

    def stops(self, trial: TrialRecord, measured: Measurement, now: float) -> str:
        """Give the reason to stop a trial that cannot end in the time left; empty to go on.

        Args:
            trial: Record of the trial before this measurement.
            measured: Measurement at a rung that is not the last.
            now: Second on the study's clock.
        """
        if self.seconds is None:
            return ""
        whole = _whole(trial, [*trial.curve, measured])
        scoring = measured.eval_seconds / (len(trial.curve) + 1)
        beside = max(1, measured.fused)  # of the seconds, each trial of one program has its share
        rest = beside * (whole - measured.train_seconds + scoring)
        self._deadlines[measured.number] = now + _GRACE * rest
        alone = not self.state.ended[State.COMPLETE]
        if alone and self.is_up(now):
            return SPENT
        left = self.left(now) + (_SLACK * self.seconds if alone else 0.0)
        if rest <= left:
            return ""
        # up to half of the seconds of a first rung may be the warm-up of the worker
        sure = whole if trial.curve else whole / 2
        fits = beside * (sure - measured.train_seconds + scoring) <= left
        if not (alone and fits) and self._share(trial, whole, scoring, now):
            return TOO_LONG
        return "" if alone else SPENT

    def share(self, trial: TrialRecord, now: float) -> float | None:
        """Compute the share of its steps to restart a trial with; ``None`` if it is not to be restarted."""
        scoring = trial.curve[-1].eval_seconds / len(trial.curve)
        return self._share(trial, _whole(trial, trial.curve), scoring, now)

    def _share(self, trial: TrialRecord, whole: float, scoring: float, now: float) -> float | None:
        """Cut a trial, once, if its family has no complete trial yet: without one it cannot be judged."""
        if self.seconds is None or trial.cut:
            return None
        complete = self.state.complete()
        if trial.task.config.get("family") in {one.task.config.get("family") for one in complete}:
            return None
        left = self.left(now) - _MARGIN * self.seconds
        fitting = [share for share in _SHARES if share * whole + scoring <= left]
        if fitting:
            return fitting[0]
        return None if complete else _SHARES[-1]


def _whole(trial: TrialRecord, curve: Sequence[Measurement]) -> float:
    """Estimate the seconds of all steps by the pace of the last rung; the first one includes the warm-up."""
    last, steps = curve[-1], trial.task.steps
    if len(curve) == 1:
        return last.train_seconds * steps / last.step
    pace = (last.train_seconds - curve[-2].train_seconds) / (last.step - curve[-2].step)
    return last.train_seconds + pace * (steps - last.step)
