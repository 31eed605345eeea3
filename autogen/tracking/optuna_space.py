"""Search spaces as distributions of Optuna, shared by families where they fit together."""

from collections.abc import Sequence

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from autogen.hpo.space.parameters import Choice, Parameter
from autogen.hpo.space.ranges import Float, Int
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.trial import Config, Value


class OptunaSpace:
    """Names and distributions of the parameters of a space.

    A parameter that several families have is one parameter of Optuna over all their values, so that plots
    compare families; where one has numbers and another words, each gets its own, ``vae.model.prior``.
    Constants are left out.

    Args:
        space: Search space of the study.
    """

    def __init__(self, space: SearchSpace) -> None:
        found: dict[str, dict[str, BaseDistribution]] = {}
        for family in space.families:
            for key, parameter in space.branch(family).items():
                if parameter.count > 1:
                    found.setdefault(key, {})[family] = distribution(parameter)
        self._names: dict[tuple[str, str], str] = {}
        self._distributions: dict[str, BaseDistribution] = {}
        for key, own in found.items():
            shared = merged(list(own.values()))
            for family, alone in own.items():
                name = key if shared else f"{family}.{key}"
                self._names[family, key] = name
                self._distributions[name] = shared or alone
        if len(space.families) > 1:
            self._distributions["family"] = CategoricalDistribution(space.families)

    def point(self, config: Config) -> tuple[dict[str, Value], dict[str, BaseDistribution]]:
        """Convert a config to Optuna's parameters, and the distribution of each."""
        family = str(config["family"])
        values = {
            self._names[family, key]: value for key, value in config.items() if (family, key) in self._names
        }
        if "family" in self._distributions:
            values["family"] = family
        return values, {name: self._distributions[name] for name in values}


def distribution(parameter: Parameter) -> BaseDistribution:
    """Convert a parameter with several values to a distribution that has them all, in the user's units."""
    match parameter:
        case Choice(values=values):
            return CategoricalDistribution(tuple(values))
        case Float(log=False, step=float() | int(), factor=None):
            return FloatDistribution(parameter.low, parameter.high, step=parameter.step)
        case Float():
            return FloatDistribution(parameter.low, parameter.high, log=parameter.log)
        case Int(log=False, step=int(step), factor=None):
            return IntDistribution(parameter.low, parameter.high, step=step)
        case Int():
            return IntDistribution(parameter.low, parameter.high, log=parameter.log)
        case _:
            return CategoricalDistribution(
                tuple(parameter.value_at(place) for place in range(int(parameter.count)))
            )


def merged(found: Sequence[BaseDistribution]) -> BaseDistribution | None:
    """Join distributions to one that has the values of all; ``None`` where they do not fit together."""
    first = found[0]
    if all(one == first for one in found):
        return first
    words = [one for one in found if isinstance(one, CategoricalDistribution)]
    if len(words) == len(found):
        return CategoricalDistribution(tuple(dict.fromkeys(c for one in words for c in one.choices)))
    whole = [one for one in found if isinstance(one, IntDistribution)]
    if len(whole) == len(found):
        low, high = min(one.low for one in whole), max(one.high for one in whole)
        return IntDistribution(low, high, log=all(one.log for one in whole))
    real = [one for one in found if isinstance(one, FloatDistribution)]
    if len(real) == len(found):
        lowest, highest = min(one.low for one in real), max(one.high for one in real)
        return FloatDistribution(lowest, highest, log=all(one.log for one in real))
    return None
