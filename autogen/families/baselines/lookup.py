"""Baselines of each kind of data, by name."""

from autogen import registry
from autogen.data.declaration import declared
from autogen.families.baselines.base import Baseline


def baselines_for(kind: str) -> dict[str, type[Baseline]]:
    """The baselines that a kind of data declares, by name.

    Raises:
        UnknownNameError: there is no such kind; the nearest one is suggested.
    """
    return {name: registry.load(place) for name, place in declared(kind).baselines.items()}
