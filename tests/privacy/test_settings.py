"""What a user says of privacy: read, and refused in one line."""

import pytest

from autogen.errors import SettingsError
from autogen.privacy.settings import PrivacySettings, Range


def test_ranges_are_read_with_and_without_steps():
    found = PrivacySettings.of({"epsilon": 1, "ranges": ["age=0:120", "a=b=-1:1:0.5"]})
    assert found is not None
    assert found.ranges == {"age": Range(0, 120), "a=b": Range(-1, 1, 0.5)}


def test_without_epsilon_there_is_no_guarantee():
    assert PrivacySettings.of({}) is None


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"epsilon": 0.0}, "epsilon must be above 0"),
        ({"epsilon": True}, "epsilon must be a number"),
        ({"epsilon": float("inf")}, "epsilon must be a number"),
        ({"delta": 1e-5}, "give epsilon too"),
        ({"epsilon": 1.0, "delta": 1.0}, "delta must be below 1"),
        ({"epsilon": 1.0, "epsilo": 1.0}, "did you mean 'epsilon'"),
        ({"epsilon": 1.0, "ranges": ["age"]}, "NAME=LOW:HIGH"),
        ({"epsilon": 1.0, "ranges": ["age=0"]}, "age=LOW:HIGH"),
        ({"epsilon": 1.0, "ranges": ["age=1:0"]}, "must ascend"),
        ({"epsilon": 1.0, "ranges": ["age=0:1:2"]}, "steps that fit"),
        ({"epsilon": 1.0, "ranges": ["age=0:nan"]}, "age=LOW:HIGH"),
    ],
)
def test_what_is_no_guarantee_is_refused(table, words):
    with pytest.raises(SettingsError, match=words):
        PrivacySettings.of(table)


def test_delta_follows_from_the_number_of_units():
    wanted = PrivacySettings(1.0)
    assert wanted.delta_for(1_000) == 1e-5
    assert wanted.delta_for(100_000) == pytest.approx(1e-6)


def test_a_delta_that_lets_a_unit_be_published_is_refused():
    with pytest.raises(SettingsError, match="delta must be below one over the number of units"):
        PrivacySettings(1.0, 0.01).delta_for(1_000)
