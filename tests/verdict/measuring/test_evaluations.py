"""Evaluations are the same on any device, and their values survive the journal."""

from dataclasses import replace

import numpy as np
import pytest

from autogen.verdict.measuring.evaluations import (
    Diagnostics,
    FromSamples,
    Joined,
    Score,
    replicates_of,
    scores_of,
)
from tests.verdict.field import DRAWS, Field, RealWords

pytestmark = pytest.mark.usefixtures("words_registered")


@pytest.fixture(scope="module")
def field(tmp_path_factory, words_registered):
    return Field(tmp_path_factory.mktemp("field"), {0: 0.8}, events=())


def sources(field):
    """A source of each class."""
    finalist, baseline = field.model(0), field.finals.sources.entries()[1]
    own = field.finals.sources.sources(finalist, "test", DRAWS)
    other = Joined(tuple(field.finals.sources.sources(baseline, "test", 2)))
    return [FromSamples(["words"]), own[0], Joined(tuple(own)), other]


def test_a_source_draws_the_same_samples_at_each_call_and_on_the_device_of_its_choice(field):
    for source, draws in zip(sources(field), (1, 1, DRAWS, 2), strict=True):
        found = list(source.draws())
        assert len(found) == draws
        assert list(source.on("cpu").draws()) == list(source.draws()) == found
    model = sources(field)[1].on("meta")
    assert model.device == "meta"
    assert [one.device for one in sources(field)[2].on("meta").sources] == ["meta"] * DRAWS


def test_evaluations_on_a_device_draw_there(field):
    finals, entry = field.finals, field.model(0)
    score, hard = finals.sources.score(entry, "test", DRAWS), finals.sources.hard_tests(entry, DRAWS)
    both = Diagnostics(None, score.source, 10)
    for one in (score, both):
        assert one.on("meta") == replace(one, source=one.source.on("meta"))
        assert one.on("meta").source.device == "meta"
    assert [one.device for one in hard.on("meta").source.sources] == ["meta"] * len(hard.source.sources)


def test_scores_and_replicates_are_read_as_they_were_measured(field):
    metric = RealWords()
    reference = metric.prepare(field.data.split("test"), field.data.codec)
    (source,) = sources(field)[3:]
    values = Score(metric, reference, source, groups=5)()
    drawn = list(source.draws())
    assert scores_of(values).tolist() == [metric.score(reference, one) for one in drawn]
    expected = np.stack([metric.replicates(reference, one, 5) for one in drawn])
    assert replicates_of(values).tolist() == expected.tolist()
    assert replicates_of(Score(metric, reference, source)()).shape == (2, 0)
