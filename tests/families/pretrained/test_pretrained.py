"""Adapted language models: the family's contract, likelihood, sampling, and what adaptation is worth."""

import copy
import json
import shutil

import numpy as np
import pytest
import torch

from autogen.data.specs import SequenceSpec, TableSpec
from autogen.data.texts.codec import TextCodec
from autogen.errors import DataError, MetricError, SpaceError, TrialFailure
from autogen.families.base import FamilyConfig, parse_config
from autogen.families.pretrained.adapters import adapted as adaptation
from autogen.families.pretrained.codec import vocabulary_of
from autogen.families.pretrained.folder import open_base
from autogen.families.pretrained.pretrained import Pretrained
from autogen.generator.generator import GeneratedModel
from autogen.testing.families import FamilyContract
from autogen.training.checkpoint import write_tensors
from autogen.training.noise import KeyedNoise
from autogen.training.solo import build_model
from autogen.training.worker import memory, room
from tests.bases import CONTEXT, corpus
from tests.families.pretrained.adapting import NEW, Adapted, text_codec

pytestmark = pytest.mark.slow


class TestContract(FamilyContract):
    @pytest.fixture
    def family(self):
        return Pretrained()

    @pytest.fixture(params=["lora", "last", "full"])
    def settings(self, request, gpt2):
        return {"base": str(gpt2), "adaptation": request.param, "rank": 4}

    @pytest.fixture
    def spec(self, gpt2):
        return SequenceSpec(304, 12)

    @pytest.fixture
    def config(self, family, settings):
        return FamilyConfig(family.model_config(**settings), family.training_config(steps=8, batch_size=16))

    @pytest.mark.parametrize("optimizer", ["sgd", "adamw", "muon"])
    def test_every_optimizer_trains_it(self, family, settings, training, spec, optimizer):
        super().test_every_optimizer_trains_it(family, settings, training, spec, optimizer)


def test_the_likelihood_is_the_loss_of_transformers(adapted):
    import transformers

    model = adapted.program().average
    theirs = transformers.AutoModelForCausalLM.from_pretrained(adapted.base)
    tokenizer = transformers.AutoTokenizer.from_pretrained(adapted.base)
    for text in NEW[:5]:
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        row = torch.tensor([[tokenizer.bos_token_id, *ids, tokenizer.eos_token_id]])
        with torch.no_grad():
            loss = theirs(input_ids=row, labels=row).loss.item()
        assert adapted.nats(model, [text]) * len(text) == pytest.approx(loss * (len(ids) + 1), rel=1e-4)


@pytest.mark.parametrize("top_p", [1.0, 0.8])
def test_samples_are_the_same_with_and_without_a_cache(adapted, top_p):
    model = adapted.program(steps=5, top_p=top_p, temperature=0.9).average
    drawn = [model.draw(40, KeyedNoise(3, 0), cached=cached)["tokens"] for cached in (True, False)]
    assert torch.equal(*drawn)


def test_openings_are_continued_with_and_without_a_cache(adapted):
    model = adapted.program(steps=5).average
    given = torch.from_numpy(adapted.codec.encode_openings([text[:4] for text in NEW[:20]]))
    drawn = [model.draw(20, KeyedNoise(3, 0), given, cached)["tokens"] for cached in (True, False)]
    assert torch.equal(*drawn)
    texts = adapted.codec.decode({"tokens": drawn[0].numpy()})
    assert all(made.startswith(text[:4]) for made, text in zip(texts, NEW, strict=False))


def test_each_adaptation_improves_on_the_base_and_lora_by_far(adapted):
    few = NEW[:40]
    base = adapted.nats(adapted.program().average)
    found = {
        way: adapted.nats(adapted.program(few, 40, adaptation=way).average)
        for way in ("lora", "last", "full")
    }
    assert max(found.values()) < base
    assert found["lora"] < 0.8 * base


