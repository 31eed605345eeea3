"""Statistics of the verdict: intervals, comparisons, and the claim of a study.

Contenders are compared on rows that neither training nor search nor the choice of the leader has seen. Each
has several measurements of these rows: one for each sampling draw (*this model*) or for each training seed
(*this recipe*). An interval counts two sources of chance:

* the rows, by a delete-group jackknife of the mean over draws or seeds. It leaves out real and generated rows
  together, so it counts the draws' own rows as well. (A percentile bootstrap of a distance between
  distributions has no coverage: resampling with repeats moves the distance itself.)
* draws or seeds, by the variance between them, less what their own rows explain: that part is in the
  jackknife already. Rows and draws are crossed factors; this is the usual estimate of their variance
  components (Searle 1992, chapter 4).

Their sum has Student's t with the degrees of freedom of Welch and Satterthwaite, and with at most one less
than there are draws or seeds if these dominate.

A leader wins if it beats each rival and the best baseline at the level: an intersection-union test (Berger
1982), for which the largest p-value decides and no correction is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from autogen.report.schema import Relation, VerdictKind

#: One minus the coverage of intervals.
ALPHA = 0.05
#: Two-sided levels of comparisons at the first look. A claim has a direction, so it is wrong with half this
#: probability if Student's t holds. It holds less well if the effects of few seeds or draws are skewed, and
#: vary more for one contender than for another; these levels keep false winners below 0.05 even then
#: (benchmarks/verdict.py).
LEVELS = {"model": 0.04, "recipe": 0.02}
#: Costs that differ by at most this share count as equal, since seconds are noisy.
SAME_COST = 0.2
#: Share of the difference of floor and ceiling that may be given up for a lower cost.
TOLERATED = 0.1
#: Two-sided level at which a rival is dropped before test for being worse on select.
CLEARLY = 0.001


@dataclass(frozen=True)
class Scores:
    """Losses of one contender on the rows of one split; lower is better.

    Attributes:
        losses: Loss of each draw or seed, float64 (S,).
        replicates: Loss of each draw or seed without each group of rows, float64 (S, G).
    """

    losses: np.ndarray
    replicates: np.ndarray

    @property
    def mean(self) -> float:
        """Mean loss over draws or seeds."""
        return float(np.mean(self.losses))


@dataclass(frozen=True)
class Contender:
    """A model, a recipe or a baseline in a comparison.

    Attributes:
        name: Name in the verdict.
        scores: Losses on the test split.
        cost: Cost that breaks a tie, such as seconds of training; lower is better.
    """

    name: str
    scores: Scores
    cost: float = 0.0


@dataclass(frozen=True)
class Interval:
    """A mean with its confidence interval.

    Attributes:
        mean: Estimate.
        low: Lower end; infinite if the data do not suffice.
        high: Upper end; infinite if the data do not suffice.
        p_value: Two-sided p-value of a true mean of zero.
        error: Standard error.
        freedom: Degrees of freedom of Student's t.
    """

    mean: float
    low: float
    high: float
    p_value: float
    error: float = float("inf")
    freedom: float = 1.0

    def upper(self, alpha: float = ALPHA) -> float:
        """Upper end of the one-sided interval of coverage 1 - alpha."""
        if not np.isfinite(self.high):
            return float("inf")
        return self.mean + float(stats.t.ppf(1 - alpha, self.freedom)) * self.error


@dataclass(frozen=True)
class Comparison:
    """A rival against the leader: loss of the rival minus loss of the leader, paired by rows.

    Attributes:
        rival: Name of the rival.
        difference: Mean and 95 % interval of the difference; above zero if the rival is worse.
        relation: ``worse`` or ``better`` if that is shown of the rival, else ``undecided``.
    """

    rival: str
    difference: Interval
    relation: Relation

    @property
    def separated(self) -> bool:
        """True if the leader is shown to be better."""
        return self.relation == "worse"


@dataclass(frozen=True)
class Verdict:
    """Claim of a study.

    Attributes:
        kind: ``winner``: the leader beats every rival and the best baseline. ``unrivaled``: it beats the best
            baseline, and no rival was compared. ``tie``: it beats the baseline, but not all rivals.
            ``baseline``: it does not beat the best baseline.
        chosen: Name of the contender to return: the leader, or a cheaper one within the margin.
        tied: Names of the leader and of the rivals not shown to be worse, the leader first.
        comparisons: Comparison with each rival and each baseline.
        alpha: Two-sided level of the comparisons.
        given_up: Loss of the returned contender minus that of the leader; ``None`` for the leader.
    """

    kind: VerdictKind
    chosen: str
    tied: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    alpha: float = ALPHA
    given_up: Interval | None = None


def level(look: int, claim: str = "model") -> float:
    """Compute the two-sided level of the comparisons at the first, second, ... look at the test split.

    Each look has half the level of the one before, so all of them together have twice the first level: the
    probability of any false claim stays below 0.05 however often a study is resumed.

    Args:
        look: Number of the look, from 1.
        claim: ``model`` or ``recipe``.
    """
    return float(LEVELS[claim] / 2 ** (look - 1))


def interval(losses: np.ndarray, replicates: np.ndarray, alpha: float = ALPHA) -> Interval:
    """Compute the mean over draws or seeds with its interval.

    Args:
        losses: Loss of each draw or seed, float64 (S,).
        replicates: Loss of each draw or seed without each group of rows, float64 (S, G).
        alpha: One minus the coverage; default .05.

    Returns:
        The interval; of infinite width with a single draw or seed, or fewer than two groups.
    """
    units, groups = replicates.shape
    mean = float(np.mean(losses))
    if units < 2 or groups < 2:
        return Interval(mean, -np.inf, np.inf, 1.0)
    by_rows = float(np.var(replicates.mean(axis=0)) * (groups - 1))
    between = float(np.var(losses, ddof=1)) / units
    by_units = max(0.0, between - _own_rows(replicates) / units)
    return _student(mean, by_rows, groups - 1, by_units, units - 1, alpha)


def _own_rows(replicates: np.ndarray) -> float:
    """Estimate the variance of a draw's score from its own rows: the residual of a two-way layout."""
    units, groups = replicates.shape
    centered = replicates - replicates.mean(axis=1, keepdims=True)
    rest = centered - centered.mean(axis=0)
    return float((rest**2).sum() * (groups - 1) / (groups * (units - 1)))


