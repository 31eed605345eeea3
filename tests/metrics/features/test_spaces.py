import errno
import os
import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from autogen.data.open import open_data
from autogen.errors import MetricError, SettingsError
from autogen.metrics.features.custom import custom_space
from autogen.metrics.lookup import metric_for, space_for
from autogen.metrics.tables.features import EncodedRows
from autogen.metrics.texts.features import CharNGrams
from tests.data.texts.makers import words
from tests.metrics.makers import codec_of, people


class Means(nn.Module):
    """Mean brightness of each quarter."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return nn.functional.adaptive_avg_pool2d(images, 2).flatten(1)


def lengths(texts: list[str]) -> np.ndarray:
    return np.array([[len(text), text.count("a")] for text in texts])


def weightless(texts: list[str]) -> np.ndarray:
    raise OSError(errno.EIO, os.strerror(errno.EIO), "weights.bin")


def broken(texts: list[str]) -> np.ndarray:
    return np.full((len(texts), 2), np.nan)


def test_a_score_carries_the_name_of_its_feature_space():
    assert metric_for("fd", "image").objective.name == "fd[random_conv-v1]"
    assert metric_for("kd", "tabular").objective.name == "kd[rows-v1]"
    own = space_for(f"{__name__}:Means", "image") if __name__ != "__main__" else custom_space(Means)
    assert metric_for("fd", "image", space=own).objective.name.endswith("Means]")


def test_a_module_of_torch_gets_images_from_0_to_1():
    data = open_data("digits")
    images = data.split("test") * np.uint8(15)
    _, features = custom_space(Means).prepare(images, data.codec)
    assert features.shape == (len(images), 4)
    assert features[0, 0] == pytest.approx(images[0, :4, :4].mean() / 255, abs=1e-6)


def test_a_callable_gets_the_samples_as_they_are():
    texts = words(60)
    metric = metric_for("kd", "text", space=custom_space(lengths))
    reference = metric.prepare(texts[:30], open_data(texts).codec)
    assert reference.features.shape == (30, 2)
    assert np.isfinite(metric.score(reference, texts[30:]))


@pytest.mark.parametrize(
    ("features", "error", "message"),
    [
        ("no_such_package:name", SettingsError, "cannot be imported: No module named 'no_such_package'"),
        ("numpy:no_such_name", SettingsError, "has no attribute 'no_such_name'"),
        ("numpy:pi", SettingsError, "'numpy:pi' must be a module or a callable, not float"),
        (broken, MetricError, "broken are not finite for 30 of 30 samples"),
        (len, MetricError, r"must give an array \(30, D\) for 30 samples"),
        (lambda texts: texts[100], MetricError, "failed: IndexError: list index out of range"),
    ],
)
def test_features_that_cannot_be_used_are_refused_in_one_line(features, error, message):
    texts = words(30)
    with pytest.raises(error, match=message) as caught:
        space_for(features, "text").prepare(texts, open_data(texts).codec)
    assert "\n" not in str(caught.value)


def test_metrics_that_share_a_space_encode_nothing_twice():
    calls = []

    def counted(texts):
        calls.append(len(texts))
        return lengths(texts)

    texts = words(90)
    codec, real, fake, space = open_data(texts).codec, texts[:50], texts[50:], custom_space(counted)
    for name in ("kd", "fd", "coverage"):
        metric = metric_for(name, "text", space=space)
        reference = metric.prepare(real, codec)
        metric.score(reference, fake)
        metric.replicates(reference, fake, 10)
    assert calls == [50, 40]


def test_what_a_space_remembers_does_not_travel():
    data = open_data("digits")
    space = space_for(None, "image")
    empty = len(pickle.dumps(space))
    space.prepare(data.split("test"), data.codec)
    assert len(pickle.dumps(space)) == empty


def test_rows_become_normal_scores_and_one_place_a_category():
    real = people(400, 0)
    _, features = EncodedRows().prepare(real, codec_of(real))
    assert features[:, 0].mean() == pytest.approx(0, abs=0.02)
    assert features[:, 0].std() == pytest.approx(1, abs=0.05)
    assert (features[:, 1] == 0).all()  # age is never missing
    assert features[:, 3].sum() == real["height"].isna().sum()
    assert set(np.unique(features[:, 4:])) == {0.0, 1.0}


def test_rows_beyond_the_real_ones_lie_further_out_and_unknown_categories_have_a_place():
    real = people(400, 0)
    space = EncodedRows()
    known, features = space.prepare(real, codec_of(real))
    odd = real[:2].assign(age=[110, 130], town="Lima")
    found = space.features(known, pd.DataFrame(odd))
    assert features[:, 0].max() < found[0, 0] < found[1, 0]
    assert (found[:, 4:7] == 0).all()
    assert (found[:, 7] == 1).all()


def test_texts_that_share_ngrams_lie_nearer_and_longer_ones_further_out():
    texts = words(300)
    space = CharNGrams()
    known, features = space.prepare(texts, open_data(texts).codec)
    one, typo, other, longer = space.features(known, ["bralaino", "bralaina", "stundiki", "bralaino" * 6])
    assert np.linalg.norm(one - typo) < np.linalg.norm(one - other)
    assert np.linalg.norm(longer) > 2 * np.linalg.norm(features, axis=1).mean()
    assert features.mean(axis=0) == pytest.approx(0, abs=1e-9)


def test_a_disk_that_fails_under_features_is_no_failure_of_the_samples():
    texts = words(30)
    with pytest.raises(OSError, match="Input/output error: 'weights.bin'"):
        space_for(weightless, "text").prepare(texts, open_data(texts).codec)
