"""Conditional mixed problems with known minima and branches of unequal merit, to compare samplers on."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np

from autogen.hpo.space import Choice, Float, Int, Parameter, SearchSpace
from autogen.hpo.trial import Config, Value

#: Loss of a config whose training diverges.
DIVERGED = 10.0


class Problem(ABC):
    """A function on a search space, to be minimised.

    Attributes:
        name: Name in the results.
        space: Its search space. Defaults must carry no hint, so they are drawn at random.
        minimum: The least loss there is.
        epochs: Epochs of a full training where the problem has learning curves, else 1.
    """

    name: str
    space: SearchSpace
    minimum: float
    epochs: int = 1

    @abstractmethod
    def loss(self, config: Config, epoch: int | None = None) -> float:
        """Loss of a config after so many epochs, by default after all."""


def with_random_defaults(branches: dict[str, dict[str, Parameter]], rng: np.random.Generator) -> SearchSpace:
    """A space whose defaults are drawn at random: the middle would be a hint where the minimum lies there."""
    return SearchSpace(
        {
            family: {key: _replace_default(parameter, rng) for key, parameter in parameters.items()}
            for family, parameters in branches.items()
        }
    )


def _replace_default(parameter: Parameter, rng: np.random.Generator) -> Parameter:
    return replace(parameter, default=parameter.sample(rng))  # type: ignore[call-arg]  # no Constant here


def unit(parameter: Parameter, value: Value) -> float:
    """Where in its range a number lies: 0 at the low end, 1 at the high one."""
    assert isinstance(parameter, Float | Int)
    assert not isinstance(value, str)
    if parameter.log:
        return math.log(value / parameter.low) / math.log(parameter.high / parameter.low)
    return (value - parameter.low) / (parameter.high - parameter.low)


class Jenatton(Problem):
    """The tree-structured function of Jenatton 2017 (proceedings.mlr.press/v70/jenatton17a.html)."""

    name = "jenatton"
    minimum = 0.1

    def __init__(self, seed: int) -> None:
        side, shared = Float(-1.0, 1.0), Float(0.0, 1.0)
        branches: dict[str, dict[str, Parameter]] = {}
        for family, turn, leaves, rest in (
            ("left", "x2", ("x4", "x5"), "r8"),
            ("right", "x3", ("x6", "x7"), "r9"),
        ):
            branches[family] = {turn: Choice((0, 1)), rest: shared}
            for value, leaf in enumerate(leaves):
                branches[family][leaf] = Float(side.low, side.high, when={turn: value})
        self.space = with_random_defaults(branches, np.random.default_rng((seed, 1)))

    def loss(self, config: Config, epoch: int | None = None) -> float:
        """x^2 + offset of the leaf + the branch's linear term."""
        for offset, (leaf, rest) in enumerate((("x4", "r8"), ("x5", "r8"), ("x6", "r9"), ("x7", "r9"))):
            if leaf in config:
                return float(config[leaf]) ** 2 + 0.1 * (offset + 1) + float(config[rest])
        raise AssertionError(config)


