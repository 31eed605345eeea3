"""The guarantee of a study with epsilon: its number, its unit, what it covers and what it assumes."""

from collections.abc import Sequence
from dataclasses import dataclass

#: What may be published.
COVERED = (
    "all files in best/: model, config, codec, samples, card",
    "any number of further samples of this model",
)
#: What is for the owner of the data alone.
NOT_COVERED = (
    "report.html, result.json, leaderboard.csv and journal.jsonl: scores, verdict, baselines and the "
    "memorization test are computed on real rows without noise",
    "exhibits/, trials/ and finalists/: real rows, and scores in the curves of trials",
    "private.json and study.toml: the secret of the split, and hashes of the rows",
)


@dataclass(frozen=True, kw_only=True)
class Guarantee:
    """Differential privacy of what ``best/`` holds.

    Attributes:
        epsilon: Epsilon that was spent, at most what was asked for.
        delta: Delta of the guarantee.
        unit: Unit of privacy: ``row``, or ``group`` where rows have groups.
        group: Column whose equal values make a group; empty for rows.
        neighbors: Neighboring relation in words.
        accountant: How epsilon was computed.
        trials: Number of trainings that are paid for.
        steps: Steps of each training.
        rate: Probability that a unit takes part in a step.
        noise: Noise multiplier of the gradients.
        clip: Largest norm of a row's gradient.
        count_noise: Standard deviation of the noise on each count of the codec, in units.
        threshold: Noisy count from which on a category is kept.
        covered: What the guarantee covers.
        not_covered: What it does not cover.
        assumptions: What it rests on.
    """

    epsilon: float
    delta: float
    unit: str = "row"
    group: str = ""
    neighbors: str = ""
    accountant: str = ""
    trials: int = 1
    steps: int = 0
    rate: float = 0.0
    noise: float = 0.0
    clip: float = 0.0
    count_noise: float = 0.0
    threshold: float = 0.0
    covered: tuple[str, ...] = COVERED
    not_covered: tuple[str, ...] = NOT_COVERED
    assumptions: tuple[str, ...] = ()

    def headline(self) -> str:
        """State the guarantee in one sentence."""
        unit = f"one group of rows with one value of {self.group}" if self.group else "one row"
        return (
            f"Differential privacy with epsilon = {self.epsilon:.4g} and delta = {self.delta:.2g}; the unit "
            f"of privacy is {unit}"
        )

    def lines(self) -> list[str]:
        """List the parts of the guarantee, one sentence each."""
        each = "" if self.trials == 1 else f", for each of {self.trials} trainings that share epsilon"
        return [
            f"Neighbors: {self.neighbors}.",
            f"Training: DP-SGD, {self.steps} steps{each}; a unit takes part in a step with probability "
            f"{self.rate:.4g}, a row's gradient has at most norm {self.clip:g}, the noise multiplier is "
            f"{self.noise:.4g}.",
            f"Codec: counts with normal noise of {self.count_noise:.4g} units; categories whose noisy count "
            f"is below {self.threshold:.4g} are left out.",
            f"Accountant: {self.accountant}.",
            *(f"Covered: {text}." for text in self.covered),
            *(f"Not covered, do not publish: {text}." for text in self.not_covered),
            *(f"Assumed: {text}." for text in self.assumptions),
        ]


def assumptions(count: int, group: str, ranges: Sequence[str], space: str) -> tuple[str, ...]:
    """List what a guarantee rests on.

    Args:
        count: Number of units, which is taken to be known.
        group: Column of the groups; empty for rows.
        ranges: Names of the columns whose ranges were given.
        space: Name of the search space.
    """
    told = f"the ranges of {', '.join(ranges)}" if ranges else "no range"
    unit = f"groups of {group}" if group else "rows"
    return (
        f"the number of {unit}, {count}, is public",
        "names and order of the columns, their types, the way in which cells are written and whether a "
        "column has missing cells are public",
        f"{told} and all settings, those of the search space {space} too, were chosen without a look at "
        "these rows",
        "this is the only release computed from these rows: the epsilons of several add up",
        "noise and batches come from the operating system's random numbers, which nobody else knows; what "
        "leaks by running times and by the rounding of floating-point numbers is not counted",
    )
