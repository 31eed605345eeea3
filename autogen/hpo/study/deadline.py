"""What a time budget leaves room for: whether the search goes on, and which of its trials."""

import math
from collections.abc import Callable, Sequence

from autogen.hpo.study.state import StudyState, TrialRecord
from autogen.hpo.trial import Measurement, State

#: Why a trial is stopped that the time does not suffice for.
SPENT = "stopped when the budget was spent"
#: Why a trial is begun anew with fewer steps.
TOO_LONG = "too long for the budget"
#: Share of the budget that may be overrun rather than begin a trial anew.
_SLACK = 0.1
#: Share of the budget that is not given away by cutting a trial: forecasts are too short as often as not.
_MARGIN = 0.1
#: Shares of its steps that a trial may be cut to, the most first.
_SHARES = tuple(round(0.05 * twentieths, 2) for twentieths in range(18, 1, -1))
#: A trial that was let go on may take so many times as long as it should before it is abandoned.
_LENIENCE = 2.0
#: Trials among which the quickest is looked for.
_MANY = 100


class TimeBudget:
    """Holds a search to its time; without a limit everything has time.

    Args:
        state: Of the study.
        seconds: Of the budget; ``None`` for no limit.
        patience: After so many times the budget the search ends without any complete trial.
        reserve: Seconds of the budget to keep for what comes after the search.
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
        self._awaited: dict[int, float] = {}  # trial to when it should have ended, by what it took so far

    def left(self, now: float) -> float:
        """Seconds of the search that are left at a second of the study's clock."""
        if self.seconds is None:
            return math.inf
        return self.seconds - (self._reserve(self.state) if self._reserve else 0.0) - now

    def is_up(self, now: float) -> bool:
        """Whether the search must stop; never before one trial is complete, as there is no result without."""
        if self.seconds is None or self.left(now) > 0:
            return False
        return self.state.ended[State.COMPLETE] > 0 or now > self.patience * self.seconds

    def ends(self, now: float) -> bool:
        """Whether no trial is begun any more: the time is up, or less than the quickest one took."""
        if self.seconds is None:
            return False
        last = (trial.curve[-1] for trial in self.state.complete()[:_MANY])
        quickest = min((one.train_seconds + one.eval_seconds for one in last), default=-math.inf)
        return self.is_up(now) or self.left(now) < quickest

    def timed_out(self, number: int, now: float) -> bool:
        """Whether a trial should have ended long ago, or has given no sign yet."""
        return now > self._awaited.get(number, 0.0)

    def stops(self, trial: TrialRecord, measured: Measurement, now: float) -> str:
        """Why a trial cannot end in the time left; empty to go on.

        Args:
            trial: As it was before it was measured.
            measured: At a rung that is not its last.
            now: Second of the study's clock.
        """
        if self.seconds is None:
            return ""
        whole = _whole(trial, [*trial.curve, measured])
        scoring = measured.eval_seconds / (len(trial.curve) + 1)
        rest = whole - measured.train_seconds + scoring
        self._awaited[measured.number] = now + _LENIENCE * rest
        alone = not self.state.ended[State.COMPLETE]
        if alone and self.is_up(now):
            return SPENT
        left = self.left(now) + (_SLACK * self.seconds if alone else 0.0)
        if rest <= left:
            return ""
        # up to half of a first rung's seconds may be a worker's warming up
        sure = whole if trial.curve else whole / 2
        fits = sure - measured.train_seconds + scoring <= left
        if not (alone and fits) and self._share(trial, whole, scoring, now):
            return TOO_LONG
        return "" if alone else SPENT

    def share(self, trial: TrialRecord, now: float) -> float | None:
        """Share of its steps that a trial has to be begun anew with; ``None`` where it is not to be."""
        scoring = trial.curve[-1].eval_seconds / len(trial.curve)
        return self._share(trial, _whole(trial, trial.curve), scoring, now)

    def _share(self, trial: TrialRecord, whole: float, scoring: float, now: float) -> float | None:
        """The first trials of a family may be cut, once each: without any it could not be judged."""
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
    """Seconds that all steps take, at the pace of the last rung: the first also holds a worker's warm-up."""
    last, steps = curve[-1], trial.task.steps
    if len(curve) == 1:
        return last.train_seconds * steps / last.step
    pace = (last.train_seconds - curve[-2].train_seconds) / (last.step - curve[-2].step)
    return last.train_seconds + pace * (steps - last.step)
