"""The contract of scikit-learn's estimators, by scikit-learn's own checks."""

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

import autogen

#: Checks whose demand is not met, with the reason.
EXPECTED = {}
#: Checks that only fit once or twice more, and prove nothing that the others do not; each takes seconds.
LONG = ()


def checks():
    made = autogen.Generator(
        "1trials", families="trees", objective="kd", executor="inprocess", models_only=True
    )
    return list(estimator_checks_generator(made))


def name_of(check):
    return getattr(check, "func", check).__name__


@pytest.mark.slow
@pytest.mark.parametrize(
    ("estimator", "check"), checks(), ids=lambda one: name_of(one) if callable(one) else ""
)
def test_the_contract_of_scikit_learn(estimator, check, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if (name := name_of(check)) in EXPECTED:
        pytest.xfail(EXPECTED[name])
    check(estimator)
