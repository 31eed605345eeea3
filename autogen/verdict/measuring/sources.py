"""Sources of each contender's samples: sampling seeds, splits, and the keys of the journal."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from autogen.data.codec import Codec
from autogen.data.module import DataModule, real_rows, unseen_rows
from autogen.errors import RunError
from autogen.families.baselines.base import Baseline, HasState
from autogen.families.baselines.lookup import baselines_for
from autogen.generator.generator import GeneratedModel
from autogen.hpo.trial import Config, derived_seed
from autogen.metrics.base import Metric
from autogen.metrics.feedback.rejection import RejectionTest
from autogen.metrics.memorization.gate import MOST_SAMPLES
from autogen.training.checkpoint import MODEL
from autogen.training.worker.trial_folder import CONFIG, read_config
from autogen.verdict.contenders import Draw, Entry, Measured, Ranking, Role, Rules
from autogen.verdict.measuring.evaluations import (
    FromBaseline,
    FromModel,
    FromSamples,
    HardTests,
    Joined,
    Score,
    Source,
    replicates_of,
    scores_of,
)
from autogen.verdict.measuring.scheduler import EvaluationQueue

#: Number of sampling seeds of each contender, and that where time is short. Five draws cut the variance of
#: drawing to a fifth. The variance of the real rows, which draws do not reduce, is about that of one draw, so
#: more draws gain little. Three keep false winners below .05 too, with less power; two do not
#: (benchmarks/verdict.py).
DRAWS, FEW_DRAWS = 5, 3
#: Number of sampling seeds of a baseline on select, where they only decide which baseline is the best.
RANKING_DRAWS = 1
#: Name of an earlier run's model among the baselines.
CHAMPION = "earlier_model"


@dataclass(frozen=True)
class Champion:
    """Delivered model of an earlier run, which a new one must beat to take its place.

    Attributes:
        folder: Folder of its weights.
        config: Its config.
        codec: Codec of the data that it was trained on.
    """

    folder: Path
    config: Config
    codec: Codec

    @property
    def family(self) -> str:
        """Name of its family."""
        return str(self.config["family"])


@dataclass(frozen=True)
class FinalFeedback:
    """What marks of users change in the finals.

    Attributes:
        test: Hard test on samples of the kind that they rejected; ``None`` for none.
        rows: Rows of the data that baselines are fitted on, int64 (n,): the training rows by their weights.
    """

    test: RejectionTest | None
    rows: np.ndarray


class Sources:
    """Makes evaluations of contenders; large files are read only when they are submitted.

    Args:
        data: Data set with its splits.
        metric: Main metric.
        seed: Random seed of the study.
        queue: Queue of evaluations for the workers.
        champion: Model that competes as a baseline; default none.
        feedback: What marks of users change; default none.
    """

    def __init__(
        self,
        data: DataModule,
        metric: Metric,
        seed: int,
        queue: EvaluationQueue,
        champion: Champion | None = None,
        feedback: FinalFeedback | None = None,
    ) -> None:
        self.data = data
        self.metric = metric
        self.seed = seed
        self.queue = queue
        self.champion = champion
        self.feedback = feedback
        self._references: dict[str, Any] = {}
        self._models: dict[Path, GeneratedModel] = {}

    @cached_property
    def baselines(self) -> dict[str, type[Baseline]]:
        """Baselines of the kind of data, by name."""
        return baselines_for(self.data.kind.name)

    @cached_property
    def known_by(self) -> str:
        """Name of rows, split and codec, by which one process fits baselines once for each."""
        record = json.dumps(self.data.codec.to_json(), default=lambda one: np.asarray(one).tolist())
        codec = hashlib.sha256(record.encode()).hexdigest()
        return f"{self.data.sha256} {self.data.split_sha256['train']} {codec}"

    def entries(self) -> list[Entry]:
        """Make the entries of the baselines."""
        role: dict[bool, Role] = {True: "control", False: "baseline"}
        found = [
            Entry(name, role[kind.control], trivial=kind.trivial) for name, kind in self.baselines.items()
        ]
        return [*found, Entry(CHAMPION, "baseline", self.champion.config)] if self.champion else found

    def reference(self, split: str) -> Any:
        """Prepare the metric's reference of a split, once."""
        if split not in self._references:
            self._references[split] = self.metric.prepare_with(
                self.data.split(split), self.data.codec, self.data.split("train")
            )
        return self._references[split]

    def sampling_seed(self, split: str, index: int) -> int:
        """Random seed of a draw: the same for all contenders, different for each split and index."""
        return derived_seed(self.seed, "draw", split, index)

    def groups(self, split: str) -> int:
        """Number of groups of rows in the jackknife of a split."""
        return self.metric.groups(len(self.data.rows[split]))

    def keys(self, entry: Entry, split: str, draws: int) -> list[str]:
        """Keys of a contender's scores on a split, one for each draw, so that workers share them."""
        if entry.role != "finalist":
            labels = ["1"] if draws == 1 else [f"{draw} of {draws}" for draw in range(1, draws + 1)]
            return [f"{split}/{entry.name}/{label}" for label in labels]
        return [f"{split}/{entry.name}/{draw.label}" for draw in self._draws(entry, split)]

    def hard_tests_key(self, entry: Entry, draws: int) -> str:
        """Key of a contender's hard tests; ``gate/`` in old journals was the memorization test alone."""
        if entry.role != "finalist":
            return f"constraints/{entry.name}/{draws}"
        return f"constraints/{entry.name}/{entry.test[0].label}/{len(entry.test)}"

    def score(self, entry: Entry, split: str, draws: int, place: int = 0) -> Score:
        """Make the evaluation of a contender on a split, of the key at an index; tune has no jackknife."""
        source = self.sources(entry, split, draws)[place]
        groups = 0 if split == "tune" else self.groups(split)
        return Score(self.metric, self.reference(split), source, groups)

    def real(self, split: str) -> Score:
        """Make the evaluation of as many real rows, the ceiling."""
        groups = self.groups(split) if split == "test" else 0
        return Score(self.metric, self.reference(split), FromSamples(real_rows(self.data, split)), groups)

    def hard_tests(self, entry: Entry, draws: int) -> HardTests:
        """Make the hard tests of a contender, on as many of its draws for test together as are looked at."""
        data = self.data
        if len(entry.models) <= 1:  # every training of a recipe is looked at
            draws = min(draws, -(-MOST_SAMPLES // len(data.rows["test"])))
        source = Joined(tuple(self.sources(entry, "test", draws)[:draws]))
        unseen = unseen_rows(data)
        real = data.kind, data.codec, data.split("train"), unseen
        return HardTests(source, *real, self.known_by, self.feedback.test if self.feedback else None)

    def sources(self, entry: Entry, split: str, draws: int) -> list[Source]:
        """Make the sources of a contender's samples for a split, one for each draw."""
        if entry.role == "finalist":
            return [self._of_model(draw, split) for draw in self._draws(entry, split)]
        seeds = [(self.sampling_seed(split, index),) for index in range(draws)]
        if champion := self.champion_of(entry):
            model = champion.config, champion.folder, champion.codec, split
            return [self._drawn(*model, seed) for seed in seeds]
        kind, data = self.baselines[entry.name], self.data
        key = f"{entry.name} {self.known_by}"
        size = len(data.rows[split])
        train = data.split("train")
        if self.feedback and not kind.control:
            train = data.kind.take(data.raw.samples, self.feedback.rows)
            key += f" {hashlib.sha256(self.feedback.rows.tobytes()).hexdigest()}"
        return [FromBaseline(kind, train, data.codec, key, size, seed) for seed in seeds]

    def first(self, entry: Entry, split: str = "test") -> Source:
        """Make the source of a contender's first samples for a split."""
        return self.sources(entry, split, 1)[0]

    def samples(self, entry: Entry, split: str, draws: int) -> list[Any]:
        """Draw a contender's raw samples for a split in this process, one set for each draw."""
        return [samples for source in self.sources(entry, split, draws) for samples in source.draws()]

    def can_save(self, entry: Entry) -> bool:
        """Tell if a baseline holds no rows of the data, so that it may be delivered."""
        return self.champion_of(entry) is not None or issubclass(self.baselines[entry.name], HasState)

    def saved(self, entry: Entry) -> Baseline | None:
        """Fit a baseline; ``None`` if it holds rows of the data, so that it must not be delivered."""
        if not issubclass(self.baselines[entry.name], HasState):
            return None
        source = self.first(entry)
        assert isinstance(source, FromBaseline)
        return source.fitted()

    def champion_of(self, entry: Entry) -> Champion | None:
        """Return the champion if this is its entry."""
        return self.champion if entry.name == CHAMPION else None

    def models(self, entry: Entry) -> list[GeneratedModel]:
        """Load the models behind a finalist's test scores, once."""
        for folder in entry.models:
            if folder not in self._models:
                self._models[folder] = GeneratedModel.of_trial(folder, self.data.codec)
        return [self._models[folder] for folder in entry.models]

    def add(self, entry: Entry, split: str, draws: int) -> list[str]:
        """Queue a contender's scores on a split; returns their keys."""
        return [
            self.queue.add(key, partial(self.score, entry, split, draws, place))
            for place, key in enumerate(self.keys(entry, split, draws))
        ]

    def add_real(self, split: str) -> str:
        """Queue the score of as many real rows on a split; returns its key."""
        return self.queue.add(f"{split}/real rows/1", lambda: self.real(split))

    def add_hard_tests(self, entry: Entry, draws: int) -> str:
        """Queue a contender's hard tests; returns their key."""
        key = self.hard_tests_key(entry, draws)
        return self.queue.add(key, lambda: self.hard_tests(entry, draws))

    def measured(self, entry: Entry, split: str, draws: int) -> tuple[Measured | None, str]:
        """Return the measured scores of a contender, or the reason why there are none."""
        keys = self.keys(entry, split, draws)
        if not keys:
            return None, "it left no model"
        if errors := [why for key in keys if (why := self.queue.error(key))]:
            return None, f"could not be scored: {errors[0]}"
        values = [self.queue.values(key) for key in keys]
        scores = np.concatenate([scores_of(found) for found in values])
        return Measured(scores, np.concatenate([replicates_of(found) for found in values])), ""

    def score_on_tune(self, until: float) -> dict[str, float]:
        """Score baselines and real rows on tune while there is time.

        Args:
            until: Second on the study's clock after which no evaluation starts.

        Returns:
            Scores by name, of those that there was time for and that could be scored.
        """
        keys = {entry.name: self.add(entry, "tune", 1)[0] for entry in self.entries()}
        keys["real rows"] = self.add_real("tune")
        self.queue.run(keys.values(), until)
        return {
            name: float(scores_of(self.queue.values(key))[0])
            for name, key in keys.items()
            if self.queue.known(key)
        }

    def _draws(self, entry: Entry, split: str) -> tuple[Draw, ...]:
        return entry.test if split == "test" else entry.select

    def _of_model(self, draw: Draw, split: str) -> FromModel:
        config, seed = read_config(draw.model / CONFIG), self.sampling_seed(split, draw.index)
        return self._drawn(config, draw.model, self.data.codec, split, (seed,))

    def _drawn(
        self, config: Config, folder: Path, codec: Codec, split: str, seeds: tuple[int, ...]
    ) -> FromModel:
        """Make the source of a model in a folder."""
        try:
            weights = (folder / MODEL).read_bytes()
        except OSError as error:
            raise RunError(f"cannot read {folder / MODEL}: {error.strerror}") from error
        return FromModel(config, weights, codec, len(self.data.rows[split]), seeds)


def of_model(folder: Path, draws: int) -> tuple[Draw, ...]:
    """Make the draws of one model, one for each sampling seed."""
    return tuple(Draw(folder, index) for index in range(draws))


def of_trainings(folders: Iterable[Path]) -> tuple[Draw, ...]:
    """Make the draws of a recipe, one of each training."""
    return tuple(Draw(folder, index) for index, folder in enumerate(folders))


def trimmed(ranking: Ranking, rules: Rules) -> Ranking:
    """Cut the draws of models on test to those of the rules; a recipe has one for each training."""
    if rules.claim == "recipe":
        return ranking
    finalists = (
        replace(one, entry=replace(one.entry, test=one.entry.test[: rules.draws]))
        for one in ranking.finalists
    )
    return replace(ranking, finalists=tuple(finalists))
