"""Epsilon of Gaussian mechanisms on random samples of the units, by the accountant of Opacus.

This is the only file that imports Opacus. Its accountant composes privacy loss random variables (Gopi 2021,
https://arxiv.org/abs/2106.02848), which is tighter than Renyi orders; its hooks are not used.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from autogen.errors import SettingsError

#: Largest error of epsilon, as a share of the target; of small ones a share, or an amount.
_ERROR, _SMALL_ERRORS = 0.005, (0.05, 0.002)
#: Renyi orders beside the usual ones, up to 63, which bound no epsilon below about 0.2.
_MORE_ORDERS = (96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096)
#: Noise multipliers between which one is searched, and the share by which it may be too large.
_LEAST, _MOST, _TOLERANCE = 0.3, 1e5, 0.005
#: Noise that is needed, as a share of what Renyi orders ask for: never less than this.
_SHARE = 0.7


@dataclass(frozen=True)
class Use:
    """Gaussian mechanisms on rows: sums to which each unit adds a vector, with normal noise.

    Attributes:
        noise: Standard deviation of the noise, divided by the largest norm of a unit's vector.
        rate: Probability that a unit takes part, drawn anew for each sum; 1 for all units.
        times: Number of sums.
    """

    noise: float
    rate: float = 1.0
    times: int = 1


def spent(uses: Sequence[Use], delta: float, error: float = 0.01) -> float:
    """Compute the epsilon that all uses of the same rows spend together, as an upper bound.

    Neighbors are two data sets of which one has one unit more.

    Args:
        uses: Mechanisms, in any order.
        delta: Delta of the guarantee.
        error: Largest amount by which epsilon may be too large.

    Raises:
        SettingsError: Opacus is not installed.
    """
    accountant = _accountant("PRVAccountant")
    accountant.history = [(use.noise, use.rate, use.times) for use in uses if use.times]
    if not accountant.history:
        return 0.0
    with warnings.catch_warnings():  # orders of a bound that it starts from, and log(0) at rate 1
        warnings.simplefilter("ignore")
        return float(accountant.get_epsilon(delta, eps_error=error))


def error_of(epsilon: float) -> float:
    """Return the largest amount by which an epsilon is computed too large, for a target."""
    share, most = _SMALL_ERRORS
    return max(_ERROR * epsilon, min(share * epsilon, most))


def calibrate(uses: Callable[[float], Sequence[Use]], epsilon: float, delta: float) -> float:
    """Find about the smallest noise multiplier with which uses of rows spend at most epsilon.

    Args:
        uses: Function from a noise multiplier to all uses.
        epsilon: Epsilon of the guarantee.
        delta: Delta of the guarantee.

    Raises:
        SettingsError: no noise is enough, or Opacus is not installed.
    """
    low, high = _LEAST, _LEAST
    while _by_orders(uses(high), delta) > epsilon:  # a bound that costs little, and is a few percent above
        low, high = high, 2 * high
        if high > _MOST:
            raise SettingsError(f"no noise keeps epsilon {epsilon:g} at delta {delta:g}; give a larger one")
    high = _bisect(lambda noise: _by_orders(uses(noise), delta) <= epsilon, low, high)
    error = error_of(epsilon)
    return _bisect(lambda noise: spent(uses(noise), delta, error) <= epsilon, _SHARE * high, high)


def _bisect(kept: Callable[[float], bool], low: float, high: float) -> float:
    """Find about the smallest noise that is kept; ``high`` is."""
    while high > (1 + _TOLERANCE) * low:
        middle = (low * high) ** 0.5
        low, high = (low, middle) if kept(middle) else (middle, high)
    return high


def _by_orders(uses: Sequence[Use], delta: float) -> float:
    """Compute an upper bound of epsilon by Renyi orders (Mironov 2019, https://arxiv.org/abs/1908.10530)."""
    accountant = _accountant("RDPAccountant")
    accountant.history = [(use.noise, use.rate, use.times) for use in uses if use.times]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alphas = [*accountant.DEFAULT_ALPHAS, *_MORE_ORDERS]
        return float(accountant.get_epsilon(delta, alphas=alphas))


def _accountant(name: str) -> Any:
    """Make an accountant of Opacus."""
    try:
        from opacus import accountants
    except ImportError as error:
        raise SettingsError(
            "epsilon needs the accountant of Opacus; install it with: pip install opacus"
        ) from error
    return getattr(accountants, name)()
