"""Real finals on texts whose truth is known: models write a real word with the chance in their weights.

``words_registered`` in ``tests/conftest.py`` puts the kinds of data, the family and the metrics into the
registry.
"""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import nn

from autogen.data.open import open_data
from autogen.data.split import part_sizes
from autogen.data.texts.kind import Texts
from autogen.families.base import ModelFamily, Steps
from autogen.families.baselines.base import Baseline, HasState
from autogen.hpo.objective import Objective, parse_constraints
from autogen.hpo.study.events import Scored
from autogen.metrics.base import Metric
from autogen.training.checkpoint import MODEL, write_tensors
from autogen.training.worker.trial_folder import CONFIG, write_config
from autogen.verdict.contenders import Draw, Entry, Rules
from autogen.verdict.finals import Finals
from autogen.verdict.goals import Goals
from autogen.verdict.measuring.scheduler import EvaluationQueue
from autogen.verdict.measuring.sources import Champion
from tests.data.texts.makers import words
from tests.hpo.study.logs import events_in, log_of

DRAWS = 4
#: Texts of the data.
SIZE = 900
#: First letters of a word that the real rows of one split alone have; words that no split has begin with BAD.
ONLY, BAD = {"select": "a", "test": "e"}, "o"


def here(*names):
    return {name.lower(): f"{__name__}:{name}" for name in names}


class RealWords(Metric):
    """Share of the texts that begin with the first letter of a real one: maximized."""

    kinds = ("invented",)
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


class Choosy(RealWords):
    """Cannot score texts of which none is a real word."""

    def score(self, reference, fake):
        if not self.known(reference, fake).any():
            raise ValueError("no real word anywhere")
        return super().score(reference, fake)


class Keeper(Baseline):
    """A baseline that holds rows of train."""

    chance = 0.5

    def fit(self, train, codec):
        self.train = train

    def sample(self, n, rng):
        return written((self.chance, 0.0, 0.0), n, rng)


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


class TrivialCopier(Copier):
    """A trivial baseline that is refused."""

    trivial = True


class Control(Keeper):
    """A control that passes the hard tests."""

    control = True


BASELINES = Texts.declaration.baselines
BASELINES = {"train_copy": BASELINES["train_copy"]} | here("Poor", "Third", "Half", "Copier")


class Invented(Texts):
    """Texts in the order of train, tune, select and test."""

    name = "invented"
    declaration = replace(
        Texts.declaration, metric="real_words", features="", evidence={}, baselines=BASELINES
    )

    def read(self, source, options):
        found = super().read(source, options)
        return replace(found, times=np.arange(len(found.samples), dtype=float))


class Copying(Invented):
    """The same, but that one of the trivial baselines is refused, since it copies train."""

    name = "copying"
    declaration = replace(Invented.declaration, baselines=BASELINES | {"third": f"{__name__}:TrivialCopier"})


class AllCopying(Invented):
    """The same, but that all baselines are refused, and the control is not."""

    name = "allcopying"
    declaration = replace(Invented.declaration, baselines=here("Control", "Copier", "TrivialCopier"))


class Traced(Invented):
    """The same, with evidence of copying beside the metrics."""

    name = "traced"
    declaration = replace(Invented.declaration, evidence=Texts.declaration.evidence)


class Withheld(Invented):
    """The same, but that the best baseline holds rows of train."""

    name = "withheld"
    declaration = replace(Invented.declaration, baselines=BASELINES | {"half": f"{__name__}:Keeper"})


class Held(Withheld):
    """The same, and no other one is better."""

    name = "held"
    declaration = replace(
        Withheld.declaration,
        baselines={name: place for name, place in Withheld.declaration.baselines.items() if name != "copier"},
    )


def texts():
    """Words, of which one in select and one in test begin as no other word does."""
    found, sizes = list(dict.fromkeys(words(2 * SIZE)))[:SIZE], part_sizes(SIZE)
    found[-1] = ONLY["test"] + found[-1]
    found[-1 - sizes["test"]] = ONLY["select"] + found[-1 - sizes["test"]]
    return found


def written(chances, n, rng):
    """Texts: real words; words that are real in select alone, in test alone; others."""
    first = np.array(["", ONLY["select"], ONLY["test"], BAD])
    which = np.searchsorted(np.cumsum(chances), rng.random(n), side="right")
    return [a + b for a, b in zip(first[which], words(n, seed=int(rng.integers(2**31))), strict=True)]


@dataclass(frozen=True)
class WriterModel:
    """What a writer is built of.

    Attributes:
        copies: Texts of train that it copies; 0 for one that writes.
    """

    copies: int = 0


class WriterNet(nn.Module):
    """Its chances (3,), the characters that are tokens, and what it copies."""

    def __init__(self, copies, spec):
        super().__init__()
        self.spec = spec
        self.register_buffer("chances", torch.zeros(3, dtype=torch.float64))
        self.register_buffer("symbols", torch.zeros(spec.levels, dtype=torch.int64))
        self.register_buffer("copied", torch.zeros(copies, spec.length, dtype=torch.int64))


