import pytest

from autogen import registry
from autogen.errors import UnknownNameError
from autogen.metrics.lookup import default_metric


def test_the_default_metric_of_each_kind_of_data_can_score_it():
    for kind in registry.BUILT_IN["data"]:
        assert kind in registry.get("metric", default_metric(kind)).kinds


def test_a_kind_without_a_default_is_refused():
    with pytest.raises(
        UnknownNameError, match="no default metric for 'video' data; there are image, tabular"
    ):
        default_metric("video")
