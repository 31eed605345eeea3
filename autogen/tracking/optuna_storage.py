"""A study in an Optuna storage, for optuna-dashboard and ``optuna.visualization``; a door to Optuna."""

import hashlib
import math

from optuna.storages import RDBStorage
from optuna.study import StudyDirection
from optuna.trial import TrialState, create_trial

from autogen.errors import RunError
from autogen.hpo.optuna_storages import open_storage
from autogen.hpo.study.state import TrialRecord
from autogen.hpo.trial import Measurement, State
from autogen.report.result import Result
from autogen.tracking.base import TrackedStudy, Tracker
from autogen.tracking.optuna_space import OptunaSpace

#: Attribute of the study that tells runs of one name apart.
RUN = "autogen:run"
#: Prefix of the attributes that Optuna keeps the violations of constraints under.
_CONSTRAINT = "constraints:"


class OptunaTracker(Tracker):
    """Mirrors a study into an Optuna storage while it runs; doing it again adds what is missing.

    Trials keep their numbers. Rungs are intermediate values, bounds are constraints (``latency <= 20 ms``),
    with ``memorization`` above 0 for a suspected copy; config, reason, seed and seconds are user attributes.
    A trial that was refused or failed before its first score fails in Optuna as well.

    Args:
        target: URL of a database, or ``journal:PATH``.
    """

    def __init__(self, target: str = "") -> None:
        super().__init__(target)
        self._storage = open_storage(target)
        self._ids: dict[int, int] = {}
        self._ended: set[int] = set()

    def begin(self, study: TrackedStudy) -> bool:
        """Create the study, or find that of an earlier process."""
        self._study, self._space = study, OptunaSpace(study.space)
        self._study_id = self._create(study)
        for frozen in self._storage.get_all_trials(self._study_id, deepcopy=False):
            self._ids[frozen.number] = frozen._trial_id
            if frozen.state.is_finished():
                self._ended.add(frozen.number)
        return True

    def asked(self, trial: TrialRecord) -> None:
        """Create the trial, running."""
        number = trial.task.number
        if number in self._ids:
            return
        values, distributions = self._space.point(trial.proposed)
        about = {"family": trial.task.config["family"], "seed": str(trial.task.seed)}
        frozen = create_trial(
            state=TrialState.RUNNING, params=values, distributions=distributions, user_attrs=about
        )
        found = self._storage.create_new_trial(self._study_id, template_trial=frozen)
        if (given := self._storage.get_trial_number_from_id(found)) != number:
            raise RunError(f"trial {number} became {given} in Optuna: another program writes to this study")
        self._ids[number] = found

    def measured(self, trial: TrialRecord, at: Measurement) -> None:
        """Store an intermediate value."""
        if (number := trial.task.number) not in self._ended:
            self._storage.set_trial_intermediate_value(self._ids[number], at.step, at.score)

    def ended(self, trial: TrialRecord) -> None:
        """Store attributes and constraints, then the final state and values."""
        number = trial.task.number
        if number in self._ended:
            return
        place = self._ids[number]
        for key, value in self._attributes(trial).items():
            self._storage.set_trial_user_attr(place, key, value)
        for key, amount in self._study.violations(trial).items():
            self._storage.set_trial_system_attr(place, f"{_CONSTRAINT}{key}", amount)
        state, values = self._outcome(trial)
        self._storage.set_trial_state_values(place, state, values)
        self._ended.add(number)

    def concluded(self, result: Result) -> None:
        """Store the verdict as attributes of the study."""
        about = {"verdict": result.verdict, "statement": result.statement, "test score": result.test.mean}
        about |= {"delivered trial": result.best.trial, "delivered family": result.best.family}
        for key, value in about.items():
            self._storage.set_study_user_attr(self._study_id, key, value)

    def close(self) -> None:
        """Close connections."""
        self._storage.remove_session()
        if isinstance(self._storage, RDBStorage):
            self._storage.engine.dispose()

    def _create(self, study: TrackedStudy) -> int:
        """Create the study, named after the folder of the run, with more letters if another run has it."""
        run = str(study.folder.path)
        known = {one.study_name: one for one in self._storage.get_all_studies()}
        for name in (study.name, f"{study.name}-{hashlib.sha256(run.encode()).hexdigest()[:6]}"):
            if name not in known:
                directions = [StudyDirection[one.direction.upper()] for one in study.objectives]
                made = self._storage.create_new_study(directions, name)
                self._storage.set_study_system_attr(
                    made, "study:metric_names", [one.name for one in study.objectives]
                )
                for key, value in {RUN: run, "about": study.about}.items():
                    self._storage.set_study_user_attr(made, key, value)
                return made
            if known[name].user_attrs.get(RUN) == run:
                return known[name]._study_id
        raise RunError(f"the storage has studies named {study.name} of other runs; rename this run's folder")

    def _outcome(self, trial: TrialRecord) -> tuple[TrialState, list[float] | None]:
        """Final state of a trial and its values in Optuna's terms."""
        values = self._study.values(trial)
        finite = values is not None and all(map(math.isfinite, values))
        match trial.state:
            case State.COMPLETE | State.INFEASIBLE if finite:
                return TrialState.COMPLETE, values
            case State.PRUNED:
                return TrialState.PRUNED, values if finite and len(self._study.objectives) == 1 else None
            case _:
                return TrialState.FAIL, None

    def _attributes(self, trial: TrialRecord) -> dict[str, object]:
        about: dict[str, object] = {"steps": trial.task.steps, "seconds": round(trial.seconds, 3)}
        about |= {"reason": trial.reason} if trial.reason else {}
        about |= {"suspect": trial.suspect} if trial.suspect else {}
        fixed = {key: value for key, value in trial.task.config.items() if key not in trial.proposed}
        return about | fixed | dict(trial.values)
