"""Folders of bases: what is one, what is refused in one line, and how a moved base is found again."""

import json
import shutil
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file, save_file

from autogen.errors import RunError
from autogen.families.pretrained.codec import vocabulary_of
from autogen.families.pretrained.folder import MOST_TOKENIZER, find_base, open_base
from autogen.families.pretrained.library import load_model
from autogen.families.pretrained.pretrained import Pretrained
from autogen.families.saved import PLACES
from tests.families.pretrained.adapting import NEW, text_codec

pytestmark = pytest.mark.slow


@pytest.fixture
def copied(gpt2, tmp_path):
    """A copy of a base, to be damaged."""
    return shutil.copytree(gpt2, tmp_path / "base")


def refused(folder):
    with pytest.raises(RunError) as caught:
        vocabulary_of(open_base(folder))
    text = str(caught.value)
    assert "\n" not in text
    return text


def refused_before_trials(folder):
    with pytest.raises(RunError) as caught:
        Pretrained().settings_for(folder, text_codec(), NEW)
    text = str(caught.value)
    assert "\n" not in text
    return text


def changed(path, **entries):
    about = {**json.loads(path.read_text()), **entries}
    path.write_text(json.dumps({name: one for name, one in about.items() if one is not None}))


def test_a_base_is_described_by_its_files(gpt2, llama):
    base, other = open_base(gpt2), open_base(llama)
    assert (base.architecture, other.architecture) == ("GPT2LMHeadModel", "LlamaForCausalLM")
    model = load_model(gpt2)
    assert base.numbers == sum(one.numel() for one in model.parameters())
    assert (base.positions, base.width, base.depth, base.levels) == (48, 32, 2, 300)
    assert base.sha256 != other.sha256


@pytest.mark.parametrize("positions", [-1, 0])
def test_positions_that_are_none_are_no_limit(copied, positions):
    changed(copied / "config.json", n_positions=positions)
    assert open_base(copied).positions is None


def test_no_folder_and_a_folder_without_a_model_are_refused(tmp_path):
    pytest.importorskip("transformers")
    said = refused(tmp_path / "gpt2")
    assert "names no folder" in said
    assert "autogen downloads nothing: on a machine with a connection run" in said
    assert "AutoModelForCausalLM.from_pretrained('gpt2').save_pretrained('gpt2')" in said
    assert "it is adapted to texts only" in said
    (tmp_path / "gpt2").mkdir()
    assert refused(tmp_path / "gtp2").endswith(f"did you mean '{tmp_path / 'gpt2'}'?")
    assert "config.json is missing" in refused(tmp_path)


def test_an_adapter_alone_or_beside_a_model_is_refused(copied):
    (copied / "adapter_config.json").write_text("{}")  # beside a whole model transformers applies it
    assert "merge_and_unload" in refused(copied)
    (copied / "config.json").unlink()
    assert "merge_and_unload" in refused(copied)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt"])
def test_pickled_weights_are_refused_with_how_to_convert_them(copied, name):
    (copied / "model.safetensors").unlink()
    (copied / name).write_bytes(b"\x80\x04")
    assert "may run code" in refused(copied)
    assert f"{name}, a pickle" in refused(copied)
    assert "save_pretrained(NEW)" in refused(copied)


def test_weights_that_are_missing_or_not_whole_are_refused(copied):
    weights = copied / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-100])
    assert "is incomplete" in refused(copied)
    weights.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
    assert "is an incomplete or damaged file of weights" in refused(copied)
    weights.unlink()
    assert "has no weights" in refused(copied)


def test_a_part_of_the_weights_that_is_missing_is_named(copied):
    first, second = (f"model-0000{part}-of-00002.safetensors" for part in (1, 2))
    index = copied / "model.safetensors.index.json"
    (copied / "model.safetensors").rename(copied / first)
    index.write_text(json.dumps({"weight_map": {"a": first, "b": second}}))
    assert f"lacks {second}" in refused(copied)
    for parts in ({"a": "../x.safetensors"}, {}, ["x"]):
        index.write_text(json.dumps({"weight_map": parts}))
        assert "names no files of this folder" in refused(copied)


def test_weights_of_something_else_do_not_count(copied):
    before = open_base(copied)
    shutil.copy(copied / "model.safetensors", copied / "other.safetensors")
    assert open_base(copied) == before
    (copied / "model.safetensors").unlink()
    assert "model.safetensors is missing" in refused(copied)


def test_a_tensor_that_is_missing_misnamed_or_of_another_shape_is_named(copied):
    weights, name = copied / "model.safetensors", "transformer.h.0.mlp.c_fc.weight"
    tensors = load_file(weights)
    tensors["other"] = tensors.pop(name)
    save_file(tensors, weights, metadata={"format": "pt"})
    assert f"lack {name}, which GPT2LMHeadModel needs" in refused_before_trials(copied)
    save_file(tensors | {name: torch.zeros(3, 4)}, weights, metadata={"format": "pt"})
    assert f"in another shape {name}" in refused_before_trials(copied)


