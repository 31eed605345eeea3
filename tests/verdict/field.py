"""Real finals on texts whose truth is known: contenders write a real word with a stated chance."""

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from autogen.data.open import open_data
from autogen.families.baselines.base import Baseline, HasState, TrainCopy
from autogen.hpo.objective import Objective
from autogen.hpo.study.log import StudyLog
from autogen.metrics.base import Metric
from autogen.verdict.contenders import ContenderResult, Draw, Entry, Rules
from autogen.verdict.finals import Finals
from autogen.verdict.goals import Goals
from autogen.verdict.scheduler import EvaluationQueue
from tests.data.texts.makers import words

DRAWS = 4


class RealWords(Metric):
    """Share of the texts that begin with the first letter of a real one: maximized."""

    kinds = ("text",)
    objective = Objective("real_words", 1, "maximize")

    def prepare(self, real, codec):
        return {text[:1] for text in real}

    def score(self, reference, fake):
        return float(np.mean(self.known(reference, fake)))

    def replicates(self, reference, fake, groups):
        known, owner = self.known(reference, fake), np.arange(len(fake)) % groups
        return np.array([known[owner != group].mean() for group in range(groups)])

    def known(self, reference, fake):
        return np.array([text[:1] in reference for text in fake])


@dataclass(frozen=True)
class Writer:
    """Writes a real-looking word with a chance, else letters at random; or copies train.

    Attributes:
        chance: The truth.
        n: Texts of a draw.
        seed: Random seed of the draw.
        copied: Texts of train to copy instead.
    """

    chance: float
    n: int
    seed: int
    copied: tuple[str, ...] = ()

    def draws(self):
        draw = np.random.default_rng(self.seed)
        if self.copied:
            yield [self.copied[place] for place in draw.integers(len(self.copied), size=self.n)]
        else:
            yield written(self.chance, self.n, draw)

    def on(self, device):
        return self


def written(chance, n, draw):
    """Texts, real words with a chance."""
    good = words(n, seed=int(draw.integers(2**31)))
    bad = ["".join(draw.choice(list("qxjwyh"), 6)) for _ in range(n)]
    return [a if draw.random() < chance else b for a, b in zip(good, bad, strict=True)]


class Keeper(Baseline):
    """A baseline that holds rows of train."""

    chance = 0.5

    def fit(self, train, codec):
        self.train = train

    def sample(self, n, rng):
        return written(self.chance, n, rng)


class Poor(Keeper, HasState):
    """The worse trivial baseline."""

    trivial, chance = True, 0.1

    def state(self):
        return {}

    def restore(self, state, codec):
        pass


class Third(Poor):
    """The better trivial baseline: the floor."""

    chance = 0.35


class Half(Poor):
    """The best baseline that does not copy."""

    trivial, chance = False, 0.5


class Copier(Poor):
    """A baseline that copies train, and so scores best."""

    trivial = False

    def sample(self, n, rng):
        return [self.train[row] for row in rng.integers(len(self.train), size=n)]


BASELINES = {"train_copy": TrainCopy, "poor": Poor, "third": Third, "half": Half, "copier": Copier}


def finals(chances, metric=None, copying=()):
    """Finals of contenders with such chances of a real word.

    Args:
        chances: By number of a trial; of each of its models where a list, by split where a dict.
        metric: Measures; the share of real words where left out.
        copying: Trials that copy train.
    """
    data = open_data(words(900))
    goals = Goals("text", ("reverse_ngram",))
    goals.__dict__["metric"] = metric or RealWords()
    happened = []
    journal = SimpleNamespace(events=happened, append=happened.append)
    log = StudyLog(journal, goals.metric.objective, clock=lambda: 0.0)
    made = Finals(data, goals, 0, EvaluationQueue(log))
    made.sources.__dict__["baselines"] = BASELINES
    made.drawn = []

    def of_model(draw, split):
        trial, model = divmod(int(draw.model.name), 100)
        found = chances[trial]
        chance = found[model] if isinstance(found, list) else found
        chance = chance[split] if isinstance(chance, dict) else chance
        seed = made.sources.sampling_seed(split, draw.index)
        made.drawn.append((split, draw.model, draw.index, seed))
        copied = tuple(data.split("train")) if trial in copying else ()
        return Writer(chance, len(data.rows[split]), seed + 7919 * trial + model, copied)

    made.sources._of_model = of_model
    made.measurements.measure = lambda finalists, *_: [ContenderResult(one) for one in finalists]
    return made


def model(trial, seconds=1.0, **more):
    """A model of the search as it enters the finals."""
    own = tuple(Draw(Path("trials") / f"{100 * trial:04d}", index) for index in range(DRAWS))
    return Entry(f"trial {trial}", "finalist", {"family": "vae"}, trial, own, own, (seconds,), **more)


def recipe(trial, ranking=(0, 1), claim=(2, 3, 4, 5), **more):
    """A recipe with its fresh trainings."""
    draws = [
        tuple(
            Draw(Path("finalists") / f"{100 * trial + number:04d}", place)
            for place, number in enumerate(some)
        )
        for some in (ranking, claim)
    ]
    config = {"family": "vae"}
    return Entry(f"trial {trial}", "finalist", config, trial, *draws, (1.0,) * len(claim), **more)


def judged(made, entries, rules=None):
    """Both steps of the finals."""
    rules = rules or Rules(draws=DRAWS)
    return made.read_test(made.rank(entries), rules)
