"""Names to classes: a built-in table of strings, then the entry points of other packages.

Nothing is imported before it is asked for, so the command line answers at once. A third party
adds a plug-in with an entry point of the group ``autogen.<kind>`` (``autogen.family``,
``autogen.metric`` ...); built-in names win, since a checkout's own entry points are not visible
on the workers of a cluster.
"""

import difflib
import importlib
from importlib.metadata import entry_points
from typing import Any

from autogen.errors import UnknownNameError

BUILT_IN: dict[str, dict[str, str]] = {
    "sampler": {
        "bayesian": "autogen.samplers.bayesian:BayesianSampler",
        "parego": "autogen.samplers.scalarised:ScalarisedSampler",
        "random": "autogen.samplers.random:RandomSampler",
        "grid": "autogen.samplers.grid:GridSampler",
    },
    "pruner": {
        "none": "autogen.pruners.none:NoPruner",
        "median": "autogen.pruners.median:MedianPruner",
        "halving": "autogen.pruners.halving:HalvingPruner",
        "hyperband": "autogen.pruners.hyperband:HyperbandPruner",
    },
    "data": {
        "image": "autogen.data.images:Images",
        "tabular": "autogen.data.tabular:Tables",
        "text": "autogen.data.text:Texts",
        "music": "autogen.data.music:Music",
    },
    "family": {
        "gan": "autogen.families.gan:GAN",
        "vae": "autogen.families.vae:VAE",
        "autoregressive": "autogen.families.autoregressive:Autoregressive",
    },
    "metric": {
        "kd": "autogen.metrics.kernel_distance:KernelDistance",
        "c2st": "autogen.metrics.two_sample:TwoSampleTest",
        "reverse_ngram": "autogen.metrics.ngram:ReverseNGram",
        "reverse_notes": "autogen.metrics.music_ngram:ReverseNotes",
        "fluency.embedded": "autogen.judging.text_metrics:EmbeddedFluency",
        "coherence.embedded": "autogen.judging.text_metrics:EmbeddedCoherence",
        "fluency.judge": "autogen.judging.text_metrics:AskedFluency",
        "coherence.judge": "autogen.judging.text_metrics:AskedCoherence",
        "fd": "autogen.metrics.frechet:FrechetDistance",
        "fd_inf": "autogen.metrics.frechet:EndlessFrechetDistance",
        "precision": "autogen.metrics.neighbourhoods:Precision",
        "recall": "autogen.metrics.neighbourhoods:Recall",
        "density": "autogen.metrics.neighbourhoods:Density",
        "coverage": "autogen.metrics.neighbourhoods:Coverage",
        "nn_ratio": "autogen.metrics.neighbourhoods:NearestRatio",
        "linear_c2st": "autogen.metrics.linear_two_sample:LinearTwoSampleTest",
        "alpha_precision": "autogen.metrics.alpha_beta:AlphaPrecision",
        "beta_recall": "autogen.metrics.alpha_beta:BetaRecall",
        "column_shapes": "autogen.metrics.table_shapes:ColumnShapes",
        "pair_trends": "autogen.metrics.table_shapes:PairTrends",
        "distinct_n": "autogen.metrics.text_diversity:DistinctStretches",
        "repetition": "autogen.metrics.text_diversity:Repetition",
        "overlap_area": "autogen.metrics.music_overlap:OverlapArea",
        "tstr": "autogen.metrics.train_on_synthetic:TrainOnSynthetic",
    },
    "features": {
        "random_conv": "autogen.metrics.image_space:RandomConv",
        "rows": "autogen.metrics.table_space:EncodedRows",
        "char_ngrams": "autogen.metrics.text_space:CharNGrams",
        "music": "autogen.metrics.music_space:MusicalFeatures",
        "minilm": "autogen.judging.embedding:minilm",
    },
    "executor": {
        "inprocess": "autogen.executors.inprocess:InProcessExecutor",
        "local": "autogen.executors.local:LocalExecutor",
        "ray": "autogen.executors.ray:RayExecutor",
    },
}


def kinds() -> tuple[str, ...]:
    """The kinds of plug-in there are."""
    return tuple(BUILT_IN)


def names(kind: str) -> dict[str, str]:
    """All names of a kind with the place each one comes from (``module:Class``)."""
    found = {point.name: point.value for point in entry_points(group=f"autogen.{kind}")}
    return found | BUILT_IN[kind]


def get_place(kind: str, name: str) -> str:
    """Where the class that a name of a kind stands for lies (``module:Class``); imports nothing.

    Raises:
        UnknownNameError: no such name; the nearest one is suggested.
    """
    known = names(kind)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise UnknownNameError(f"unknown {kind} {name!r}; there are {', '.join(sorted(known))}.{hint}")
    return known[name]


def get(kind: str, name: str) -> Any:
    """Import the class that a name of a kind stands for.

    Raises:
        UnknownNameError: no such name; the nearest one is suggested.
    """
    module, _, attribute = get_place(kind, name).partition(":")
    return getattr(importlib.import_module(module), attribute)
