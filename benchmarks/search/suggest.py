"""Our search spaces as define-by-run functions of Optuna, whose branches are conditional."""

from collections.abc import Mapping
from typing import Any

from autogen.hpo.space import Choice, Constant, Float, Int, Parameter, SearchSpace
from autogen.hpo.trial import Value


def suggested(trial: Any, space: SearchSpace) -> dict[str, Value]:
    """Let a trial suggest a config: its family, then the active parameters of that branch.

    Args:
        trial: Optuna's trial, or one of Tune's that records what is suggested.
        space: Our space.
    """
    family = str(trial.suggest_categorical("family", space.families))
    return space.branch(family).fill(lambda key, one: suggest(trial, f"{family}:{key}", one))


def suggest(trial: Any, name: str, parameter: Parameter) -> Value:
    """Let a trial suggest a parameter's value."""
    match parameter:
        case Choice(values=values):
            chosen: Value = trial.suggest_categorical(name, tuple(values))
            return chosen
        case Float(low=low, high=high, log=log, step=step):
            return float(trial.suggest_float(name, low, high, log=log, step=step))
        case Int(low=low, high=high, log=log, step=step):
            return int(trial.suggest_int(name, low, high, log=log, step=step or 1))
        case Constant(value=value):
            return value
    raise AssertionError(parameter)


def config_of(params: Mapping[str, Value], space: SearchSpace) -> dict[str, Value]:
    """Make the config of what a trial suggested."""
    family = str(params["family"])
    return space.branch(family).fill(
        lambda key, one: one.value if isinstance(one, Constant) else params[f"{family}:{key}"]
    )


def params_of(config: Mapping[str, Value], space: SearchSpace) -> dict[str, Value]:
    """Make what a trial must suggest to get a config."""
    family = str(config["family"])
    branch = space.branch(family)
    free = {
        f"{family}:{k}": v for k, v in config.items() if k != "family" and not isinstance(branch[k], Constant)
    }
    return {"family": family} | free
