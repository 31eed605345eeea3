"""Metrics of sample quality."""

from autogen import registry
from autogen.errors import SettingsError, UnknownNameError
from autogen.metrics.base import HasSelfCheck, Metric

_DEFAULTS = {"image": "kd", "tabular": "c2st", "text": "reverse_ngram", "music": "reverse_notes"}


def default_metric(kind: str) -> str:
    """Name of the metric that selects models of a kind of data unless the user says otherwise.

    Raises:
        UnknownNameError: the kind has none.
    """
    if kind not in _DEFAULTS:
        raise UnknownNameError(f"no default metric for {kind!r} data; there are {', '.join(_DEFAULTS)}")
    return _DEFAULTS[kind]


def metric_names(kind: str) -> list[str]:
    """Names of the metrics that compare samples of a kind with real ones, its default first.

    Judges, which have to be asked for by name, are not among them.
    """
    known = {name: registry.get("metric", name) for name in sorted(registry.names("metric"))}
    fitting = [n for n, found in known.items() if kind in found.kinds and not issubclass(found, HasSelfCheck)]
    return sorted(fitting, key=lambda name: name != _DEFAULTS.get(kind))


def metric_for(name: str, kind: str) -> Metric:
    """Make the metric of a name, for a kind of data.

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
    metric: Metric = chosen()
    return metric