def _student(mean: float, by_rows: float, rows: int, by_units: float, units: int, alpha: float) -> Interval:
    """Make an interval of two variances of the mean, each with its degrees of freedom."""
    variance = by_rows + by_units
    if variance == 0.0:
        return Interval(mean, mean, mean, float(mean == 0.0), 0.0, float(units))
    freedom = variance**2 / (by_units**2 / units + by_rows**2 / rows)
    if by_units >= by_rows:
        freedom = min(freedom, units)
    error = variance**0.5
    reach = float(stats.t.ppf(1 - alpha / 2, freedom)) * error
    p_value = 2 * float(stats.t.sf(abs(mean) / error, freedom))
    return Interval(mean, mean - reach, mean + reach, p_value, error, freedom)


def interval_of_rows(loss: float, replicates: np.ndarray, alpha: float = ALPHA) -> Interval:
    """Compute the interval of one set of samples, over its rows and the real ones.

    Args:
        loss: Score.
        replicates: Score without each group of rows, float64 (G,).
        alpha: One minus the coverage; default .05.

    Returns:
        The interval; of infinite width with fewer than two groups.
    """
    groups = len(replicates)
    if groups < 2:
        return Interval(loss, -np.inf, np.inf, 1.0)
    by_rows = float(np.var(replicates) * (groups - 1))
    return _student(loss, by_rows, groups - 1, 0.0, groups - 1, alpha)


def interval_of(scores: Scores, sign: float) -> Interval:
    """Compute the interval of a set that was drawn once, in the metric's direction (``sign`` 1 or -1)."""
    return interval_of_rows(sign * scores.mean, sign * scores.replicates[0])


def normalized(model: Scores, floor: Scores, ceiling: Scores, alpha: float = ALPHA) -> Interval | None:
    """Normalize a score, 0 at the floor and 1 at the ceiling, with an interval for the noise of all three.

    The jackknife is that of the ratio itself, paired by rows. Draws or seeds of the model and draws of the
    floor enter by the delta method. The ceiling is one set of real rows, whose noise the jackknife counts.

    Returns:
        The normalized score; ``None`` if real rows do not score better than the floor beyond chance.
    """
    room = compare_scores(ceiling, floor, alpha)
    if room.mean <= 0 or (np.isfinite(room.low) and room.low <= 0):
        return None
    share = (floor.mean - model.mean) / room.mean
    ends = [scores.replicates.mean(axis=0) for scores in (model, floor, ceiling)]
    units, groups = model.replicates.shape
    if units < 2 or groups < 2:
        return Interval(share, -np.inf, np.inf, 1.0)
    left_out = (ends[1] - ends[0]) / (ends[1] - ends[2])
    by_rows = float(np.var(left_out) * (groups - 1))
    slopes = (1 / room.mean, (1 - share) / room.mean)
    by_units = sum(slope**2 * _between(scores) for slope, scores in zip(slopes, (model, floor), strict=True))
    return _student(share, by_rows, groups - 1, by_units, units - 1, alpha)


