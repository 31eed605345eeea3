"""Names to classes: a built-in table of strings, then the entry points of other packages.

Nothing is imported before it is asked for, so the command line answers at once. A third party
adds a plug-in with an entry point of the group ``autogen.<kind>`` (``autogen.family``,
``autogen.metric`` ...); built-in names win, since a checkout's own entry points are not visible
on the workers of a cluster.
"""

import importlib
import re
from collections.abc import Iterable
from importlib.metadata import entry_points
from typing import Any

from autogen.errors import UnknownNameError, did_you_mean

BUILT_IN: dict[str, dict[str, str]] = {
    "sampler": {
        "bayesian": "autogen.hpo.samplers.bayesian:BayesianSampler",
        "parego": "autogen.hpo.samplers.scalarized:ScalarizedSampler",
        "random": "autogen.hpo.samplers.random:RandomSampler",
        "grid": "autogen.hpo.samplers.grid:GridSampler",
    },
    "pruner": {
        "none": "autogen.hpo.pruners.none:NoPruner",
        "median": "autogen.hpo.pruners.median:MedianPruner",
        "halving": "autogen.hpo.pruners.halving:HalvingPruner",
        "hyperband": "autogen.hpo.pruners.hyperband:HyperbandPruner",
    },
    "data": {
        "image": "autogen.data.images.kind:Images",
        "tabular": "autogen.data.tables.kind:Tables",
        "text": "autogen.data.texts.kind:Texts",
        "music": "autogen.data.music.kind:Music",
    },
    "family": {
        "gan": "autogen.families.gan.gan:GAN",
        "vae": "autogen.families.vae.vae:VAE",
        "autoregressive": "autogen.families.autoregressive.autoregressive:Autoregressive",
        "trees": "autogen.families.trees.trees:Trees",
        "mixture": "autogen.families.mixture.mixture:Mixture",
        "markov": "autogen.families.markov.markov:Markov",
        "flow": "autogen.families.flow.flow:Flow",
        "pretrained": "autogen.families.pretrained.pretrained:Pretrained",
        "latent": "autogen.families.autoregressive.latent:Latent",
    },
    "metric": {
        "kd": "autogen.metrics.features.kernel_distance:KernelDistance",
        "c2st": "autogen.metrics.tables.two_sample.c2st:TwoSampleTest",
        "c2st_v1": "autogen.metrics.tables.two_sample.c2st_v1:TwoSampleTestV1",
        "reverse_ngram": "autogen.metrics.texts.reverse_ngram:ReverseNGram",
        "reverse_notes": "autogen.metrics.music.reverse_notes:ReverseNotes",
        "fluency.embedded": "autogen.judging.metrics:EmbeddedFluency",
        "coherence.embedded": "autogen.judging.metrics:EmbeddedCoherence",
        "fluency.judge": "autogen.judging.metrics:AskedFluency",
        "coherence.judge": "autogen.judging.metrics:AskedCoherence",
        "fd": "autogen.metrics.features.frechet:FrechetDistance",
        "fd_inf": "autogen.metrics.features.frechet:EndlessFrechetDistance",
        "precision": "autogen.metrics.features.prdc:Precision",
        "recall": "autogen.metrics.features.prdc:Recall",
        "density": "autogen.metrics.features.prdc:Density",
        "coverage": "autogen.metrics.features.prdc:Coverage",
        "nn_ratio": "autogen.metrics.features.prdc:NearestRatio",
        "linear_c2st": "autogen.metrics.features.linear_c2st:LinearTwoSampleTest",
        "alpha_precision": "autogen.metrics.features.alpha_beta:AlphaPrecision",
        "beta_recall": "autogen.metrics.features.alpha_beta:BetaRecall",
        "column_shapes": "autogen.metrics.tables.shapes:ColumnShapes",
        "pair_trends": "autogen.metrics.tables.shapes:PairTrends",
        "distinct_n": "autogen.metrics.texts.diversity:DistinctStretches",
        "repetition": "autogen.metrics.texts.diversity:Repetition",
        "overlap_area": "autogen.metrics.music.overlap:OverlapArea",
        "tstr": "autogen.metrics.tables.tstr:TrainOnSynthetic",
    },
    "features": {
        "random_conv": "autogen.metrics.images.features:RandomConv",
        "rows": "autogen.metrics.tables.features:EncodedRows",
        "char_ngrams": "autogen.metrics.texts.features:CharNGrams",
        "music": "autogen.metrics.music.features:MusicalFeatures",
        "minilm": "autogen.judging.embedded.embedding:minilm",
    },
    "executor": {
        "inprocess": "autogen.executors.inprocess:InProcessExecutor",
        "local": "autogen.executors.local.executor:LocalExecutor",
        "ray": "autogen.executors.ray.executor:RayExecutor",
    },
    "tracker": {
        "logging": "autogen.tracking.log:LogTracker",
        "optuna": "autogen.tracking.optuna_storage:OptunaTracker",
        "tensorboard": "autogen.tracking.tensorboard:TensorBoardTracker",
        "mlflow": "autogen.tracking.mlflow:MlflowTracker",
        "wandb": "autogen.tracking.wandb:WandbTracker",
    },
    # Search spaces are files: an entry point names the package that holds NAME.toml; the shipped ones are
    # found by their folder (``autogen.hpo.space.shipped``).
    "space": {},
}

