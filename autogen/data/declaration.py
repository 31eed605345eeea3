"""Declaration of a kind of data: its metric, baselines, search spaces, previews and so on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autogen import registry


@dataclass(frozen=True)
class Preview:
    """Preview of samples of a kind in the report.

    Attributes:
        suffix: Suffix of the preview files that ``save`` writes. The page shows ``.png`` as a picture,
            ``.csv`` as rows and ``.txt`` as texts.
        shown: Number of generated and of real samples.
        pairs: Number of generated samples that stand beside the training samples nearest to them.
        marginals: Place of ``f(real, fake, codec) -> list[Record]``, the distributions of columns or of
            measured quantities (``autogen.data.marginals``); none where empty.
        tunes: Place of ``f(kind, codec, samples) -> list[Record]``, samples to be played on the page; none
            where empty.
    """

    suffix: str
    shown: int = 10
    pairs: int = 5
    marginals: str = ""
    tunes: str = ""
    lines: str = ""


@dataclass(frozen=True)
class Declaration:
    """Everything that belongs to a kind of data. A place is ``module:name``, imported on first use.

    Attributes:
        metric: Registered name of the metric that selects models unless the user names another.
        spaces: Search space, and the one of small trials for budgets under ten minutes: registered names.
        baselines: Place of each baseline's class by name: a control (``train_copy``) and a trivial one.
        distance: Place of the ``Distance`` of the memorization test, made of (pool, codec).
        preview: Preview of samples in the report.
        features: Registered name of the feature space, with which all feature metrics fit; none where empty.
        marked: Place of the feature space in which rejected samples are told from kept ones; that of
            ``features`` where empty.
        metrics: Registered names of further metrics that fit, beside those whose ``kinds`` name the kind.
        evidence: Place of ``f(samples, train, codec) -> float`` by name: further traces of copying.
        likelihood: Place of ``f(samples, codec) -> (unit, nats of it in all samples)``.
        adapts: Registered name of the family that builds on a pre-trained model (``--pretrained``); that of
            language models refuses other data than texts.
        relations: Place of ``f(train, real, fake, codec, target, rules=()) -> Relations``: pairs of columns,
            rules and utility of tables; none where empty.
        drift: Place of ``f(older, newer, codec, dealt) -> {name: Moved}``: how far each column's distribution
            moved (``autogen.metrics.tables.drift``); none where empty.
        found_rules: Place of ``f(data) -> list[str]``: rules of the real rows as ``--rule`` takes them; none
            where empty.
        plural: Name of samples on the model card, plural.
        file: File of samples in the command on the model card.
        limits: Limits of every model of this kind; one sentence of the model card.
    """

    metric: str
    spaces: tuple[str, str]
    baselines: Mapping[str, str]
    distance: str
    preview: Preview
    features: str = ""
    marked: str = ""
    metrics: tuple[str, ...] = ()
    evidence: Mapping[str, str] = field(default_factory=dict)
    likelihood: str = "autogen.data.likelihood_units:unit_of_spec"
    adapts: str = "pretrained"
    relations: str = ""
    drift: str = ""
    found_rules: str = ""
    plural: str = "samples"
    file: str = "FILE"
    limits: str = ""


def declared(kind: str) -> Declaration:
    """Look up the declaration of a registered kind of data.

    Raises:
        UnknownNameError: no such kind; the nearest one is suggested.
    """
    found: Declaration = registry.get("data", kind).declaration
    return found


def lineage(kind: str) -> tuple[str, ...]:
    """Name of a kind, then of the kinds that its class is derived from: what fits these fits it too."""
    classes: list[Any] = registry.get("data", kind).mro()
    return tuple(dict.fromkeys((kind, *(vars(one)["name"] for one in classes if "name" in vars(one)))))
