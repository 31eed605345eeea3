"""A study and its trials as their user sees them, read-only, with the names of Optuna."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from autogen.errors import RunError
from autogen.hpo.objective import Direction
from autogen.hpo.study.state import StudyState, TrialRecord
from autogen.hpo.trial import Config, State


@dataclass(frozen=True)
class Trial:
    """One trial, as it was when it was looked at.

    Attributes:
        number: Number of the trial, from 0.
        value: Score at full fidelity; ``None`` unless the trial is complete.
        params: Config of the trial, its family among it.
        state: ``State.COMPLETE`` and so on; ``state.name`` is Optuna's word for it, except that Optuna says
            ``FAIL`` for ``FAILED`` and has no ``INFEASIBLE`` (a bound is broken).
        intermediate_values: Score by training step, one for each rung that was reached.
        reason: Reason of a failure or a stop; empty otherwise.
    """

    number: int
    value: float | None
    params: Config
    state: State
    intermediate_values: Mapping[int, float]
    reason: str

    @classmethod
    def of(cls, record: TrialRecord) -> Self:
        """Make the view of a record."""
        scores = {at.step: at.score for at in record.curve}
        task = record.task
        return cls(task.number, record.score, dict(task.config), record.state, scores, record.reason)


class Study:
    """A study while it runs, as callbacks get it.

    Args:
        state: State of the study.
        stop: Function that ends the search.
    """

    def __init__(self, state: StudyState, stop: Callable[[], None]) -> None:
        self._state = state
        self._stop = stop

    def stop(self) -> None:
        """End the search: running trials are finished, none starts, and the best are compared as always."""
        self._stop()

    @property
    def direction(self) -> Direction:
        """``minimize`` or ``maximize``."""
        return self._state.objective.direction

    @property
    def trials(self) -> list[Trial]:
        """All trials so far, in the order of their numbers."""
        return [Trial.of(record) for record in self._state.trials]

    @property
    def best_trial(self) -> Trial:
        """Complete trial with the best score so far; one that is suspected of copying comes last.

        Raises:
            RunError: no trial is complete yet.
        """
        complete = self._state.complete()
        if not complete:
            raise RunError("no trial is complete yet, so there is no best one; look at study.trials")
        return Trial.of(complete[0])

    @property
    def best_value(self) -> float | None:
        """Score of ``best_trial``. Raises ``RunError`` if no trial is complete yet."""
        return self.best_trial.value

    @property
    def best_params(self) -> Config:
        """Config of ``best_trial``. Raises ``RunError`` if no trial is complete yet."""
        return self.best_trial.params
