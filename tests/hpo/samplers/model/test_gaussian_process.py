import math

import mpmath
import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.stats import norm

from autogen.hpo.samplers.model import gaussian_process as gp

GROUPS = np.arange(3)


def test_the_gradient_of_the_fit_is_that_of_its_value():
    rng = np.random.default_rng(0)
    X, y = rng.random((12, 4)), rng.standard_normal(12)
    squares = gp._squares(X, np.array([0, 1, 1, 2])).reshape(3, -1)

    def value(theta):
        return gp._negative_log_posterior(theta, squares, y)[0]

    def gradient(theta):
        return gp._negative_log_posterior(theta, squares, y)[1]

    for _ in range(5):
        theta = np.r_[rng.normal(0, 0.5, 3), rng.normal(0, 0.3), rng.normal(-4, 1)]
        assert check_grad(value, gradient, theta) < 1e-4 * max(1.0, float(np.linalg.norm(gradient(theta))))


def test_the_fit_finds_which_parameter_matters():
    X = np.random.default_rng(1).random((40, 3))
    kernel = gp.fit_kernel(X, np.sin(6 * X[:, 1]), GROUPS)
    assert kernel.log_lengths.argmin() == 1
    assert kernel.log_lengths[1] < kernel.log_lengths[[0, 2]].min() - 1


def test_predictions_pass_through_noiseless_data_and_are_sure_there():
    rng = np.random.default_rng(2)
    X = rng.random((30, 3))
    y = X[:, 0] ** 2 + 5 * X[:, 2] + 100
    process = gp.GaussianProcess(gp.fit_kernel(X, y, GROUPS), X, y, GROUPS)
    known = process.predict(X)
    assert known.mean == pytest.approx(y, abs=0.05)
    assert known.deviation.max() < 0.1
    Z = rng.random((200, 3))
    assert process.predict(Z).mean == pytest.approx(Z[:, 0] ** 2 + 5 * Z[:, 2] + 100, abs=0.3)


def test_noisy_data_are_not_taken_at_their_word():
    rng = np.random.default_rng(3)
    X = rng.random((80, 1))
    y = X[:, 0] + rng.normal(0, 0.3, 80)
    groups = np.zeros(1, dtype=int)
    process = gp.GaussianProcess(gp.fit_kernel(X, y, groups), X, y, groups)
    errors = process.predict(X).mean - X[:, 0]
    assert np.sqrt(np.mean(errors**2)) < 0.15


def test_uncertainty_covers_what_is_not_known():
    rng = np.random.default_rng(4)
    hits = []
    for _ in range(20):
        X, Z, weights = rng.random((12, 3)), rng.random((50, 3)), rng.normal(size=3)
        y = np.sin(3 * X @ weights)
        found = gp.GaussianProcess(gp.fit_kernel(X, y, GROUPS), X, y, GROUPS).predict(Z)
        hits += (abs(found.mean - np.sin(3 * Z @ weights)) < 2 * found.deviation).tolist()
    assert np.mean(hits) > 0.85


def test_equal_values_and_repeated_points_are_survived():
    X = np.repeat(np.random.default_rng(5).random((3, 3)), 4, axis=0)
    for y in (np.ones(12), np.tile([0.0, 1.0], 6)):
        found = gp.GaussianProcess(gp.fit_kernel(X, y, GROUPS), X, y, GROUPS).predict(X)
        assert np.isfinite(found.mean).all()
        assert np.isfinite(found.deviation).all()


def test_assuming_a_point_is_what_a_process_with_that_point_would_say():
    rng = np.random.default_rng(6)
    X, Z = rng.random((20, 3)), rng.random((40, 3))
    y = np.sin(4 * X[:, 0]) + X[:, 2]
    y -= y.mean()
    kernel = gp.fit_kernel(X, y, GROUPS)
    found = gp.GaussianProcess(kernel, X, y, GROUPS).predict(Z)
    before = found.deviation
    for place in (7, 3, 7):  # the same one again, too
        found.assume(place)
    known = gp.GaussianProcess(kernel, np.vstack([X, Z[[7, 3, 7]]]), np.r_[y, found.mean[[7, 3, 7]]], GROUPS)
    # a process has its own unit, the spread of what it was given
    unit = np.r_[y, found.mean[[7, 3, 7]]].std() / y.std()
    assert found.deviation == pytest.approx(known.predict(Z).deviation / unit, rel=1e-4)
    assert found.deviation[[3, 7]].max() < before[[3, 7]].max()


def test_expected_improvement_is_that_of_a_normal_variable():
    mean, deviation = np.array([0.0, 1.0, -2.0]), np.array([1.0, 0.5, 0.1])
    z = (0.3 - mean) / deviation
    expected = deviation * (z * norm.cdf(z) + norm.pdf(z))
    assert gp.log_expected_improvement(mean, deviation, 0.3) == pytest.approx(np.log(expected))


def test_expected_improvement_is_exact_to_nine_digits_in_every_of_its_forms():
    for z in (-60, -37.5, -20, -5.001, -5, -4.999, -1.001, -1, -0.999, 0, 3, 40):
        with mpmath.workdps(60):  # the two terms cancel all but 1 / z^2 of themselves
            exact = float(mpmath.log(z * mpmath.ncdf(z) + mpmath.npdf(z)))
        found = gp.log_expected_improvement(np.array([-z], float), np.ones(1), 0.0)
        assert found[0] == pytest.approx(exact, rel=1e-9, abs=1e-9)


def test_expected_improvement_has_no_step_from_one_form_to_the_next():
    for z in (-1.0, -5.0, -1e4):
        around = gp.log_expected_improvement(-z * np.linspace(1 - 1e-6, 1 + 1e-6, 101), np.ones(101), 0.0)
        assert (np.diff(around) < 0).all()


def test_expected_improvement_still_orders_hopeless_points():
    far = gp.log_expected_improvement(np.linspace(3, 60, 50), np.ones(50), 0.0)
    assert np.isfinite(far).all()
    assert (np.diff(far) < 0).all()
    assert far[-1] == pytest.approx(norm.logpdf(60) - 2 * math.log(60), rel=1e-3)
