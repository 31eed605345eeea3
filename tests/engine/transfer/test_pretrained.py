"""A search in which a family adapts a base, from the settings to the delivered model and its export."""

import json
import shutil
import tomllib
from dataclasses import replace

import pytest

import autogen
from autogen.errors import RunError, SettingsError, SpaceError
from autogen.exporting.hub import export_hub
from autogen.families.pretrained.codec import PretrainedCodec
from autogen.families.saved import PLACES
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.trial import Task
from autogen.training.worker import memory as memories
from autogen.training.worker.work import GenerativeWork
from tests.bases import corpus
from tests.engine.transfer.study import search
from tests.families.pretrained.adapting import text_codec

pytestmark = pytest.mark.slow

SPACE = """
first = ["pretrained"]
[markov.model]
order = 3
[markov.training]
steps = 1
[pretrained.model]
adaptation = { choice = ["lora", "full"], default = "lora" }
rank = { choice = [4, 8], default = 8, when = { adaptation = "lora" } }
[pretrained.training]
steps = 40
batch_size = 32
optimizer = "adamw"
lr = { float = [5e-3, 2e-2], log = true, default = 1e-2 }
"""


@pytest.fixture(scope="module")
def base(gpt2, tmp_path_factory):
    """A copy of a base that may be moved."""
    return shutil.copytree(gpt2, tmp_path_factory.mktemp("bases") / "tiny")


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    path = tmp_path_factory.mktemp("texts") / "new.txt"
    path.write_text("\n".join(corpus("new", 300)))
    return path


@pytest.fixture(scope="module")
def found(base, texts):
    """A search of adapted models."""
    more = {"budget": "2trials", "executor": "inprocess", "families": "pretrained"}
    return search(texts, texts.parent, "run", space=SPACE, pretrained=base, **more)


@pytest.fixture
def away(base):
    """The base in another place."""
    other = base.parent / "elsewhere" / base.name
    other.parent.mkdir()
    base.rename(other)
    yield other
    other.rename(base)
    other.parent.rmdir()


def test_an_adapted_model_is_no_start_of_another_run(found, texts, tmp_path):
    with pytest.raises(RunError, match="an adapted base model is no start; export it .*merge_and_unload"):
        search(texts, tmp_path, "run", init_from=str(found.folder.path))


def test_the_result_and_the_card_say_what_the_base_is_and_may_have_seen(found):
    notes = " ".join(found.document.data.notes)
    assert "adapts tiny (GPT2LMHeadModel" in notes
    assert "may have been in the pre-training data of the base model tiny" in notes
    assert found.best.family == "pretrained"
    assert any("pre-training data" in one for one in found.document.warnings)
    card = (found.folder.best / "card.md").read_text()
    assert "pre-training data" in card
    assert "may write what that one was trained on" in card
    assert found.document.best.config["model.base"].endswith("tiny")
    (one,) = [one for one in found.document.finalists if one.trial == found.document.best.trial]
    assert 0 < one.diagnostics["bits per byte"].mean < 8


def test_a_base_learns_texts_as_they_are_whatever_characters_the_train_split_has(found, monkeypatch):
    seen, config = [], {"family": "pretrained", **found.document.best.config}
    work = GenerativeWork(text_codec(["ab"]).encode(["ab", "aß"]), text_codec(["ab"]), "kd", None, 2)
    encode = PretrainedCodec.encode
    monkeypatch.setattr(
        PretrainedCodec, "encode", lambda codec, texts: seen.extend(texts) or encode(codec, texts)
    )
    replace(work, raw=["ab", "aß"]).for_trial(Task(0, config, 0, 1, (1,)))
    assert seen == ["ab", "aß"]


def test_a_run_holds_adapters_and_neither_the_base_nor_a_pickle(found, base):
    whole = (base / "model.safetensors").stat().st_size
    adapters = [
        path
        for path in found.folder.path.rglob("model.safetensors")
        if 'adaptation = "lora"' in path.with_name("config.toml").read_text()
    ]
    assert adapters
    assert all(path.stat().st_size < 0.6 * whole for path in adapters)
    suffixes = {path.suffix for path in found.folder.path.rglob("*") if path.is_file()}
    assert not suffixes & {".bin", ".pt", ".pkl", ".pickle"}


def test_a_run_records_the_versions_of_what_reads_the_base(found):
    settings = tomllib.loads((found.folder.path / "study.toml").read_text())
    assert {"transformers", "peft"} <= {*settings["versions"]}
    assert settings["pretrained"].endswith("tiny")


