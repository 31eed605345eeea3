"""Plan of a study: its settings with all automatic choices made, and its data."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from autogen import registry
from autogen.data.declaration import declared
from autogen.data.module import DataModule
from autogen.data.open import BUILT_IN_SETS
from autogen.data.specs import Samples
from autogen.engine.checks.paths import absolute
from autogen.engine.feedback.study import StudyFeedback, feedback_of, without_bound
from autogen.engine.private import study as private_study
from autogen.engine.private.refusals import in_force, trials_of
from autogen.engine.run_folder import RunFolder
from autogen.engine.settings import Settings
from autogen.engine.transfer import lessons, pretrained
from autogen.engine.transfer.earlier import START, EarlierRun, earlier_of, opened, stored_earlier
from autogen.engine.transfer.notes import notes_on
from autogen.engine.transfer.space import for_update, with_both_first, with_start
from autogen.errors import DataError, MetricError, SettingsError
from autogen.hpo.budget import Budget
from autogen.hpo.earlier import EarlierStudy
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.space.shipped import space_names
from autogen.hpo.trial import Config, derived_seed
from autogen.judging.metrics import LanguageModelMetric, limits_of
from autogen.metrics.base import HasSelfCheck, Metric
from autogen.privacy.guarantee import Guarantee
from autogen.privacy.settings import PrivacySettings
from autogen.training.suited import refuse_unsuited
from autogen.training.worker.copying import CopyCheck
from autogen.training.worker.early import Early
from autogen.training.worker.work import GenerativeWork
from autogen.verdict.goals import Goals, make_goals, try_small_parts
from autogen.verdict.judges import FinalJudging, parse_judges
from autogen.verdict.measuring.sources import Champion

#: Seconds of a budget below which the study searches the space of small trials.
SHORT = 600.0


@dataclass(frozen=True)
class Plan:
    """Settings with all automatic choices made, and the data.

    Attributes:
        settings: Settings as the user gave them.
        source: Data as the user gave it: a name, a path or an object.
        began: Folder of the run that goes on: its space, the models that it starts from and what it learns
            from stay those that it began with; ``None`` for a new study.
        drift: What an update found of the new data before, as a JSON record; ``None`` without.
    """

    settings: Settings
    source: Any
    began: RunFolder | None = None
    drift: dict[str, Any] | None = None

    @cached_property
    def earlier(self) -> EarlierRun | None:
        """Models that training may start from; ``None`` for none."""
        if self.began and (self.began.start / START).exists():
            return stored_earlier(self.began.start)
        return earlier_of(self.settings)

    @property
    def champion(self) -> Champion | None:
        """Model of the run that this one updates, which competes as a baseline; ``None`` for none."""
        return self.earlier.champion if self.earlier else None

    @property
    def data(self) -> DataModule:
        """Data set, read, split and encoded."""
        return self._opened[0]

    @property
    def base(self) -> Config:
        """Constants of configs that adapt the pre-trained base; empty without one."""
        return self._opened[1]

    @property
    def feedback(self) -> StudyFeedback | None:
        """What the marks of users do; ``None`` without feedback."""
        return self._opened[3]

    @cached_property
    def _opened(self) -> tuple[DataModule, Config, int, StudyFeedback | None]:
        earlier = self.earlier
        data = opened(self.source, self.settings, earlier)
        if self.private:
            known = private_study.stored(self.began) if self.began else None
            data = private_study.private_data(data, self.private, known)
        most = self._most_rows(max(data.held_out.values()))
        data = data.limited(most, asked=bool(self.settings.eval_rows)) if most else data
        if earlier:
            notes = notes_on(earlier, data, older=bool(self.settings.older))
            data = replace(data, notes=(*data.notes, *notes))
        feedback = feedback_of(self.settings, data)
        data = feedback.data if feedback else data
        base = pretrained.base_settings(self.settings.pretrained, data, self.began)
        data = replace(data, notes=(*data.notes, *lessons.skipped_notes(self.settings.learn_from)))
        return pretrained.with_notes(data, base), base, most, feedback

    @property
    def private(self) -> PrivacySettings | None:
        """Guarantee that the user wants; ``None`` for none."""
        return PrivacySettings.of(self.settings.privacy)

    @cached_property
    def guarantee(self) -> Guarantee | None:
        """Differential privacy of the model that the study returns; ``None`` for none."""
        if not self.private:
            return None
        about = trials_of(self.settings), self.settings.group, self.space_name
        return private_study.guarantee_of(self.data, self.private, self.space, *about)

    def _most_rows(self, largest: int) -> int:
        """Most rows of each held-out split that scores use, 0 for all; a resumed run keeps its own."""
        if self.settings.eval_rows or self.began is None:
            return self.settings.scored_rows(largest)
        return self.began.scored_rows()

    @property
    def eval_rows(self) -> int:
        """Most rows of each held-out split that scores use; 0 for all."""
        return self._opened[2]

    @cached_property
    def goals(self) -> Goals:
        """Objectives and constraints of the study."""
        goals = goals_of(self.settings, self.data.kind.name)
        for metric in (goals.metric, *goals.metrics.values()):
            self._limit(metric)
        return goals

    @property
    def metric(self) -> Metric:
        """Metric of the first objective, which the search optimizes."""
        return self.goals.metric

    @property
    def _metrics(self) -> dict[str, Metric]:
        return {self.goals.names[0]: self.metric} | self.goals.metrics

    @cached_property
    def judging(self) -> FinalJudging | None:
        """Judges of the finalists in addition to the objective; ``None`` without any."""
        if not self.settings.judge:
            return None
        metrics, least = parse_judges(self.settings.judge, self.data.kind.name)
        for metric in metrics.values():
            self._limit(metric)
        return FinalJudging(self.data, metrics, least)

    def _limit(self, metric: Metric) -> None:
        """Give a language model as judge its share of the limits; all workers and this process share them."""
        if isinstance(metric, LanguageModelMetric):
            metric.limits = limits_of(self.settings.asking, self.settings.worker_count + 1)

    @cached_property
    def reference(self) -> Any:
        """Reference of the metric on the tune split, by which the search scores trials."""
        return self._prepared(self.metric, self.data.split("tune"))

    @cached_property
    def references(self) -> dict[str, Any]:
        """References of the other metrics on the tune split, by name."""
        tune = self.data.split("tune")
        return {name: self._prepared(metric, tune) for name, metric in self.goals.metrics.items()}

    def _prepared(self, metric: Metric, real: Samples) -> Any:
        """Prepare a reference of real samples, with the train split for metrics that use it."""
        return metric.prepare_with(real, self.data.codec, self.data.split("train"))

    @cached_property
    def space(self) -> SearchSpace:
        """Search space, restricted to the chosen families."""
        if self.began and self.began.space.exists():
            return SearchSpace.load(self.began.space)
        return self.named_space

    @property
    def named_space(self) -> SearchSpace:
        """Search space that the settings name, as it is now.

        Families that are not named are left out where the budget is too short for them.
        """
        space, named = SearchSpace.load(self.space_name), self.settings.families
        kind = declared(self.data.kind.name)
        space = pretrained.with_base(space, self.base, (self.space_name, *kind.spaces), named, kind.adapts)
        if self.private:
            return private_study.capable(space, named)
        space = space.restrict(named) if named else space.within(self.budget.seconds)
        if self.settings.update and self.earlier:
            space = for_update(space, self.earlier.configs, self.champion.family if self.champion else "")
        space = with_start(space, self.earlier.models if self.earlier else {})
        return with_both_first(space) if self.earlier and not self.settings.update else space

    @property
    def space_name(self) -> str:
        """Name or path of the search space; the small one of the kind if the budget is short."""
        seconds = self.budget.seconds
        usual, small = declared(self.data.kind.name).spaces
        if self.private:
            usual = small = private_study.space_of(self.data)
        return self.settings.space or (small if seconds is not None and seconds < SHORT else usual)

    @cached_property
    def lessons(self) -> Sequence[EarlierStudy]:
        """Earlier studies that the search learns from."""
        if self.began and (known := lessons.stored(self.began)) is not None:
            return known
        return lessons.gather(self.settings.learn_from, self.space, self.metric.objective)

    @property
    def budget(self) -> Budget:
        """Budget of the whole study."""
        found = Budget.parse(self.settings.budget)
        return replace(found, trials=trials_of(self.settings)) if self.private else found

    @property
    def timeout(self) -> float | None:
        """Seconds after which a worker is given up; ``None`` for no limit."""
        return Budget.parse(self.settings.trial_timeout).seconds

    def check(self) -> None:
        """Check settings and data before anything is written.

        Raises:
            UserError: a setting or the data cannot be used.
        """
        self.settings.check_names()
        space = self.space
        if not self.began:
            refuse_unsuited(space, self.settings.space, self.data)
        try:
            references = {self.goals.names[0]: self.reference} | self.references
        except MetricError as error:
            if isinstance(self.metric, HasSelfCheck):
                raise SettingsError(
                    f"{self.metric.objective.name} cannot judge {self.data.source}: {error}"
                ) from error
            raise DataError(
                f"{self.data.source} is too small for a score on held-out rows: {error}; bring more data"
            ) from error
        assert in_force(self.settings) == self.settings  # an update has no guarantee, and is refused
        assert self.private is None or self.guarantee  # which refuses what epsilon cannot keep
        pretrained.check_memory(self.space, self.base, self.data, self.settings.worker_count)
        try_small_parts(self.data, self.metric)
        self.goals.check_picklable()
        for name, metric in self._metrics.items():
            if isinstance(metric, HasSelfCheck) and (why := metric.why_unreliable(references[name])):
                raise SettingsError(f"{name} must not choose a model on {self.data.source}: {why}")
        if self.judging:
            self.judging.check()
        self.sampler()

    def sampler(self) -> Any:
        """Make a fresh sampler; a grid may have any size if the budget counts trials."""
        seed = derived_seed(self.settings.seed, "sampler")
        more: dict[str, Any] = {}
        if self.sampler_name == "parego":
            more["objectives"] = self.goals.objectives
        elif self.lessons:
            more["earlier"] = self.lessons
        elif self.sampler_name == "grid" and self.budget.trials is not None:
            more["capped"] = True
        return registry.get("sampler", self.sampler_name)(self.space, seed, **more)

    @property
    def sampler_name(self) -> str:
        """Name of the sampler; ``bayesian`` with several objectives is ``parego``."""
        bayesian = self.settings.sampler == "bayesian"
        return "parego" if bayesian and self.goals.multi_objective else self.settings.sampler

    @property
    def pruner_name(self) -> str:
        """Name of the pruner; ``none`` with several objectives, since a trial may be best in another one."""
        return "none" if self.goals.multi_objective else self.settings.pruner

    def work(self) -> GenerativeWork:
        """Make the work of a worker: to train and score trials."""
        data = self.data
        return GenerativeWork(
            train=data.encoded("train"),
            raw=data.split("train") if self.base else None,
            weights=self.feedback.weights(data.rows["train"]) if self.feedback else None,
            rejection=self.feedback.test if self.feedback else None,
            codec=data.codec,
            metric=self.goals.names[0],
            reference=self.reference,
            rows=len(self.data.rows["tune"]),
            seed=derived_seed(self.settings.seed, "sampling"),
            extra_metrics=self.goals.extra_metrics,
            references=self.references,
            static_constraints=self.goals.static_constraints,
            early=self.early,
            copy_check=None
            if self.private
            else CopyCheck.of(data.split("train"), data.split("tune"), data.codec),
            private=private_study.training_of(data, self.guarantee) if self.guarantee else None,
            initial=self.earlier.weights() if self.earlier else {},
        )

    @cached_property
    def early(self) -> Early | None:
        """Subset of the tune rows for low-fidelity scores; ``None`` for judges."""
        return Early.of(self.metric, self.data, self.reference)

    def machine(self) -> dict[str, str]:
        """Name the hardware that trials train on, if it is this machine's."""
        hardware = self.settings.execution.trains_on()
        return {"trains_on": hardware} if hardware else {}

    @cached_property
    def modeled_sha256(self) -> str:
        """Digest of what its models draw: the spec of the encoded data, and the rules that decoding keeps."""
        about = repr((self.data.codec.spec, self.settings.rules))
        return hashlib.sha256(about.encode("utf-8", "surrogatepass")).hexdigest()

    @cached_property
    def resolved(self) -> Settings:
        """Settings in force: all that was left open is decided, paths are absolute."""
        return replace(
            self.settings,
            data=absolute(self.settings.data, BUILT_IN_SETS),
            kind=self.data.kind.name,
            space=absolute(self.space_name, space_names()),
            families=self.space.families,
            learn_from=tuple(map(lessons.kept_name, self.settings.learn_from)),
            init_from=absolute(self.settings.init_from, ()),
            update=absolute(self.settings.update, ()),
            older=tuple(absolute(older, BUILT_IN_SETS) for older in self.settings.older),
            pretrained=absolute(self.settings.pretrained, ()),
            feedback=tuple(absolute(file, ()) for file in self.settings.feedback),
            objective=",".join(self.goals.names),
            sampler=self.sampler_name,
            pruner=self.pruner_name,
            workers=self.settings.worker_count,
        )


def goals_of(settings: Settings, kind: str) -> Goals:
    """Read objectives and constraints from settings, for a registered kind of data; see ``make_goals``."""
    bounds = without_bound(settings)
    return make_goals(kind, settings.objectives, bounds, settings.target, settings.features)