def test_texts_come_back_and_specials_in_them_are_characters(adapted):
    texts = [*NEW[:3], "a <end> b", "<begin>", "ünï 🙂", ""]
    spec = SequenceSpec(adapted.codec.spec.levels, 40)
    codec = copy.copy(adapted.codec)
    codec.spec = spec
    rows = codec.encode(texts)["tokens"]
    assert ((rows == spec.end).sum(1) == 1).all()
    assert codec.decode({"tokens": rows})[:5] == texts[:5]


def test_texts_that_the_tokenizer_does_not_keep_have_no_likelihood(gpt2, tmp_path):
    base, weights = shutil.copytree(gpt2, tmp_path / "base"), tmp_path / "weights"
    about = json.loads((base / "tokenizer.json").read_text())
    about["normalizer"] = {"type": "Replace", "pattern": {"String": "k"}, "content": ""}
    (base / "tokenizer.json").write_text(json.dumps(about))
    adapted = Adapted.of(base)
    write_tensors(weights, adapted.program().weights(), {})
    config = {"family": "pretrained", **adapted.constants}
    model = GeneratedModel(config, text_codec(), weights)
    assert model.log_likelihood(["lomi", "go"]).shape == (2,)
    with pytest.raises(MetricError, match="text 2 is changed by the tokenizer"):
        model.log_likelihood(["lomi", "kalo"])
    with pytest.raises(MetricError, match="text 1 has more than"):
        model.log_likelihood(["lomi" * 40])
    changed = sum("k" in text for text in NEW)
    (said,) = [one for one in Pretrained().notes(adapted.config(), text_codec(), NEW) if "changes" in one]
    assert f"changes {changed} of {len(NEW)} texts" in said
    assert "no likelihood" in said


def test_blocks_of_a_long_text_have_no_end_and_keep_their_length(base):
    whole = " ".join(NEW)
    blocks = [whole[start : start + 30] for start in range(0, 3000, 30)]
    texts, family = TextCodec("".join(sorted({*whole})), 30, True), Pretrained()
    constants = family.settings_for(base, texts, blocks)
    codec = family.codec(parse_config(family, {"family": "pretrained", **constants}), texts)
    program = Adapted(base, constants, codec).program(blocks, steps=5)
    assert codec.decode(codec.encode(blocks)) == blocks
    drawn = program.sample(40, seed=0)
    assert not (drawn["tokens"] == codec.spec.end).any()
    assert max(map(len, codec.decode(drawn))) == 30
    opened = codec.encode_openings(["kalomi" * 20])
    assert (opened != codec.spec.pad).sum() == codec.spec.length // 2


def test_no_sample_holds_a_special_token_or_one_without_a_name(adapted):
    model = adapted.program(temperature=3.0).average
    drawn = model.draw(200, KeyedNoise(0, 0))["tokens"].numpy()
    named = 300 + 4  # Llama's embedding has four rows more
    assert drawn.max() < named
    assert not {4, 5} & set(np.unique(drawn).tolist())  # the end and the padding of the tokenizer


def test_special_tokens_that_were_added_without_a_role_are_not_drawn(llama, tmp_path):
    import transformers

    folder = shutil.copytree(llama, tmp_path / "base")  # its embedding has four rows more than tokens
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    tokenizer.add_tokens([transformers.AddedToken("<turn>", special=True), "plain"])
    tokenizer.save_pretrained(folder)
    drawable = vocabulary_of(open_base(folder)).drawable(stream=False)
    assert [bool(drawable[tokenizer.convert_tokens_to_ids(one)]) for one in ("<turn>", "plain")] == [
        False,
        True,
    ]


@pytest.mark.parametrize("ema", [0.0, 0.9])
def test_a_checkpoint_holds_what_changed_and_goes_on_to_the_same_weights(adapted, ema):
    whole, first, again = (adapted.program(steps=steps, ema=ema) for steps in (6, 3, 0))
    state = {name: tensor.clone() for name, tensor in first.state().items()}
    assert all("lora" in name for name in state)
    again.restore(state, 3)
    again.advance(6)
    assert all(torch.equal(one, whole.weights()[name]) for name, one in again.weights().items())