def test_a_loaded_model_draws_the_same_and_continues_prompts(found):
    first, again = (autogen.load(found.folder.path) for _ in range(2))
    assert first.sample(20, seed=4) == again.sample(20, seed=4)
    assert len(first.complete(["go", "fin"])) == 2
    assert first.log_likelihood(list(corpus("new", 5))).shape == (5,)


def test_a_model_without_its_base_fails_in_one_line_and_finds_it_in_a_named_place(found, away, monkeypatch):
    with pytest.raises(RunError, match=f"needs its base model 'tiny' .*{PLACES}=FOLDER"):
        autogen.load(found.folder.path)
    monkeypatch.setenv(PLACES, str(away.parent))
    assert len(autogen.load(found.folder.path).sample(3)) == 3


def test_an_export_for_the_hub_names_the_base_and_no_path(found, base, tmp_path, monkeypatch):
    folder = export_hub(found.folder.path, tmp_path / "hub")
    for path in folder.iterdir():
        assert str(base.parent).encode() not in path.read_bytes()
    card = (folder / "README.md").read_text()
    sha256 = str(found.document.best.config["model.sha256"])
    for said in ("its base model `tiny`", sha256[:12], "extra `hf`", f"export {PLACES}=FOLDER"):
        assert said in card
    with pytest.raises(RunError, match=PLACES):
        autogen.load(folder)
    monkeypatch.setenv(PLACES, str(base))
    assert autogen.load(folder).sample(3, seed=1) == autogen.load(found.folder.path).sample(3, seed=1)


def test_a_run_goes_on_with_a_base_that_was_moved(found, away, texts, monkeypatch):
    run = shutil.copytree(found.folder.path, texts.parent / "copy")
    with pytest.raises(RunError, match=PLACES):
        autogen.resume(run, budget="+1trials")
    monkeypatch.setenv(PLACES, str(away))
    before = found.document.trials.total
    assert autogen.resume(run, budget="+1trials").document.trials.total == before + 1


def test_without_a_base_the_family_is_not_searched(texts, tmp_path):
    space = SPACE.replace("pretrained", "markov", 1)
    result = search(texts, tmp_path, "run", space=space, budget="1trials", executor="inprocess")
    settings = tomllib.loads((result.folder.path / "study.toml").read_text())
    assert settings["families"] == ["markov"]
    with pytest.raises(SettingsError, match="--pretrained FOLDER"):
        search(texts, tmp_path, "other", space=SPACE, families="pretrained")


def test_the_shipped_branch_joins_a_space_that_has_none(texts, tmp_path, base):
    space = SearchSpace.load("text_tiny")
    assert "pretrained" not in space.families
    result = search(
        *(texts, tmp_path, "run"),
        space=SPACE.split("[pretrained.model]")[0].replace("pretrained", "markov"),
        families="markov,pretrained",
        pretrained=base,
        budget="1trials",
        executor="inprocess",
    )
    branch = SearchSpace.load(result.folder.path / "space.toml").branch("pretrained")
    assert {"model.base", "model.sha256", "model.length", "model.rank", "training.lr"} <= {*branch}


def test_a_base_that_no_family_uses_or_that_is_for_other_data_is_refused(texts, tmp_path, base):
    with pytest.raises(SettingsError, match="leaves out the family that adapts it"):
        search(texts, tmp_path, "run", space=SPACE, families="markov", pretrained=base)
    with pytest.raises(SpaceError, match="this is tabular data"):
        autogen.search("wine", out=tmp_path / "wine", pretrained=base, budget="1trials")


def test_a_base_that_does_not_fit_into_memory_is_refused_in_one_line(texts, tmp_path, base, monkeypatch):
    memory = tmp_path / "meminfo"
    memory.write_text("MemAvailable: 1000 kB\n")
    monkeypatch.setattr(memories, "MEMORY", memory)
    with pytest.raises(SettingsError, match=r"needs about .* GB in each of 1 workers, but 0.001 GB are free"):
        search(texts, tmp_path, "run", space=SPACE, pretrained=base)
    header = b'{"w":{"dtype":"F32","shape":[100000000000],"data_offsets":[0,400000000000]}}'
    huge = shutil.copytree(base, tmp_path / "huge")
    with (huge / "model.safetensors").open("wb") as file:  # sparse: to hash it would take many minutes
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + 400_000_000_000)
    with pytest.raises(SettingsError, match=r"needs 4e\+02 GB, but 0.001 GB are free; take a smaller one"):
        search(texts, tmp_path, "run", space=SPACE, pretrained=huge)
    assert not (tmp_path / "run").exists()
    assert json.loads((base / "config.json").read_text())["n_embd"] == 32
