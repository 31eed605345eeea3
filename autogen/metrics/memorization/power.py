"""The power of the two hard tests: what they would have found, with probability .8."""

import numpy as np
from scipy.special import ndtri

POWER = 0.8
_DRAWS = 400


def copied_share_found(
    sizes: tuple[int, int, int], honest: float, copied: float, alpha: float, tolerated: float
) -> float | None:
    """Smallest share of copies among the samples that the memorization test refuses with probability .8.

    Copies are mixed into unseen real rows in simulation: of ``copied`` of them it shows that they are copies
    (a row that has an equal one hides its copy), and ``honest`` of unseen rows look like copies too, of any
    row. The relabelings' distribution is the hypergeometric one, of the rows that are hit.

    Args:
        sizes: Numbers of generated, training and unseen samples.
        honest: Share of unseen real rows that all but equal another real row.
        copied: Share of training rows of which a copy would be seen to be one.
        alpha: Level of the test.
        tolerated: Share of copies up to which nothing is refused.

    Returns:
        A multiple of one over the number of samples; ``None`` where not even copies alone would be found.
    """
    samples, _, _ = sizes
    if _refused(samples, sizes, honest, copied, alpha, tolerated) < POWER:
        return None
    low, high = 0, samples
    while high - low > 1:
        middle = (low + high) // 2
        enough = _refused(middle, sizes, honest, copied, alpha, tolerated) >= POWER
        low, high = (low, middle) if enough else (middle, high)
    return high / samples


def _refused(
    copies: int, sizes: tuple[int, int, int], honest: float, copied: float, alpha: float, tolerated: float
) -> float:
    """Probability that so many copies among the samples are refused."""
    from scipy import stats  # takes a second, which who draws samples should not wait for

    samples, trained, unseen = sizes
    rng = np.random.default_rng(copies)
    seen = rng.binomial(copies, copied, _DRAWS)
    chance = rng.binomial(samples - copies, honest, _DRAWS)
    on_unseen = rng.binomial(chance, unseen / (trained + unseen))
    on_train = seen + chance - on_unseen
    # Copies of one row count once: labels of rows are what chance deals.
    rows = np.rint(-trained * np.expm1(-on_train / trained)) + on_unseen
    p_value = stats.hypergeom.cdf(on_unseen, trained + unseen, unseen, rows.clip(max=trained + unseen))
    excess = (on_train - on_unseen * trained / unseen) / samples
    return float(np.mean((p_value < alpha) & (excess > tolerated)))


def distinct_found(samples: int, real_repeats: int, alpha: float, tolerated: float) -> int:
    """Largest number of different samples, drawn over and over, that the diversity test refuses.

    With a probability of about .8: the expected repeats less .84 standard deviations must exceed those that
    are tolerated, and what relabelings reach by chance.

    Args:
        samples: Number of samples.
        real_repeats: Repeats among as many real rows.
        alpha: Level of the test.
        tolerated: Share of repeats beyond those of real rows up to which nothing is refused.

    Returns:
        A number of different samples; 0 where not even one would be found.
    """
    different = np.unique(np.geomspace(1, 100 * samples, 400).astype(int))
    repeats = samples - different * -np.expm1(samples * np.log1p(-1 / np.maximum(different, 1.0 + 1e-12)))
    spread = np.sqrt(repeats)
    least = repeats - ndtri(POWER) * spread - real_repeats
    chance = ndtri(1 - alpha) * np.sqrt(repeats / 2 + real_repeats)
    found = different[least > np.maximum(tolerated * samples, chance)]
    return int(found.max()) if len(found) else 0