def test_frozen_weights_are_shared_with_the_average(adapted):
    program = adapted.program()
    trained = {name for name, one in program.model.named_parameters() if one.requires_grad}
    for (name, one), other in zip(
        program.model.named_parameters(), program.average.parameters(), strict=True
    ):
        assert (one.data_ptr() == other.data_ptr()) == (name not in trained)


def test_layers_that_are_computed_twice_train_to_the_same_weights(adapted):
    usual, twice = (adapted.program(steps=3, checkpointing=flag).weights() for flag in (False, True))
    assert all(torch.allclose(usual[name], twice[name], atol=1e-5) for name in usual)


def test_a_model_on_the_meta_device_takes_no_memory(adapted):
    with torch.device("meta"):
        model = build_model(Pretrained(), adapted.config(), adapted.codec.spec, seed=0)
    assert {one.device.type for one in model.parameters()} == {"meta"}


def test_needed_memory_grows_with_what_is_trained(adapted):
    spec = adapted.codec.spec
    sizes = [
        Pretrained().needed_bytes(adapted.config(adaptation=way), spec) for way in ("lora", "last", "full")
    ]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) == 3


def test_a_trial_that_needs_more_memory_than_is_free_fails_in_one_line(adapted, tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "MEMORY", tmp_path / "meminfo")
    (tmp_path / "meminfo").write_text("MemAvailable: 100000000 kB\n")
    room.check_room(Pretrained(), adapted.config(), adapted.codec.spec)
    (tmp_path / "meminfo").write_text("MemAvailable: 1000 kB\n")
    with pytest.raises(TrialFailure, match=r"GB of memory, but 0.0 GB are free; take a smaller base"):
        room.check_room(Pretrained(), adapted.config(), adapted.codec.spec)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"adaptation": "prefix"}, "one of lora, last, full"),
        ({"targets": "mlp"}, "one of attention, all"),
        ({"rank": 0}, "at least 1"),
    ],
)
def test_a_setting_that_no_adaptation_has_is_refused(gpt2, settings, told):
    adapted = Adapted.of(gpt2)
    with pytest.raises(SpaceError, match=told):
        Pretrained().build(adapted.config(**settings), adapted.codec.spec)


def test_layers_that_peft_cannot_adapt_are_one_line():
    transformers = pytest.importorskip("transformers")
    config = transformers.MambaConfig(vocab_size=20, hidden_size=8, num_hidden_layers=1, state_size=2)
    model = transformers.MambaForCausalLM(config)
    with pytest.raises(SpaceError, match="beside the layers of MambaForCausalLM") as caught:
        adaptation(model, "lora", 4, 8, "all", 1)
    assert "\n" not in str(caught.value)
    assert "adaptation = last or full" in str(caught.value)


def test_texts_that_are_too_long_for_the_base_are_refused_with_a_length_to_try(gpt2):
    longest = "".join(corpus("new", 60, seed=1))
    texts = [*NEW, longest, "ünï" * 20]  # the second has fewer tokens, but more of them a character
    with pytest.raises(DataError, match="--option length=") as caught:
        Pretrained().settings_for(gpt2, text_codec(texts), texts)
    length = int(str(caught.value).split("length=")[1].split(",")[0])
    kept = Pretrained().settings_for(gpt2, text_codec(texts), [text[:length] for text in texts])
    assert kept["model.length"] <= CONTEXT


def test_data_that_is_no_text_and_a_config_without_a_base_are_refused(gpt2):
    adapted = Adapted.of(gpt2)
    with pytest.raises(SpaceError, match="for texts"):
        Pretrained().build(adapted.config(), TableSpec(()))
    with pytest.raises(SpaceError, match="--pretrained FOLDER"):
        Pretrained().build(adapted.config(base=""), adapted.codec.spec)
