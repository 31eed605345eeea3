"""The accountant: beside the exact Gaussian mechanism, beside Opacus itself, and its calibration."""

import math

import pytest
from scipy.special import ndtr

from autogen.errors import SettingsError
from autogen.privacy.accountant import Use, calibrate, error_of, spent

DELTA = 1e-5


def exact_delta(noise: float, epsilon: float) -> float:
    """Delta of one Gaussian mechanism (Balle 2018, theorem 8)."""
    half = 1 / (2 * noise)
    return float(ndtr(half - epsilon * noise) - math.exp(epsilon) * ndtr(-half - epsilon * noise))


@pytest.mark.parametrize("noise", [0.8, 2.0, 4.0])
def test_one_use_of_all_units_spends_what_the_exact_mechanism_does(noise):
    found = spent([Use(noise)], DELTA, error=0.002)
    assert exact_delta(noise, found) <= DELTA
    assert exact_delta(noise, 0.99 * found - 0.004) > DELTA


def test_epsilon_is_that_of_opacus():
    from opacus.accountants import PRVAccountant

    own = PRVAccountant()
    own.history = [(1.1, 0.02, 500)]
    assert spent([Use(1.1, 0.02, 500)], DELTA) == own.get_epsilon(DELTA, eps_error=0.01)


def test_epsilon_is_at_most_that_of_renyi_orders():
    from opacus.accountants import RDPAccountant

    orders = RDPAccountant()
    orders.history = [(1.1, 0.02, 500)]
    assert 0.8 * orders.get_epsilon(DELTA) < spent([Use(1.1, 0.02, 500)], DELTA) < orders.get_epsilon(DELTA)


def test_two_uses_spend_what_one_of_twice_the_steps_does():
    both = spent([Use(1.1, 0.02, 200), Use(1.1, 0.02, 300)], DELTA)
    assert both == pytest.approx(spent([Use(1.1, 0.02, 500)], DELTA), rel=0.01)


def test_each_further_use_costs():
    assert (
        spent([Use(3.0), Use(1.1, 0.02, 500)], DELTA) > spent([Use(1.1, 0.02, 500)], DELTA) > spent([], DELTA)
    )


@pytest.mark.parametrize("epsilon", [0.1, 1.0, 10.0])
def test_the_noise_is_hardly_more_than_epsilon_needs(epsilon):
    def uses(noise: float) -> list[Use]:
        return [Use(max(20.0, 100 / epsilon)), Use(noise, 0.05, 200)]

    noise = calibrate(uses, epsilon, DELTA)
    assert 0.97 * epsilon < spent(uses(noise), DELTA, error_of(epsilon)) <= epsilon
    assert spent(uses(0.95 * noise), DELTA, 0.005 * epsilon) > epsilon


def test_an_epsilon_that_other_uses_have_spent_is_refused():
    with pytest.raises(SettingsError, match="no noise keeps epsilon 1"):
        calibrate(lambda noise: [Use(0.5), Use(noise)], 1.0, DELTA)