#: Names that other tools use, in lower case without ``sampler``, ``pruner`` and the like, by the name here.
ELSEWHERE: dict[str, dict[str, str]] = {
    "sampler": {
        "bayesian": "tpe gp bo bayes bohb optuna smac hyperopt skopt cmaes",
        "parego": "nsga nsgaii nsgaiii motpe",
        "random": "randomsearch qmc sobol",
        "grid": "gridsearch bruteforce",
    },
    "pruner": {
        "halving": "asha successivehalving sha patient wilcoxon",
        "median": "medianstopping percentile threshold",
        "hyperband": "bohb asynchyperband",
        "none": "nop no fifo off",
    },
    "family": {
        "gan": "ctgan copulagan wgan dcgan stylegan",
        "vae": "tvae autoencoder betavae",
        "flow": "diffusion ddpm tabddpm normalizingflow flowmatching",
        "autoregressive": "transformer gpt lstm rnn pixelcnn made",
        "trees": "cart synthpop forest randomforest xgboost",
        "mixture": "gmm gaussianmixture",
        "markov": "ngram kneserney",
        "pretrained": "llm huggingface lora gpt2",
        "latent": "autoencoderkl latentdiffusion vqgan",
    },
    "metric": {
        "tstr": "rocauc auc auroc f1 f1score accuracy r2 mlefficacy rmse mse mae logloss",
        "fd": "fid frechet",
        "kd": "kid mmd",
        "column_shapes": "ks kscomplement columnshapes quality qualityreport",
        "pair_trends": "columnpairtrends correlation",
        "reverse_ngram": "perplexity ppl bleu",
    },
}


def name_here(kind: str, name: str) -> str:
    """Translate a name of another tool, such as ``TPESampler`` or ``ctgan``; empty for an unknown one.

    Args:
        kind: Kind of plug-in.
        name: Name as the user gave it.
    """
    plain = re.sub(r"[^a-z0-9]|sampler|pruner|scheduler|synthesizer", "", name.lower())
    own = {re.sub(r"[^a-z0-9]", "", one): one for one in BUILT_IN[kind]}
    others = {word: one for one, words in ELSEWHERE.get(kind, {}).items() for word in words.split()}
    return own.get(plain) or others.get(plain, "")


def kinds() -> tuple[str, ...]:
    """The kinds of plug-in there are."""
    return tuple(BUILT_IN)


def names(kind: str) -> dict[str, str]:
    """All names of a kind with the place each one comes from (``module:Class``)."""
    found = {point.name: point.value for point in entry_points(group=f"autogen.{kind}")}
    return found | BUILT_IN[kind]


def is_name(kind: str, name: str) -> bool:
    """Tell if there is a plug-in of a name; of built-in ones without a look through all that is installed."""
    return name in BUILT_IN[kind] or name in names(kind)


def parts(kind: str, name: str) -> tuple[str, ...]:
    """All places that the entry points of a name give: several packages may add to one search space."""
    found = entry_points(group=f"autogen.{kind}")
    return tuple(sorted({point.value for point in found if point.name == name}))


def packages(kind: str, wanted: Iterable[str]) -> tuple[str, ...]:
    """Distributions that the plug-ins of these names come from; built-in names come from none."""
    foreign = {name for name in wanted if name not in BUILT_IN[kind]}
    found = entry_points(group=f"autogen.{kind}") if foreign else ()
    return tuple(sorted({point.dist.name for point in found if point.name in foreign and point.dist}))


def get_place(kind: str, name: str) -> str:
    """Look up the place of the class of a name (``module:Class``); imports nothing.

    Raises:
        UnknownNameError: no such name; the nearest one is suggested.
    """
    built_in = BUILT_IN[kind]
    if name in built_in:  # looking through all that is installed takes ten milliseconds
        return built_in[name]
    known = names(kind)
    if name not in known:
        near = name_here(kind, name)
        hint = f" Did you mean {near!r}?" if near else did_you_mean(name, known)
        raise UnknownNameError(f"unknown {kind} {name!r}; there are {', '.join(sorted(known))}.{hint}")
    return known[name]


def get(kind: str, name: str) -> Any:
    """Import the class that a name of a kind stands for.

    Raises:
        UnknownNameError: no such name; the nearest one is suggested.
    """
    return load(get_place(kind, name))


def load(place: str) -> Any:
    """Import what a place, ``module:name``, stands for."""
    module, _, attribute = place.partition(":")
    return getattr(importlib.import_module(module), attribute)
