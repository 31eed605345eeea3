"""Metrics of sample quality."""

from autogen.errors import UnknownNameError

_DEFAULTS = {"image": "kd", "tabular": "c2st", "text": "reverse_ngram"}


def default_metric(kind: str) -> str:
    """Name of the metric that selects models of a kind of data unless the user says otherwise.

    Raises:
        UnknownNameError: the kind has none.
    """
    if kind not in _DEFAULTS:
        raise UnknownNameError(f"no default metric for {kind!r} data; there are {', '.join(_DEFAULTS)}")
    return _DEFAULTS[kind]
