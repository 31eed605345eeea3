"""A generated model samples what it was trained on, and is the same after a trip through a folder."""

import json
import sys

import numpy as np
import pytest

import autogen
from autogen.errors import RunError, UserError
from autogen.generator.generator import GeneratedModel
from autogen.hpo.trial import TrialBatch
from autogen.training.drawing import block_rows
from tests.training.toys import SPEC, ToyCodec, toy_data, toy_task, toy_work

pytestmark = pytest.mark.usefixtures("toys")


@pytest.fixture(scope="module")
def trained(tmp_path_factory, toys):
    folder = tmp_path_factory.mktemp("trials")
    task = toy_task(rungs=(300,), lr=0.05, ema=0.98)
    toy_work()(TrialBatch((task,), str(folder)), lambda _: [True])
    return GeneratedModel.of_trial(folder / "0000", ToyCodec())


def test_it_samples_what_it_was_trained_on(trained):
    samples, data = trained.sample(1000), toy_data()["positions"]
    assert samples.mean(0) == pytest.approx(data.mean(0), abs=0.03)
    assert samples.std(0) == pytest.approx(data.std(0), abs=0.02)


def test_equal_seeds_give_equal_samples(trained):
    assert np.array_equal(trained.sample(9, seed=1), trained.sample(9, seed=1))
    assert not np.array_equal(trained.sample(9, seed=1), trained.sample(9, seed=2))


@pytest.mark.parametrize("chunk", [None, 1000, 7])
def test_a_stream_joins_to_the_sample(trained, chunk):
    n = block_rows(SPEC) + 20
    parts = list(trained.stream(n, seed=3, chunk=chunk))
    assert np.array_equal(np.concatenate(parts), trained.sample(n, seed=3))
    assert max(map(len, parts)) <= (chunk or n)


def test_blocks_are_decoded_with_different_draws(trained):
    size = block_rows(SPEC)
    samples = trained.sample(2 * size)
    raw = np.concatenate([a["positions"] for a in _blocks(trained, 2 * size)])
    jitter = (samples - raw).reshape(2, size, -1)
    assert not np.allclose(jitter[0], jitter[1], atol=1e-5)


def _blocks(model, n):
    from autogen.training.drawing import draw

    return draw(model._family, model._model, SPEC, n, 0)


def test_it_says_what_it_is(trained):
    assert trained.family == "toy"
    assert trained.config["training.lr"] == 0.05
    assert trained.spec == SPEC
    assert trained.parameters == 6 + 4 * 8 + 9
    assert repr(trained) == "GeneratedModel(toy, toy, 47 parameters)"


@pytest.mark.parametrize(("n", "chunk"), [(0, None), (5, 0)])
def test_a_number_below_one_is_refused(trained, n, chunk):
    with pytest.raises(UserError, match="must be a whole number, at least 1"):
        next(trained.stream(n, chunk=chunk))


def test_one_sample_is_drawn_by_default_and_the_seed_has_two_names(trained):
    assert np.array_equal(trained.sample(), trained.sample(1, seed=0))
    assert np.array_equal(trained.sample(9, seed=None), trained.sample(9, 0))
    assert np.array_equal(trained.sample(9, random_state=np.int64(4)), trained.sample(9, 4))


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"n": 2.0}, "n must be a whole number, at least 1; got 2.0"),
        ({"n": "5"}, "n must be a whole number, at least 1; got '5'"),
        ({"n": 0}, "n must be a whole number, at least 1; got 0"),
        ({"seed": "x"}, "seed must be a whole number, at least 0; got 'x'"),
        ({"random_state": -1}, "random_state must be a whole number, at least 0; got -1"),
        ({"seed": 1, "random_state": 1}, "give seed or random_state, but not both"),
        ({"random_sate": 1}, "sample has no parameter 'random_sate'; did you mean 'random_state'"),
        ({"condition": "x=1"}, "condition must be a dictionary with names as keys; got 'x=1'"),
    ],
)
def test_what_no_draw_can_be_is_said_in_a_line(trained, wrong, why):
    with pytest.raises(UserError, match=why):
        trained.sample(**wrong)


def test_a_model_is_loaded_from_a_path():
    with pytest.raises(RunError, match="from the path of a run or of its own folder; got 5"):
        autogen.load(5)


def test_a_saved_model_samples_the_same_elsewhere(trained, tmp_path):
    trained.save(tmp_path / "best")
    (tmp_path / "best").rename(tmp_path / "moved")
    loaded = GeneratedModel.load(tmp_path / "moved")
    assert np.array_equal(loaded.sample(50, seed=4), trained.sample(50, seed=4))
    assert loaded.config == trained.config
    about = json.loads((tmp_path / "moved/data.json").read_text())
    assert (about["autogen"], about["kind"]) == (autogen.__version__, "toy")


def _change(folder, **entries):
    path = folder / "data.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | entries))


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda f: (f / "data.json").unlink(), r"data\.json does not exist"),
        (lambda f: (f / "config.toml").unlink(), r"config\.toml does not exist"),
        (lambda f: (f / "model.safetensors").unlink(), r"model\.safetensors does not exist"),
        (lambda f: (f / "data.json").write_text("{"), r"data\.json is damaged"),
        (lambda f: (f / "data.json").write_text("[]"), r"data\.json is damaged"),
        (lambda f: (f / "model.safetensors").write_bytes(b"x" * 99), "is damaged"),
        (lambda f: (f / "config.toml").write_text("= nope"), "cannot load"),
        (lambda f: (f / "config.toml").write_text("[toy.model]\nhidden = {int = [2, 4]}"), "one config"),
        (lambda f: (f / "config.toml").write_text("[toy.model]\nhidden = 4"), "another model"),
        (lambda f: (f / "config.toml").write_text("[other.model]\nhidden = 4"), "unknown family 'other'"),
        (lambda f: _change(f, format=9, autogen="9.0"), "written by autogen 9.0, this is .*; upgrade"),
        (lambda f: _change(f, kind="movie"), "unknown data 'movie'"),
        (lambda f: _change(f, codec={}), "is damaged"),
    ],
)
def test_a_folder_that_cannot_be_loaded_is_refused_in_one_line(trained, tmp_path, harm, message):
    folder = tmp_path / "best"
    trained.save(folder)
    harm(folder)
    with pytest.raises(RunError, match=message) as caught:
        GeneratedModel.load(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(sys.platform != "linux", reason="takes a file of Linux that fails with EIO")
def test_a_disk_that_fails_is_not_told_as_a_damaged_model(trained, tmp_path):
    trained.save(tmp_path)
    (tmp_path / "data.json").unlink()
    (tmp_path / "data.json").symlink_to("/proc/self/mem")
    with pytest.raises(RunError, match=r"cannot read .*data\.json: Input/output error"):
        GeneratedModel.load(tmp_path)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(RunError, match="nowhere is not a folder with a saved model"):
        GeneratedModel.load(tmp_path / "nowhere")


def test_a_folder_that_cannot_be_written_is_named(trained, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot write"):
        trained.save(tmp_path / "file")
