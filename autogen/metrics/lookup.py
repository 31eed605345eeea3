"""Metrics and feature spaces by name and by kind of data."""

from typing import Any

from autogen import registry
from autogen.data.declaration import declared, lineage
from autogen.errors import SettingsError
from autogen.metrics.base import HasSelfCheck, Metric, TargetMetric
from autogen.metrics.features.custom import GivenFeatures, given_space
from autogen.metrics.features.metric import FeatureMetric
from autogen.metrics.features.space import FeatureSpace


def default_metric(kind: str) -> str:
    """Name of the metric that selects models of a kind of data unless the user says otherwise.

    Raises:
        UnknownNameError: no such kind; the nearest one is suggested.
    """
    return declared(kind).metric


def fits(name: str, kind: str, space: FeatureSpace | None = None) -> bool:
    """Whether a metric can score a kind of data: one of them says so, or both say so of feature spaces.

    Args:
        name: Registered name of the metric.
        kind: Registered name of the kind of data.
        space: Feature space, where the user gives one.
    """
    metric, known = registry.get("metric", name), declared(kind)
    if issubclass(metric, FeatureMetric):
        return bool(known.features) or space is not None
    return name in (known.metric, *known.metrics) or not set(lineage(kind)).isdisjoint(metric.kinds)


def metric_names(kind: str, target: str = "") -> list[str]:
    """Names of the metrics that compare samples of a kind with real ones, its default first.

    Judges and superseded versions, which have to be asked for by name, are not among them, nor are metrics
    that predict a column where none is named.
    """
    asked = (HasSelfCheck,) if target else (HasSelfCheck, TargetMetric)
    found = {name: registry.get("metric", name) for name in sorted(registry.names("metric"))}
    known = [name for name, one in found.items() if not issubclass(one, asked) and not one.superseded]
    return sorted((name for name in known if fits(name, kind)), key=lambda name: name != default_metric(kind))


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
    if not fits(name, kind, space):
        scored = ", ".join(chosen.kinds) or "kinds of data with a feature space"
        there = ", ".join(metric_names(kind)) or "none"
        raise SettingsError(f"metric {name!r} scores {scored}, not {kind}; for {kind} there are {there}")
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
    features = declared(kind).features if features is None else features
    if not features:
        return None
    if not isinstance(features, str) or ":" in features:
        return given_space(features)
    found = registry.get("features", features)
    space: FeatureSpace = found() if isinstance(found, type) else GivenFeatures(found, features)
    return space
