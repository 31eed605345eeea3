import json

import numpy as np
import pytest

pytest.importorskip("tokenizers", reason="the extra `embeddings` is not installed")

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

from autogen.errors import MetricError
from autogen.judging.embedded.embedding import open_embedding
from autogen.judging.embedded.encoder import Encoder

CONFIG = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "hidden_size": 8,
    "num_attention_heads": 2,
    "num_hidden_layers": 2,
    "max_position_embeddings": 12,
    "layer_norm_eps": 1e-12,
}


@pytest.fixture
def folder(tmp_path):
    """A BERT with random weights over the words w0 ... w19."""
    words = {"[PAD]": 0, "[CLS]": 1, "[SEP]": 2, "[UNK]": 3} | {f"w{n}": n + 4 for n in range(20)}
    tokenizer = Tokenizer(WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    marks = [("[CLS]", 1), ("[SEP]", 2)]
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=marks)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    save_file(weights(len(words)), tmp_path / "model.safetensors")
    return tmp_path


def weights(vocabulary):
    shapes = {
        "embeddings.word_embeddings.weight": (vocabulary, 8),
        "embeddings.position_embeddings.weight": (12, 8),
        "embeddings.token_type_embeddings.weight": (2, 8),
        "embeddings.LayerNorm.weight": (8,),
        "embeddings.LayerNorm.bias": (8,),
    }
    for layer in range(2):
        name = f"encoder.layer.{layer}"
        for part, (wide, narrow) in {
            "attention.self.query": (8, 8),
            "attention.self.key": (8, 8),
            "attention.self.value": (8, 8),
            "attention.output.dense": (8, 8),
            "intermediate.dense": (16, 8),
            "output.dense": (8, 16),
        }.items():
            shapes |= {f"{name}.{part}.weight": (wide, narrow), f"{name}.{part}.bias": (wide,)}
        for part in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes |= {f"{name}.{part}.weight": (8,), f"{name}.{part}.bias": (8,)}
    made = torch.Generator().manual_seed(0)
    return {name: torch.randn(shape, generator=made) * 0.5 for name, shape in shapes.items()}


def test_vectors_have_length_one_and_do_not_depend_on_their_batch(folder):
    encoder = Encoder(folder)
    texts = ["w1 w2 w3", "w4", "w5 w6 w7 w8 w9"]
    together = encoder(texts)
    assert np.linalg.norm(together, axis=1) == pytest.approx([1, 1, 1], abs=1e-6)
    assert together == pytest.approx(np.concatenate([encoder([text]) for text in texts]), abs=1e-6)


def test_a_text_longer_than_a_window_is_read_to_its_end(folder):
    encoder = Encoder(folder)
    long = " ".join(f"w{n}" for n in range(19))
    one, other, short, cut = encoder([f"{long} w0 w3 w5", f"{long} w9 w8", "w7 w2", f"{long} w0 w3 w5"])
    assert np.abs(one - other).max() > 1e-4
    assert one == pytest.approx(cut, abs=1e-6)
    assert short @ one < 1 - 1e-4


def test_the_attention_is_that_of_torch(folder):
    encoder = Encoder(folder)
    told = weights(24)
    block = torch.nn.MultiheadAttention(8, 2, batch_first=True).eval()
    name = "encoder.layer.0.attention"
    with torch.no_grad():
        for what, into in (("weight", block.in_proj_weight), ("bias", block.in_proj_bias)):
            into.copy_(torch.cat([told[f"{name}.self.{part}.{what}"] for part in ("query", "key", "value")]))
        block.out_proj.weight.copy_(told[f"{name}.output.dense.weight"])
        block.out_proj.bias.copy_(told[f"{name}.output.dense.bias"])
    ids = torch.tensor([[1, 5, 6, 7, 2]])
    states = encoder._states(ids, torch.ones(1, 5), 1)
    with torch.no_grad():
        mixed, _ = block(states[0], states[0], states[0])
        hidden = encoder._norm(states[0] + mixed, f"{name}.output.LayerNorm")
        wide = torch.nn.functional.gelu(encoder._linear(hidden, "encoder.layer.0.intermediate.dense"))
        narrow = encoder._linear(wide, "encoder.layer.0.output.dense")
        wanted = encoder._norm(hidden + narrow, "encoder.layer.0.output.LayerNorm")
    assert torch.allclose(states[1], wanted, atol=1e-5)


def test_tokens_are_told_without_the_marks(folder):
    vectors, tokens = Encoder(folder).with_tokens(["w1 w2 w3", "w4"], layer=1)
    assert [len(rows) for rows in tokens] == [3, 1]
    assert vectors == pytest.approx(Encoder(folder)(["w1 w2 w3", "w4"]), abs=1e-6)


def test_a_folder_of_the_users_is_taken_and_named(folder):
    found = open_embedding(folder, [])
    assert found.name == f"folder {folder.name}"
    assert found(["w1"]).shape == (1, 8)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_folder_that_lacks_a_file_is_refused(folder, name):
    (folder / name).unlink()
    with pytest.raises(MetricError, match=name):
        Encoder(folder)


def test_another_architecture_is_refused(folder):
    (folder / "config.json").write_text(json.dumps(CONFIG | {"model_type": "gpt2"}))
    with pytest.raises(MetricError, match="gpt2"):
        Encoder(folder)
