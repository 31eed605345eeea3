import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from autogen.data.open import open_data
from tests.data.makers import picture, png

FILES = [png(picture(i)) for i in range(40)]
CLASSES = [i % 2 for i in range(40)]


@pytest.mark.parametrize(
    "cell", [lambda content: content, lambda content: {"bytes": content, "path": "a.png"}]
)
@pytest.mark.parametrize("labels", [CLASSES, ["cat" if i else "dog" for i in CLASSES], None])
def test_a_parquet_of_encoded_images_is_images(tmp_path, cell, labels):
    frame = pd.DataFrame({"picture": [cell(content) for content in FILES]})
    frame = frame if labels is None else frame.assign(label=labels)
    frame.to_parquet(tmp_path / "t.parquet")
    module = open_data(tmp_path / "t.parquet")
    assert module.kind.name == "image"
    assert module.raw.samples.shape == (40, 16, 16, 3)
    assert len(module.raw.label_names) == (0 if labels is None else 2)
    assert (module.raw.labels is None) == (labels is None)
    np.testing.assert_array_equal(module.raw.samples[3], np.asarray(picture(3)))


def test_the_names_of_classes_beside_the_schema_are_taken(tmp_path):
    about = {"info": {"features": {"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}}}
    table = pa.table({"image": FILES, "label": CLASSES}).replace_schema_metadata(
        {"huggingface": json.dumps(about)}
    )
    parquet.write_table(table, tmp_path / "t.parquet")
    module = open_data(tmp_path / "t.parquet")
    assert module.raw.label_names == ("cat", "dog")
    assert module.raw.labels.tolist() == CLASSES


def test_a_row_without_a_readable_image_is_left_out_with_its_label(tmp_path):
    frame = pd.DataFrame({"image": [b"no", None, *FILES], "label": [7, 7, *CLASSES]})
    frame.to_parquet(tmp_path / "t.parquet")
    module = open_data(tmp_path / "t.parquet")
    assert len(module.raw.samples) == 40
    assert module.raw.label_names == ("0", "1")


def test_other_bytes_are_no_images(tmp_path):
    frame = pd.DataFrame({"key": [bytes([i]) for i in range(40)], "y": range(1, 81, 2)})
    frame.to_parquet(tmp_path / "t.parquet")
    assert open_data(tmp_path / "t.parquet").kind.name == "tabular"