def _between(scores: Scores) -> float:
    """Estimate the variance of a mean over draws or seeds, without that of their own rows."""
    units = len(scores.losses)
    if units < 2:
        return 0.0
    return max(0.0, float(np.var(scores.losses, ddof=1)) - _own_rows(scores.replicates)) / units


def compare_scores(leader: Scores, rival: Scores, alpha: float = ALPHA) -> Interval:
    """Compute the loss of a rival minus that of the leader, paired by rows, and by draws or seeds.

    Draws or seeds are paired if both have as many. A set that was drawn once (real rows) is compared with the
    mean of the other's draws.
    """
    if len(leader.losses) == len(rival.losses):
        return interval(rival.losses - leader.losses, rival.replicates - leader.replicates, alpha)
    groups = rival.replicates.shape[1]
    mean = rival.mean - leader.mean
    if groups < 2 or leader.replicates.shape[1] != groups:
        return Interval(mean, -np.inf, np.inf, 1.0)
    rows = rival.replicates.mean(axis=0) - leader.replicates.mean(axis=0)
    by_units = _between(rival) + _between(leader)
    units = max(len(rival.losses), len(leader.losses)) - 1
    return _student(mean, float(np.var(rows) * (groups - 1)), groups - 1, by_units, max(1, units), alpha)


def compare(leader: Contender, rivals: Sequence[Contender], alpha: float = ALPHA) -> list[Comparison]:
    """Compare the leader with each rival; intervals have a coverage of 95 % at any level.

    Args:
        leader: Best contender on select.
        rivals: Other contenders.
        alpha: Two-sided level at which a rival counts as worse or better; default .05.
    """
    found = []
    for rival in rivals:
        difference = compare_scores(leader.scores, rival.scores)
        relation: Relation = "undecided"
        if difference.p_value <= alpha and difference.mean:
            relation = "worse" if difference.mean > 0 else "better"
        found.append(Comparison(rival.name, difference, relation))
    return found


def judge(
    leader: Contender,
    rivals: Sequence[Contender],
    baselines: Sequence[Contender],
    *,
    margin: float = 0.0,
    alpha: float = ALPHA,
    giving_up: bool = False,
) -> Verdict:
    """Give the verdict on a leader that was chosen on other rows than those of these losses.

    Args:
        leader: Best contender on select.
        rivals: Other finalists, the best first.
        baselines: Baselines that the leader has to beat.
        margin: Most additional loss of a cheaper contender, by its interval; default 0.
        alpha: Two-sided level of the comparisons; default .05.
        giving_up: True if the cost is an objective, so that a loss within the margin may be given up for it;
            else a cheaper contender must not be worse in the mean either. Default false.
    """
    comparisons = compare(leader, [*rivals, *baselines], alpha)
    of_rivals, of_baselines = comparisons[: len(rivals)], comparisons[len(rivals) :]
    close = [(r, c) for r, c in zip(rivals, of_rivals, strict=True) if not c.separated]
    kind: VerdictKind = "tie" if close else "winner" if rivals else "unrivaled"
    if not all(comparison.separated for comparison in of_baselines):
        kind = "baseline"
    allowed = [(r, c) for r, c in close if giving_up or c.difference.mean <= 0]
    chosen = cheapest(leader, allowed, margin)
    given_up = next((c.difference for r, c in close if r is chosen), None)
    tied = (leader.name, *(r.name for r, _ in close))
    return Verdict(kind, chosen.name, tied, tuple(comparisons), alpha, given_up)


def cheapest(leader: Contender, tied: Sequence[tuple[Contender, Comparison]], margin: float) -> Contender:
    """Choose the leader, or a cheaper contender that is shown to lose less than the margin.

    A difference that is not significant does not suffice, since few rows make none significant. Shown: the
    upper end of the one-sided 95 % interval of the loss is below the margin (a test of non-inferiority).
    """
    allowed = [rival for rival, comparison in tied if comparison.difference.upper() < margin]
    least = min([leader.cost, *(rival.cost for rival in allowed)])
    return next(one for one in (leader, *allowed) if one.cost <= least + SAME_COST * abs(least))


def near_leader(leader: Scores, rivals: Sequence[Scores]) -> list[bool]:
    """Tell for each rival, best first, if it is compared on test: the first, and all not clearly worse.

    Clearly worse: p <= 0.001. Dropping a rival as good as the leader so adds at most 0.0005 for each rival to
    the probability of a false winner.
    """
    differences = [compare_scores(leader, rival) for rival in rivals]
    return [
        place == 0 or not (found.mean > 0 and found.p_value <= CLEARLY)
        for place, found in enumerate(differences)
    ]
