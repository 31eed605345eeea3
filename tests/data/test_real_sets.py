"""Every shared table and image set opens and comes back through its codec."""

import json

import numpy as np
import pytest

from autogen.data.open import codec_from_json, open_data

TABLES = ("german_credit", "horse_colic", "house_votes84", "insurance", "penguins", "titanic", "wine_quality")
LARGE = ("adult", "california_housing")
#: Set, channels, side, classes.
IMAGES = (
    ("fashion_mnist/data.npz", 1, 28, 10),
    ("cifar10/images.zip", 3, 32, 10),
    ("crawl_tiles/images.zip", 4, 32, 6),
)


@pytest.mark.parametrize("name", [*TABLES, *(pytest.param(name, marks=pytest.mark.slow) for name in LARGE)])
def test_a_real_table_comes_back(shared_data, name):
    folder = shared_data / "tabular" / name
    module = open_data(folder / "data.csv.gz")
    meta = json.loads((folder / "meta.json").read_text())
    samples = module.raw.samples
    assert samples.columns.tolist() == list(meta["columns"])
    assert samples.isna().sum()[lambda count: count > 0].to_dict() == meta["missing"]
    encoded = module.codec.encode(samples)
    back = module.codec.decode(encoded)
    np.testing.assert_array_equal(module.codec.encode(back)["codes"], encoded["codes"])
    assert back.dtypes.tolist() == samples.dtypes.tolist()
    train = module.split("train")
    again = module.codec.decode(module.codec.encode(train))
    for spec, categorical in zip(module.codec.spec.columns, module.codec.categorical, strict=True):
        column, other = train[spec.name], again[spec.name]
        differs = ~((column == other) | (column.isna() & other.isna()))
        if categorical or not spec.continuous:
            assert not differs.any(), spec.name
        else:
            np.testing.assert_array_less(quantile_errors(column, other), 0.01, spec.name)
    rebuilt = codec_from_json(json.loads(json.dumps(module.codec.to_json())))
    assert rebuilt.decode(encoded, 1).equals(module.codec.decode(encoded, 1))


def quantile_errors(real, fake):
    """Differences of the central numbers, in units of the real ones' range."""
    order = real.dropna().sort_values().index[3:-3]
    real, fake = real[order].to_numpy(float), fake[order].to_numpy(float)
    return np.abs(real - fake) / (np.ptp(real) + 1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "channels", "side", "labels"), IMAGES)
def test_real_images_come_back(shared_data, name, channels, side, labels):
    module = open_data(shared_data / "images" / name)
    spec = module.codec.spec
    assert (spec.channels, spec.height, spec.width, spec.labels) == (channels, side, side, labels)
    assert spec.levels == 256
    encoded = module.codec.encode(module.raw.samples)
    np.testing.assert_array_equal(module.codec.decode(encoded), module.raw.samples)
    assert np.bincount(module.raw.labels, minlength=labels).min() > 100
