"""Metrics and feature spaces by name and by kind of data."""

from typing import Any

from autogen import registry
from autogen.errors import SettingsError, UnknownNameError
from autogen.metrics.base import HasSelfCheck, Metric, TargetMetric
from autogen.metrics.features.custom import GivenFeatures, given_space
from autogen.metrics.features.metric import DEFAULT_SPACES, FeatureMetric
from autogen.metrics.features.space import FeatureSpace

_DEFAULTS = {"image": "kd", "tabular": "c2st", "text": "reverse_ngram", "music": "reverse_notes"}


def default_metric(kind: str) -> str:
    """Name of the metric that selects models of a kind of data unless the user says otherwise.

    Raises:
        UnknownNameError: the kind has none.
    """
    if kind not in _DEFAULTS:
        raise UnknownNameError(f"no default metric for {kind!r} data; there are {', '.join(_DEFAULTS)}")
    return _DEFAULTS[kind]


def metric_names(kind: str, target: str = "") -> list[str]:
    """Names of the metrics that compare samples of a kind with real ones, its default first.

    Judges and superseded versions, which have to be asked for by name, are not among them, nor are metrics
    that predict a column where none is named.
    """
    known = {name: registry.get("metric", name) for name in sorted(registry.names("metric"))}
    asked = (HasSelfCheck,) if target else (HasSelfCheck, TargetMetric)
    fitting = [
        name
        for name, found in known.items()
        if kind in found.kinds and not issubclass(found, asked) and not found.superseded
    ]
    return sorted(fitting, key=lambda name: name != _DEFAULTS.get(kind))


def metric_for(name: str, kind: str, *, space: FeatureSpace | None = None, target: str = "") -> Metric:
    """Make the metric of a name, for a kind of data.

    Args:
        name: In the registry.
        kind: Of the data.
        space: Feature space, for metrics that have one; the kind's own where ``None``.
        target: Column that a table is about, for metrics that predict it.

    Raises:
        UnknownNameError: no such name; the nearest is suggested.
        SettingsError: it does not score this kind.
    """
    chosen = registry.get("metric", name)
    if kind not in chosen.kinds:
        raise SettingsError(
            f"metric {name!r} scores {', '.join(chosen.kinds)}, not {kind}; "
            f"for {kind} there are {', '.join(metric_names(kind))}"
        )
    metric: Metric
    if issubclass(chosen, FeatureMetric):
        metric = chosen(kind, space)
    else:
        metric = chosen(target) if issubclass(chosen, TargetMetric) else chosen()
    return metric


def space_for(features: Any, kind: str) -> FeatureSpace | None:
    """Make the feature space that a user names, or the kind's own, if it has one, where ``None``.

    Args:
        features: A name in the registry, ``package.module:name``, a module of torch, or a callable. Code
            that it names is run: it must come from the caller, never from a file.
        kind: Of the data.

    Raises:
        SettingsError: there is no such thing.
    """
    if features is None:
        features = DEFAULT_SPACES.get(kind)
    if features is None:
        return None
    if not isinstance(features, str) or ":" in features:
        return given_space(features)
    found = registry.get("features", features)
    space: FeatureSpace = found() if isinstance(found, type) else GivenFeatures(found, features)
    return space
