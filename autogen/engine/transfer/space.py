"""The part of a search space that an earlier model opens: where training starts, and what is then fixed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from autogen import registry
from autogen.engine.transfer.models import EarlierModel
from autogen.errors import SpaceError
from autogen.hpo.space.branch import Branch
from autogen.hpo.space.parameters import Choice, Constant, Parameter
from autogen.hpo.space.ranges import Float
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.trial import Config
from autogen.training.initial import EARLIER, FRESH

#: Key of the parameter that says where training starts.
KEY = "training.start"
_IF_EARLIER = {"start": EARLIER}
#: Parameters of a start from an earlier model. Its weights are tried first, with a lower learning rate.
_PARAMETERS: dict[str, Parameter] = {
    KEY: Choice((EARLIER, FRESH), default=EARLIER),
    "training.freeze": Choice((0.0, 0.25, 0.5), default=0.0, when=_IF_EARLIER),
    "training.lr_scale": Float(0.05, 1.0, log=True, default=0.3, when=_IF_EARLIER),
}


def with_start(space: SearchSpace, models: Mapping[str, EarlierModel]) -> SearchSpace:
    """Add the start to the branch of each family that has an earlier model.

    After a start from it a config has the earlier architecture, so that the parameters of the space for that
    are active after a fresh start alone; configs of a portfolio start fresh. A branch that says itself where
    training starts is left as it is.

    Args:
        space: Search space.
        models: Earlier models by family; empty for none.

    Raises:
        SpaceError: a branch starts from an earlier model, but its family has none.
    """
    branches = {}
    for family in space.families:
        branch = space.branch(family)
        if KEY in branch and branch[KEY].contains(EARLIER) and family not in models:
            raise SpaceError(
                f"{space.origin}: {family}.{KEY} can be {EARLIER!r}, but there is no earlier model of this "
                "family; give a run that has one (init_from), or take that value out"
            )
        own = KEY in branch or family not in models
        branches[family] = dict(branch.declared()) if own else _extended(branch)
    portfolio = [
        {**config, KEY: FRESH} if config["family"] in models and KEY not in config else config
        for config in space.portfolio
    ]
    return space.rebuilt(branches, portfolio)


def with_both_first(space: SearchSpace) -> SearchSpace:
    """Let a search begin with each family's default from both starts, so that they are compared.

    An update does not need it: it begins with the best configs of its run, with fresh weights.

    Args:
        space: Space of ``with_start``.
    """
    first = [start for family in space.families for start in default_starts(space, family)]
    rest = [config for config in space.portfolio if config not in first]
    return space.rebuilt({name: dict(space.branch(name).declared()) for name in space.families}, first + rest)


def default_starts(space: SearchSpace, family: str) -> list[Config]:
    """Make a family's default with each start that the search chooses from, the default start first.

    No pruner may stop them: a start from an earlier model is ahead after few steps, also one that hurts in
    the end, so that all trials with fresh weights could be stopped before anyone knows.

    Args:
        space: Space of ``with_start``.
        family: A family of it.

    Returns:
        Two configs; none if the family has no choice.
    """
    branch, starts = space.branch(family), (EARLIER, FRESH)
    usual = branch.default().get(KEY)
    if usual is None or not all(branch[KEY].contains(start) for start in starts):
        return []
    return [_started(branch, start) for start in sorted(starts, key=lambda start: start != usual)]


def _started(branch: Branch, start: str) -> Config:
    """Make the default of a branch with a start."""
    return branch.fill(lambda key, parameter: start if key == KEY else parameter.initial)


def for_update(space: SearchSpace, configs: Mapping[str, Config], first: str) -> SearchSpace:
    """Make the space of an update of the run that searched this one, still without a start.

    The defaults of a family are the values of its earlier config, so that each family begins with that, and
    the configs of the portfolio, which the earlier run has tried, are left out.

    Args:
        space: Search space of the earlier run, which may have had earlier models itself.
        configs: Earlier config of each family that has one.
        first: Family whose default comes first; if the space lacks it, those that do now.
    """
    branches = {
        family: {
            key: _as_before(key, parameter, configs.get(family, {}))
            for key, parameter in space.branch(family).declared()
            if key not in _PARAMETERS
        }
        for family in space.families
    }
    return space.rebuilt(branches, portfolio=(), first=[first] if first in branches else None)


def _as_before(key: str, parameter: Parameter, config: Config) -> Parameter:
    """Return a parameter with the value of an earlier config as default, active after any start."""
    open_to_all = {name: value for name, value in parameter.when.items() if name not in (KEY, "start")}
    if isinstance(parameter, Constant) or key not in config or not parameter.contains(config[key]):
        return replace(parameter, when=open_to_all)
    default: Any = {"default": config[key]}
    return replace(parameter, when=open_to_all, **default)


def _extended(branch: Branch) -> dict[str, Parameter]:
    """Return the parameters of a branch with those of the start."""
    free = registry.get("family", branch.family).sampling
    found = {}
    for key, parameter in branch.declared():
        section, _, name = key.partition(".")
        if section == "model" and name not in free:
            parameter = replace(parameter, when={**parameter.when, KEY: FRESH})
        found[key] = parameter
    return found | _PARAMETERS


def inherited(config: Config, models: Mapping[str, EarlierModel]) -> Config:
    """Return the settings that a config takes from the earlier model it starts from; empty for a fresh start.

    Args:
        config: Point of the space of ``with_start``.
        models: Earlier models by family.
    """
    family = str(config["family"])
    if config.get(KEY) != EARLIER or family not in models:
        return {}
    free: Any = registry.get("family", family).sampling
    return {
        key: value
        for key, value in models[family].config.items()
        if key.startswith("model.") and key.removeprefix("model.") not in free and key not in config
    }