class Combined(Problem):
    """Choosing a learner and its settings at once: three learners of unequal merit and unequal dimension.

    ``linear`` (3 parameters, one of them conditional) is soon tuned but ends at 0.25; ``forest`` (5)
    ends at 0.1; ``network`` (up to 10) can reach 0 but is worse than either until it is tuned.
    """

    name = "combined"
    minimum = 0.0

    def __init__(self, seed: int) -> None:
        network = {
            "model.layers": Int(1, 6),
            "model.width": Int(16, 1024, log=True),
            "model.activation": Choice(("relu", "tanh", "gelu", "sin")),
            "model.dropout": Float(0.0, 0.8),
            "training.optimizer": Choice(("sgd", "adam", "adagrad")),
            "training.lr": Float(1e-5, 1.0, log=True),
            "training.momentum": Float(0.0, 0.99, when={"optimizer": "sgd"}),
            "training.beta2": Float(0.9, 0.9999, when={"optimizer": "adam"}),
            "training.weight_decay": Float(1e-8, 1e-1, log=True),
            "training.batch_size": Choice((16, 32, 64, 128, 256)),
        }
        forest = {
            "model.trees": Int(10, 1000, log=True),
            "model.depth": Int(1, 30),
            "model.features": Float(0.05, 1.0),
            "model.leaf": Int(1, 50, log=True),
            "model.criterion": Choice(("gini", "entropy", "log_loss")),
        }
        linear = {
            "model.penalty": Choice(("none", "l2", "l1")),
            "model.strength": Float(1e-6, 1e3, log=True, when={"penalty": ["l1", "l2"]}),
            "model.scale": Choice((True, False)),
        }
        branches: dict[str, dict[str, Parameter]] = {"linear": linear, "forest": forest, "network": network}
        self.space = with_random_defaults(branches, np.random.default_rng((seed, 2)))

    def loss(self, config: Config, epoch: int | None = None) -> float:
        """The learner's own loss, at most ``DIVERGED``."""
        return min(getattr(self, f"_{config['family']}")(config), DIVERGED)

    def _unit(self, config: Config, key: str) -> float:
        return unit(self.space.branch(str(config["family"]))[key], config[key])

    def _linear(self, config: Config) -> float:
        loss = 0.25 + 0.15 * (not config["model.scale"])
        if config["model.penalty"] == "none":
            return float(loss + 0.2)
        centre = 0.55 if config["model.penalty"] == "l2" else 0.4
        return float(
            loss
            + 0.05 * (config["model.penalty"] == "l1")
            + 0.8 * (self._unit(config, "model.strength") - centre) ** 2
        )

    def _forest(self, config: Config) -> float:
        trees, depth = self._unit(config, "model.trees"), self._unit(config, "model.depth")
        features, leaf = self._unit(config, "model.features"), self._unit(config, "model.leaf")
        return float(
            0.1
            + 0.15 * (1 - trees) ** 2
            + 0.6 * max(0.0, 0.6 - depth + 0.5 * leaf) ** 2
            + 0.5 * (features - 0.35) ** 2
            + 0.2 * leaf**2
            + {"gini": 0.0, "entropy": 0.01, "log_loss": 0.03}[str(config["model.criterion"])]
        )

    def _network(self, config: Config) -> float:
        layers, width = self._unit(config, "model.layers"), self._unit(config, "model.width")
        lr, batch = self._unit(config, "training.lr"), math.log2(int(config["training.batch_size"]) / 64)
        optimizer = str(config["training.optimizer"])
        best_lr = {"sgd": 0.75, "adam": 0.45, "adagrad": 0.6}[optimizer] + 0.03 * batch - 0.1 * (layers - 0.4)
        if optimizer == "sgd":
            best_lr -= 0.15 * (self._unit(config, "training.momentum") - 0.9)
        if lr > best_lr + 0.3:
            return DIVERGED
        own = {"sgd": 0.04, "adam": 0.0, "adagrad": 0.08}[optimizer]
        if optimizer == "adam":
            own += 0.05 * (self._unit(config, "training.beta2") - 0.9) ** 2
        return float(
            own
            + 6.0 * (lr - best_lr) ** 2
            + 0.4 * (layers - 0.4) ** 2
            + 0.5 * (width - 0.7 + 0.3 * (layers - 0.4)) ** 2
            + 0.5 * (float(config["model.dropout"]) - 0.25 - 0.3 * (width - 0.7)) ** 2
            + 0.2 * (self._unit(config, "training.weight_decay") - 0.5) ** 2
            + {"relu": 0.02, "tanh": 0.08, "gelu": 0.0, "sin": 0.2}[str(config["model.activation"])]
            + 0.01 * abs(batch)
        )


@dataclass(frozen=True)
class Bowl:
    """A family's loss surface: a quadratic bowl over its numbers, a penalty for each choice.

    Attributes:
        least: Loss at the bottom after full training.
        numbers: Key to (where the bottom lies in the unit interval, weight).
        choices: Key to each value's penalty.
        coupled: Pairs of numbers whose deviations from the bottom should cancel, with a weight.
        slowness: Epochs to halve the distance to the final loss, at the bottom; grows with distance from
            a high learning rate.
        cliff: A number (in the unit interval) beyond which training diverges, and its key.
    """

    least: float
    numbers: dict[str, tuple[float, float]]
    choices: dict[str, dict[str, float]] = field(default_factory=dict)
    coupled: tuple[tuple[str, str, float], ...] = ()
    slowness: float = 2.0
    cliff: tuple[str, float] | None = None


