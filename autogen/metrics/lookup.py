"""Metrics and feature spaces by name and by kind of data."""

import inspect
from typing import Any

from autogen import registry
from autogen.data.declaration import declared, lineage
from autogen.errors import SettingsError, UnknownNameError, did_you_mean
from autogen.metrics.base import HasSelfCheck, Metric, TargetMetric
from autogen.metrics.features.custom import CustomFeatures, custom_space
from autogen.metrics.features.metric import FeatureMetric
from autogen.metrics.features.space import FeatureSpace


def default_metric(kind: str) -> str:
    """Return the name of the metric that selects models of a kind of data by default.

    Raises:
        UnknownNameError: no such kind; the message suggests the nearest name.
    """
    return declared(kind).metric


def fits(name: str, kind: str, space: FeatureSpace | None = None) -> bool:
    """Check whether a metric can score a kind of data.

    It can if the metric or the kind names the other, or if the metric compares features and there is a
    feature space for the kind.

    Args:
        name: Registered name of the metric.
        kind: Registered name of the kind of data.
        space: Feature space that the user gives; ``None`` for the kind's own.
    """
    metric, known = registry.get("metric", name), declared(kind)
    if issubclass(metric, FeatureMetric):
        return bool(known.features) or space is not None
    return name in (known.metric, *known.metrics) or not set(lineage(kind)).isdisjoint(metric.kinds)


def metric_names(kind: str, target: str = "") -> list[str]:
    """List the metrics that compare samples of a kind with real ones, the default first.

    The list leaves out judges and superseded versions, which the user has to name, and without a target
    also the metrics that predict a column.

    Args:
        kind: Registered name of the kind of data.
        target: Column that metrics may predict; empty for none.
    """
    asked = (HasSelfCheck,) if target else (HasSelfCheck, TargetMetric)
    found = {name: registry.get("metric", name) for name in sorted(registry.names("metric"))}
    known = [name for name, one in found.items() if not issubclass(one, asked) and not one.superseded]
    return sorted((name for name in known if fits(name, kind)), key=lambda name: name != default_metric(kind))


def metric_for(name: str, kind: str, *, space: FeatureSpace | None = None, target: str = "") -> Metric:
    """Make the metric of a name, for a kind of data.

    Args:
        name: Registered name of the metric.
        kind: Registered name of the kind of data.
        space: Feature space for metrics that compare features; ``None`` for the kind's own.
        target: Column that a metric such as ``tstr`` predicts.

    Raises:
        UnknownNameError: no such name; the message suggests the nearest one.
        SettingsError: the metric does not score this kind.
    """
    if not registry.is_name("metric", name):
        known = metric_names(kind, target)
        hint = _hint(name, kind, known)
        there = f"for {kind} there are {', '.join(known)}{_with_target(kind, known)}"
        raise UnknownNameError(f"unknown metric {name!r}; {there}.{hint}")
    chosen = registry.get("metric", name)
    if not fits(name, kind, space):
        scored = ", ".join(chosen.kinds) or "kinds of data with a feature space"
        there = (", ".join(metric_names(kind)) or "none") + _with_target(kind, metric_names(kind))
        raise SettingsError(f"metric {name!r} scores {scored}, not {kind}; for {kind} there are {there}")
    metric: Metric
    if issubclass(chosen, FeatureMetric):
        metric = chosen(kind, space)
    else:
        metric = chosen(target) if issubclass(chosen, TargetMetric) else chosen()
    return metric


def _with_target(kind: str, known: list[str]) -> str:
    """Name the metrics of a kind that are there with a target alone; empty for none."""
    more = [name for name in metric_names(kind, "any") if name not in known]
    return f"; with --target COLUMN also {', '.join(more)}" if more else ""


def _hint(name: str, kind: str, known: list[str]) -> str:
    """Suggest a metric for a name that is none, such as that of another tool; empty for none."""
    near = registry.name_here("metric", name)
    if not near or not fits(near, kind):
        return did_you_mean(name, known)
    asks = issubclass(registry.get("metric", near), TargetMetric) and near not in known
    return f" Did you mean {near!r}{' (name the column to predict with --target)' * asks}?"


def space_for(features: Any, kind: str) -> FeatureSpace | None:
    """Make the feature space that a user names, or the kind's own.

    Args:
        features: Registered name, ``package.module:name``, torch module or callable; ``None`` for the kind's
            own space. This runs code that it names, so it must come from the caller, never from a file.
        kind: Registered name of the kind of data.

    Returns:
        The feature space; ``None`` if the kind has none.

    Raises:
        SettingsError: nothing goes by that name, or it cannot be called.
    """
    features = declared(kind).features if features is None else features
    if not features:
        return None
    if not isinstance(features, str) or ":" in features:
        return custom_space(features)
    found = registry.get("features", features)
    space: FeatureSpace = found() if isinstance(found, type) else CustomFeatures(found, features)
    return space


def about(metric: Metric) -> dict[str, str]:
    """Describe a metric in a sentence or two for readers of its scores, by its name."""
    return {metric.objective.name: metric.about or _first_line(type(metric))}


def about_metrics(kind: str, target: str = "") -> dict[str, str]:
    """Describe every metric of a kind of data, and the evidence of copying, by name.

    Args:
        kind: Registered name of the kind of data.
        target: Column that metrics may predict; empty for none.
    """
    found: dict[str, str] = {}
    for name in metric_names(kind, target):
        found |= about(metric_for(name, kind, target=target))
    return found | {name: _first_line(registry.load(at)) for name, at in declared(kind).evidence.items()}


def _first_line(described: Any) -> str:
    return (inspect.getdoc(described) or "").partition("\n")[0]
