import pytest

from autogen import registry
from autogen.errors import SettingsError, UnknownNameError
from autogen.metrics.lookup import default_metric, fits, metric_for, metric_names


def test_the_default_metric_of_each_kind_of_data_can_score_it():
    for kind in registry.BUILT_IN["data"]:
        assert fits(default_metric(kind), kind)
        assert metric_names(kind)[0] == default_metric(kind)


def test_a_kind_that_nobody_declares_has_no_metric():
    with pytest.raises(UnknownNameError, match="unknown data 'videos'; there are image, music, tabular"):
        default_metric("videos")


def test_a_metric_of_another_kind_is_refused_with_those_that_fit():
    with pytest.raises(
        SettingsError, match="metric 'c2st' scores tabular, not image; for image there are kd"
    ):
        metric_for("c2st", "image")
