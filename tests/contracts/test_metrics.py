import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer

from autogen.data.open import open_data
from autogen.metrics.base import Metric
from autogen.metrics.lookup import fits, metric_for
from autogen.registry import names
from autogen.testing.ladders import IMAGE_CORRUPTIONS, MUSIC_CORRUPTIONS, TABLE_CORRUPTIONS, TEXT_CORRUPTIONS
from autogen.testing.metrics import MetricCase, MetricContract
from tests.data.music.makers import tunes
from tests.data.texts.makers import words


def measurements() -> pd.DataFrame:
    """Eight columns of breast_cancer and the diagnosis: fewer columns, less time."""
    found = load_breast_cancer(as_frame=True)
    return found.data.iloc[:, :8].assign(diagnosis=found.target_names[found.target])


SETS = {
    "image": (lambda: "digits", IMAGE_CORRUPTIONS),
    "tabular": (measurements, TABLE_CORRUPTIONS),
    "text": (lambda: list(dict.fromkeys(words(12000)))[:4000], TEXT_CORRUPTIONS),
    "music": (lambda: tunes(600), MUSIC_CORRUPTIONS),
}


@pytest.fixture(scope="module")
def cases() -> dict[str, MetricCase]:
    found = {}
    for kind, (source, corruptions) in SETS.items():
        data = open_data(source())
        rows = np.concatenate([data.rows[name] for name in ("tune", "select", "test")])
        half = len(rows) // 2
        real, unseen = (
            data.kind.take(data.raw.samples, part) for part in (rows[:half], rows[half : 2 * half])
        )
        found[kind] = MetricCase(real, unseen, data.codec, corruptions)
    return found


#: Judges read texts one by one, and not made-up words; see tests/judging/test_text_metrics.py.
JUDGES = (".embedded", ".judge")


#: Of every change; the other pairs of metric and kind of data take a minute together, c2st six seconds.
QUICK = {"kd": "image", "pair_trends": "tabular", "reverse_ngram": "text", "reverse_notes": "music"}


def pairs() -> list:
    """Every registered metric with every kind of data that it scores."""
    found = [(name, kind) for name in sorted(names("metric")) for kind in SETS if fits(name, kind)]
    found = [(name, kind) for name, kind in found if not name.endswith(JUDGES)]
    return [
        pytest.param(pair, id="-".join(pair), marks=[] if QUICK.get(pair[0]) == pair[1] else pytest.mark.slow)
        for pair in found
    ]


class TestRegisteredMetrics(MetricContract):
    @pytest.fixture(params=pairs())
    def pair(self, request: pytest.FixtureRequest) -> tuple[str, str]:
        return request.param

    @pytest.fixture
    def metric(self, pair: tuple[str, str]) -> Metric:
        return metric_for(*pair, target="diagnosis")

    @pytest.fixture
    def case(self, pair: tuple[str, str], cases: dict[str, MetricCase]) -> MetricCase:
        return cases[pair[1]]
