"""The encoder of BERT's kind in docs/features.md describes texts for any metric in a feature space."""

import ast
import re
import textwrap
from pathlib import Path

import numpy as np
import pytest

from autogen.data.open import open_data
from autogen.metrics.features.custom import custom_space
from autogen.metrics.lookup import metric_for
from tests.data.texts.makers import words

PAGE = Path(__file__).parents[3] / "docs/features.md"

pytestmark = pytest.mark.slow


def sentences(folder):
    """The class of the page, with an encoder of random weights and the tokenizer of a tiny model."""
    library = pytest.importorskip("transformers")
    config = library.BertConfig(
        vocab_size=300, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32
    )
    library.BertModel(config).save_pretrained(folder)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (code,) = (textwrap.dedent(block) for block in blocks if "class Sentences" in block)
    names = {}
    exec(compile(ast.parse(code), PAGE, "exec"), names)
    return names["Sentences"](str(folder))


def test_texts_have_vectors_that_do_not_depend_on_their_neighbors(gpt2, tmp_path):
    library = pytest.importorskip("transformers")
    tokenizer = library.AutoTokenizer.from_pretrained(gpt2)
    tokenizer.pad_token = tokenizer.eos_token
    tokenizer.save_pretrained(tmp_path)
    encoder = sentences(tmp_path)
    texts = words(150)
    found = np.asarray(encoder(texts))
    assert found.shape == (150, 16)
    assert np.allclose(found[:1], encoder(texts[:1]), atol=1e-5)  # padding changes nothing
    data = open_data(texts)
    metric = metric_for("kd", "text", space=custom_space(encoder))
    reference = metric.prepare(data.split("test"), data.codec)
    near, far = (metric.score(reference, some) for some in (data.split("tune"), ["zzzzzzzzzzzz"] * 30))
    assert near < far
