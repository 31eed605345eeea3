"""Searches that are compared: public sets, the small shipped space of their kind, and our trial's program."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from autogen.engine.plan import Plan
from autogen.engine.settings import Settings
from autogen.hpo.objective import Objective
from autogen.hpo.space import SearchSpace
from autogen.training.worker.work import GenerativeWork
from benchmarks.anchors.public import FOLDER

#: Place of each set under AUTOGEN_DATA; other names are those of built-in sets.
SETS = {
    "adult": "tabular/adult/data.csv.gz",
    "california_housing": "tabular/california_housing/data.csv.gz",
    "insurance": "tabular/insurance/data.csv.gz",
    "penguins": "tabular/penguins/data.csv.gz",
    "fashion_mnist": "images/fashion_mnist/data.npz",
    "names": "text/names/data.txt.gz",
    "tinyshakespeare": "text/tinyshakespeare/data.txt.gz",
    "jsb_chorales": "music/jsb_chorales/data.json.gz",
}
#: Small shipped spaces of the sets whose curves are recorded.
SHORT_SPACES = {
    "insurance": "tabular_tiny",
    "penguins": "tabular_tiny",
    "digits": "image_tiny",
    "names": "text_tiny",
    "jsb_chorales": "music_tiny",
}
WORKERS = 2
#: Any budget for which a study takes the small space.
SHORT = "3m"


@dataclass(frozen=True)
class Setting:
    """One set with one seed, by which it is split and trials are drawn.

    Attributes:
        name: Name of the set.
        seed: Seed of the split and of everything drawn.
    """

    name: str
    seed: int = 0

    @cached_property
    def plan(self) -> Plan:
        """Plan of a study on the set."""
        place = str(FOLDER / SETS[self.name]) if self.name in SETS else self.name
        given = {"data": place, "seed": self.seed, "workers": WORKERS, "budget": SHORT}
        settings = Settings.of(given, "benchmarks")
        return Plan(settings, Path(place) if self.name in SETS else place)

    @property
    def space(self) -> SearchSpace:
        """Small shipped space of the set's kind, with all its families."""
        return self.plan.space

    @property
    def objective(self) -> Objective:
        """Objective of the search."""
        return self.plan.metric.objective

    def work(self) -> GenerativeWork:
        """Program of a trial: build, train to each rung, sample, score on tune rows; no test for copies."""
        return replace(self.plan.work(), copy_check=None)