class Curves(Problem):
    """Generators with learning curves that cross: what is best in the end is seldom best after one epoch.

    ``vae`` is easy and fast, ``autoregressive`` slow and best, ``gan`` narrow and apt to diverge. The
    curve is a power law towards the final loss; a small learning rate and a large model take longer.
    """

    name = "curves"
    minimum = 0.0
    epochs = 27

    BOWLS: ClassVar[dict[str, Bowl]] = {
        "vae": Bowl(
            least=0.12,
            numbers={
                "model.latent_dim": (0.5, 0.3),
                "model.layers": (0.67, 0.1),
                "model.components": (0.6, 0.05),
                "training.lr": (0.55, 0.8),
                "training.beta": (0.4, 0.5),
            },
            choices={"model.prior": {"normal": 0.08, "gmm": 0.0, "vamp": 0.01}},
            coupled=(("model.latent_dim", "training.beta", 0.6),),
            slowness=1.0,
        ),
        "gan": Bowl(
            least=0.06,
            numbers={
                "training.penalty": (0.5, 0.6),
                "training.lr": (0.4, 1.5),
                "training.ratio": (0.6, 1.0),
                "training.beta1": (0.1, 0.6),
                "training.steps": (0.25, 0.1),
            },
            choices={"model.loss": {"hinge": 0.06, "wgan-gp": 0.03, "r3gan": 0.0}},
            coupled=(("training.lr", "training.ratio", 2.0),),
            slowness=3.0,
            cliff=("training.lr", 0.6),
        ),
        "autoregressive": Bowl(
            least=0.0,
            numbers={
                "model.layers": (0.6, 0.3),
                "model.width": (0.75, 0.8),
                "model.kernel": (0.5, 0.2),
                "model.dropout": (0.3, 0.5),
                "training.lr": (0.5, 1.2),
                "training.warmup": (0.5, 0.1),
                "training.momentum": (0.9, 0.1),
            },
            choices={"training.optimizer": {"sgd": 0.1, "adam": 0.02, "adamw": 0.0}},
            coupled=(("model.width", "training.lr", 1.0), ("model.width", "model.dropout", 0.5)),
            slowness=5.0,
        ),
    }

    def __init__(self, seed: int) -> None:
        branches: dict[str, dict[str, Parameter]] = {
            "vae": {
                "model.prior": Choice(("normal", "gmm", "vamp")),
                "model.components": Int(10, 200, log=True, when={"prior": ["gmm", "vamp"]}),
                "model.latent_dim": Int(4, 128, log=True),
                "model.layers": Int(1, 4),
                "training.lr": Float(1e-5, 1e-1, log=True),
                "training.beta": Float(0.05, 4.0, log=True),
            },
            "gan": {
                "model.loss": Choice(("hinge", "wgan-gp", "r3gan")),
                "training.penalty": Float(0.1, 100.0, log=True, when={"model.loss": ["wgan-gp", "r3gan"]}),
                "training.lr": Float(1e-5, 1e-1, log=True),
                "training.ratio": Float(0.1, 10.0, log=True),
                "training.beta1": Float(0.0, 0.9),
                "training.steps": Int(1, 5),
            },
            "autoregressive": {
                "model.layers": Int(1, 6),
                "model.width": Int(16, 512, log=True),
                "model.kernel": Int(3, 7, step=2),
                "model.dropout": Float(0.0, 0.8),
                "training.lr": Float(1e-5, 1e-1, log=True),
                "training.warmup": Float(0.0, 0.2, step=0.05),
                "training.optimizer": Choice(("sgd", "adam", "adamw")),
                "training.momentum": Float(0.0, 0.99, when={"optimizer": "sgd"}),
            },
        }
        self.space = with_random_defaults(branches, np.random.default_rng((seed, 3)))

    def loss(self, config: Config, epoch: int | None = None) -> float:
        """Where the power law stands after so many epochs; 1 at the start, ``DIVERGED`` past the cliff."""
        family = str(config["family"])
        bowl, branch = self.BOWLS[family], self.space.branch(family)
        at = {key: unit(branch[key], config[key]) for key in bowl.numbers if key in config}
        if bowl.cliff is not None and at[bowl.cliff[0]] > bowl.cliff[1]:
            return DIVERGED
        off = {key: place - bowl.numbers[key][0] for key, place in at.items()}
        final = bowl.least + sum(bowl.numbers[key][1] * off[key] ** 2 for key in off)
        final += sum(penalties[str(config[key])] for key, penalties in bowl.choices.items())
        final += sum(weight * (off[a] + off[b]) ** 2 for a, b, weight in bowl.coupled)
        if epoch is None or epoch >= self.epochs:
            return final
        pace = bowl.slowness * math.exp(-3.0 * off["training.lr"])
        left = (1 + epoch / pace) ** -1.5 - (1 + self.epochs / pace) ** -1.5
        return final + max(1.5 - final, 0.0) * left


PROBLEMS: dict[str, type[Jenatton] | type[Combined] | type[Curves]] = {
    one.name: one for one in (Jenatton, Combined, Curves)
}