class Writer(ModelFamily):
    """Writes real words with a chance; or copies train."""

    model_config = WriterModel
    training_config = Steps

    def build(self, config, spec):
        return WriterNet(config.model.copies, spec)

    def phases(self, config):
        return []

    def sample(self, model, n, noise):
        if len(model.copied):
            return {"tokens": model.copied[noise.integers(len(model.copied), n)]}
        rng = np.random.default_rng(int(noise.integers(2**31, 1)))
        rows = torch.full((n, model.spec.length), model.spec.pad)
        place = {chr(symbol): token for token, symbol in enumerate(model.symbols.tolist())}
        for row, text in zip(rows, written(model.chances.numpy(), n, rng), strict=True):
            tokens = [place[letter] for letter in text if letter in place][: model.spec.length - 1]
            row[: len(tokens) + 1] = torch.tensor([*tokens, model.spec.end])
        return {"tokens": rows}


@cache
def of_baselines(kind, metric):
    """Evaluations of the baselines, as a journal holds them."""
    with TemporaryDirectory() as folder:
        made = Field(Path(folder), {}, metric, kind, events=())
        sources = made.finals.sources
        keys = made.finals.ahead()
        for entry in sources.entries():
            keys += [*sources.add(entry, "test", DRAWS), sources.add_hard_tests(entry, DRAWS)]
        made.finals.queue.run(keys)
        sources.score_on_tune(until=float("inf"))
        return made.scored()


class Field:
    """Finals of models with such chances of a real word, in a folder that holds them.

    Args:
        folder: Where models and journal lie.
        chances: By number of a trial; of each of its trainings where a list, by split where a dict.
        metric: Registered name of the metric.
        kind: Registered name of the kind of data.
        copying: Trials that copy train.
        events: That the journal holds; where left out, the baselines' evaluations, the same for all.
        more: Names of further objectives.
        bounds: Constraints as a user writes them, by name.
        champion: Number of the trial whose model competes as that of an earlier run; none by default.
    """

    def __init__(
        self,
        folder,
        chances,
        metric="real_words",
        kind="invented",
        copying=(),
        events=None,
        more=(),
        bounds=None,
        champion=None,
    ):
        self.folder = folder
        self.data = open_data(texts(), kind=kind)
        self.goals = Goals(kind, (metric, *more), parse_constraints(bounds or {}))
        known = of_baselines(kind, metric) if events is None else events
        self.log = log_of(folder, *known, objective=self.goals.metric.objective)
        kept = champion and Champion(self._place(100 * champion), {"family": "writer"}, self.data.codec)
        self.finals = Finals(self.data, self.goals, 0, EvaluationQueue(self.log), champion=kept)
        for trial, found in chances.items():
            for training, chance in enumerate(found if isinstance(found, list) else [found]):
                self._write(100 * trial + training, chance, trial in copying)

    def model(self, trial, seconds=1.0):
        """A model of the search as it enters the finals."""
        own = tuple(Draw(self._place(100 * trial), index) for index in range(DRAWS))
        return Entry(f"trial {trial}", "finalist", {"family": "writer"}, trial, own, own, (seconds,))

    def recipe(self, trial, ranking=(0, 1), claim=(2, 3, 4, 5), **more):
        """A recipe with its fresh trainings."""
        draws = [
            tuple(Draw(self._place(100 * trial + training), index) for index, training in enumerate(some))
            for some in (ranking, claim)
        ]
        seconds = (1.0,) * len(claim)
        return Entry(f"trial {trial}", "finalist", {"family": "writer"}, trial, *draws, seconds, **more)

    def judged(self, entries: list[Entry], **rules):
        """All steps of the finals, without costs and diagnostics."""
        rules = Rules(**{"draws": DRAWS, "limit": 0.0} | rules)
        return self.finals.read_test(self.finals.admit(self.finals.rank(entries), rules), rules)

    def models(self, *trials, **rules):
        """What is found of models of the search."""
        return self.judged([self.model(trial) for trial in trials], **rules)

    def recipes(self, *trials):
        """What is found of recipes."""
        return self.judged([self.recipe(trial) for trial in trials], claim="recipe")

    def scored(self):
        """Evaluations that the journal holds by now."""
        return events_in(self.log, Scored)

    def _place(self, number) -> Path:
        return self.folder / "trials" / f"{number:04d}"

    def _write(self, number, chance, copying):
        """Leave a model as a trial leaves its own."""
        codec, own = (
            self.data.codec,
            chance if isinstance(chance, dict) else {"select": chance, "test": chance},
        )
        both = min(own.values())
        copied = (
            codec.encode(self.data.split("train"))["tokens"] if copying else np.zeros((0, codec.spec.length))
        )
        tensors = {
            "chances": torch.tensor([both, own["select"] - both, own["test"] - both], dtype=torch.float64),
            "symbols": torch.tensor(
                [0] * (codec.spec.levels - len(codec.symbols)) + [ord(one) for one in codec.symbols]
            ),
            "copied": torch.tensor(copied, dtype=torch.int64),
        }
        self._place(number).mkdir(parents=True)
        write_config(self._place(number) / CONFIG, {"family": "writer", "model.copies": len(copied)})
        write_tensors(self._place(number) / MODEL, tensors, {})
