import numpy as np
import pytest

from autogen.data.open import open_data
from autogen.errors import MetricError
from autogen.metrics.tables.two_sample.c2st import TwoSampleTest
from autogen.metrics.tables.two_sample.c2st_v1 import TwoSampleTestV1
from tests.metrics.makers import codec_of, people

VERSIONS = pytest.mark.parametrize("metric", [TwoSampleTest(), TwoSampleTestV1()], ids=["v3", "v1"])


@VERSIONS
@pytest.mark.parametrize("background", [True, False])
@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (people(14, 0), "at least 15 rows; got 14"),
        (people(40, 0).drop(columns="town"), "'town' is missing"),
        (people(40, 0).assign(height=np.inf), "column 'height' holds infinite numbers"),
    ],
)
def test_what_cannot_be_scored_is_refused(metric, background, frame, message):
    train, real = people(300, 1000), people(60, 0)
    codec = codec_of(train)
    reference = metric.prepare_with(real, codec, train) if background else metric.prepare(real, codec)
    with pytest.raises(MetricError, match=message):
        metric.score(reference, frame)


@VERSIONS
def test_data_other_than_tables_are_refused(metric):
    data = open_data("digits")
    with pytest.raises(MetricError, match="scores tables, but the data is image"):
        metric.prepare(data.split("test"), data.codec)
