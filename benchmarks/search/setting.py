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
    "german_credit": "tabular/german_credit/data.csv.gz",
    "insurance": "tabular/insurance/data.csv.gz",
    "penguins": "tabular/penguins/data.csv.gz",
    "titanic": "tabular/titanic/data.csv.gz",
    "wine_quality": "tabular/wine_quality/data.csv.gz",
    "cifar10": "images/cifar10/images.zip",
    "crawl_tiles": "images/crawl_tiles/images.zip",
    "fashion_mnist": "images/fashion_mnist/data.npz",
    "names": "text/names/data.txt.gz",
    "sms_spam": "text/sms_spam/data.csv.gz",
    "tinyshakespeare": "text/tinyshakespeare/data.txt.gz",
    "wikitext2": "text/wikitext2_valid/data.txt.gz",
    "jsb_chorales": "music/jsb_chorales/data.json.gz",
    "nottingham_abc": "music/nottingham_abc/data.abc.gz",
}
#: Small shipped spaces of the sets whose curves are recorded.
SHORT_SPACES = {
    **dict.fromkeys(("adult", "california_housing", "german_credit", "insurance"), "tabular_tiny"),
    **dict.fromkeys(("penguins", "titanic", "wine_quality"), "tabular_tiny"),
    **dict.fromkeys(("cifar10", "crawl_tiles", "digits", "fashion_mnist"), "image_tiny"),
    **dict.fromkeys(("names", "sms_spam", "tinyshakespeare", "wikitext2"), "text_tiny"),
    **dict.fromkeys(("jsb_chorales", "nottingham_abc"), "music_tiny"),
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