@pytest.mark.parametrize("decoder", [False, True])
def test_a_model_that_reads_in_both_directions_is_refused(copied, decoder):
    import transformers

    config = transformers.BertConfig(
        vocab_size=300,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=48,
        is_decoder=decoder,
        architectures=["BertLMHeadModel"],
    )
    transformers.BertLMHeadModel(config).save_pretrained(copied)
    if decoder:
        assert Pretrained().settings_for(copied, text_codec(), NEW)
    else:
        assert "BertLMHeadModel in" in (text := refused_before_trials(copied))
        assert "bidirectional attention" in text


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json"])
def test_code_in_a_folder_is_never_run(copied, name):
    (copied / "evil.py").write_text(f"open({str(copied / 'ran')!r}, 'w')\nclass Evil: pass\n")
    changed(
        copied / name, auto_map={"AutoModelForCausalLM": "evil.Evil", "AutoTokenizer": ["evil.Evil", None]}
    )
    assert "auto_map" in refused(copied)
    assert not (copied / "ran").exists()


@pytest.mark.parametrize(
    "entries",
    [
        {"architectures": ["BertForMaskedLM"], "model_type": "bert"},
        {"architectures": ["T5ForConditionalGeneration"], "model_type": "t5"},
        {"architectures": ["GPT2ForSequenceClassification"]},
        {"architectures": None},
    ],
)
def test_another_architecture_is_refused(copied, entries):
    changed(copied / "config.json", **entries)
    assert "no causal language model" in refused(copied)


def test_a_model_of_diffusers_is_no_language_model(tmp_path):
    (tmp_path / "config.json").write_text('{"_class_name": "AutoencoderKL", "_diffusers_version": "0.42.1"}')
    assert "holds AutoencoderKL of diffusers, which is no language model" in refused(tmp_path)


def test_quantized_weights_are_refused(copied):
    changed(copied / "config.json", quantization_config={"quant_method": "gptq", "bits": 4})
    assert "quantized weights" in refused(copied)


def test_a_config_that_is_none_is_refused(copied):
    (copied / "config.json").write_text("[" * 100_000)
    assert "is damaged" in refused(copied)
    (copied / "config.json").write_text("[]")
    assert "no JSON object" in refused(copied)


def test_a_missing_a_huge_and_a_damaged_tokenizer_are_refused(copied):
    tokenizer = copied / "tokenizer.json"
    with tokenizer.open("r+b") as file:
        file.truncate(10**9)  # sparse: takes no room on the disk
    assert f"1,000 MB, and tokenizers of at most {MOST_TOKENIZER / 1e6:.0f} MB" in refused(copied)
    tokenizer.write_text("{}")
    assert "cannot be read" in refused(copied)
    tokenizer.unlink()
    assert "has no tokenizer" in refused(copied)


def test_a_tokenizer_that_does_not_fit_the_model_or_ends_no_text_is_refused(copied):
    changed(copied / "tokenizer_config.json", eos_token=None, bos_token=None)
    assert "no token for the end" in refused(copied)
    changed(copied / "config.json", vocab_size=100)
    assert "the model knows 100" in refused(copied)


def test_a_base_is_found_at_its_path_or_in_a_named_place(gpt2, tmp_path, monkeypatch):
    sha256 = open_base(gpt2).sha256
    assert find_base(str(gpt2), sha256).path == gpt2
    gone = tmp_path / "gone" / gpt2.name
    with pytest.raises(RunError, match=PLACES):
        find_base(str(gone), sha256)
    for place in (gpt2, gpt2.parent):
        monkeypatch.setenv(PLACES, str(place))
        assert find_base(str(gone), sha256).path == gpt2


def test_a_base_that_changed_is_refused_and_says_so(copied):
    sha256 = open_base(copied).sha256
    (copied / "README.md").write_text("Files that are not read do not count.")
    assert open_base(copied).sha256 == sha256
    changed(copied / "config.json", layer_norm_epsilon=1e-4)
    with pytest.raises(RunError, match=rf"base model 'base' with sha256 {sha256[:12]}, but the one in"):
        find_base(str(copied), sha256)


ALONE = """
import sys
from importlib.machinery import PathFinder
import autogen, autogen.engine.engine, autogen.families.pretrained.pretrained
from autogen.errors import SettingsError
from autogen.families.pretrained.library import transformers

print([name for name in ("transformers", "peft", "accelerate") if name in sys.modules])
find, hidden = PathFinder.find_spec, ("transformers", "peft")
PathFinder.find_spec = classmethod(lambda cls, name, *rest: None if name in hidden else find(name, *rest))
try:
    transformers()
except SettingsError as error:
    print(error)
"""


@pytest.fixture(scope="module")
def alone():
    """What a process prints that has the family but uses no base, and then lacks the extra."""
    run = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=True)
    return run.stdout.splitlines()


def test_nothing_of_transformers_is_imported_before_a_base_is_used(alone):
    assert alone[0] == "[]"


def test_without_the_extra_one_line_says_what_to_install(alone):
    assert alone[1:] == ["pre-trained models need transformers and peft; run pip install transformers peft"]


def test_a_file_is_no_folder_of_a_model(tmp_path):
    pytest.importorskip("transformers")
    (tmp_path / "model.pt").write_bytes(b"x")
    said = refused(tmp_path / "model.pt")
    assert "names a file" in said
    assert "model.pt is a pickle: convert it" in said
    assert "did you mean" not in said
