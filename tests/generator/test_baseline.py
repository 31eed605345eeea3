"""Baselines as models: saved without a row of the data, and loaded to the same samples."""

import copy
import json

import numpy as np
import pytest

import autogen
from autogen.data.open import open_data
from autogen.errors import DataError, RunError, UserError
from autogen.families.baselines.base import HasState
from autogen.families.baselines.lookup import baselines_for
from autogen.generator.baseline import BaselineModel
from autogen.generator.generator import GeneratedModel, write_codec
from autogen.generator.write import complete_prompt
from autogen.training.worker.trial_folder import write_config
from tests.data.texts.makers import words
from tests.generator.test_conditioning import people, trained

SAVED = [
    ("digits", "pca_gaussian"),
    ("wine", "gaussian_copula"),
    (words(200), "unigram"),
    (words(200), "ngram"),
]


def fitted(source, name):
    data = open_data(source)
    baseline = baselines_for(data.kind.name)[name]()
    baseline.fit(data.split("train"), data.codec)
    return data, BaselineModel(name, baseline, data.codec)


@pytest.mark.parametrize(("source", "name"), SAVED, ids=[name for _, name in SAVED])
def test_a_saved_baseline_draws_the_same_samples(source, name, tmp_path):
    _data, model = fitted(source, name)
    model.save(tmp_path / "best")
    loaded = autogen.load(tmp_path / "best")
    assert isinstance(loaded, BaselineModel)
    assert (loaded.family, loaded.parameters) == (name, model.parameters)
    first, again = model.sample(20, seed=3), loaded.sample(20, seed=3)
    same = first.equals(again) if hasattr(first, "equals") else np.array_equal(first, again)
    assert same
    assert [len(part) for part in loaded.stream(20, seed=3, chunk=8)] == [8, 8, 4]


def test_baselines_that_hold_rows_of_the_data_are_not_saved(tmp_path):
    keeping = {
        source: [n for n, kind in baselines_for(kind).items() if not issubclass(kind, HasState)]
        for source, kind in (("wine", "tabular"), ("digits", "image"), ("words", "text"), ("tunes", "music"))
    }
    assert keeping["wine"] == ["train_copy", "marginals", "smote"]
    assert keeping["digits"] == ["train_copy", "marginals", "kde"]
    assert keeping["words"] == keeping["tunes"] == ["train_copy"]
    _, model = fitted("wine", "smote")
    with pytest.raises(RunError, match="smote holds rows of the data"):
        model.save(tmp_path)


def test_what_only_a_model_can_is_refused_in_one_line():
    _, model = fitted("wine", "gaussian_copula")
    with pytest.raises(UserError, match="baseline gaussian_copula cannot keep to a condition"):
        model.sample(3, condition={"class": "0"})
    with pytest.raises(UserError, match="cannot impute"):
        model.impute(model.sample(3))


@pytest.mark.parametrize("name", ["module", "family_object", "settings", "spec", "efficiency", "cost"])
def test_what_only_networks_have_is_said_to_be_theirs(name):
    _, model = fitted("wine", "gaussian_copula")
    with pytest.raises(
        AttributeError, match=f"gaussian_copula is a baseline .*'{name}'; .*model_of"
    ) as found:
        getattr(model, name)
    assert "\n" not in str(found.value)
    assert not hasattr(model, name)
    assert copy.deepcopy(model).sample(3, seed=1).equals(model.sample(3, seed=1))


def test_every_public_name_of_a_searched_model_is_answered_by_a_baseline_too():
    names = [name for name in dir(GeneratedModel) if not name.startswith("_") and name != "of_trial"]
    assert {"module", "sample", "cost"} <= set(names)
    assert [name for name in names if not hasattr(BaselineModel, name)] == []


def finalist(trial, passed, excluded=""):
    return {
        "trial": trial,
        "excluded": excluded,
        "memorisation": {"passed": passed},
        "diversity": None if passed is None else {"passed": True},
    }


def test_a_refusal_names_a_kept_model_of_the_run_that_can_and_passed_the_tests(tmp_path):
    _data, model = fitted(people(), "gaussian_copula")
    model.save(tmp_path / "best")
    (tmp_path / "study.toml").touch()
    with pytest.raises(UserError, match="--models-only"):
        autogen.load(tmp_path).sample(3, condition={"city": "north"})
    write_codec(tmp_path / "trials", model.codec)
    for trial, family in enumerate(["vae", "autoregressive", "autoregressive", "autoregressive"]):
        folder = tmp_path / "trials" / f"{trial:04d}"
        folder.mkdir()
        made = trained(family, 2, folder, people())
        write_config(folder / "config.toml", made.config)
    (tmp_path / "trials/0003/model.safetensors").unlink()
    order = [finalist(3, True), finalist(2, False), finalist(1, True, "copies"), finalist(0, True)]
    (tmp_path / "result.json").write_text(json.dumps({"finalists": order}))
    with pytest.raises(UserError, match=rf"trial 0 \(vae\).*autogen sample {tmp_path}:0 --condition"):
        autogen.load(tmp_path).sample(3, condition={"city": "north"})
    with pytest.raises(UserError, match="--models-only"):  # a VAE cannot impute
        autogen.load(tmp_path).impute(people(3))
    order.append(finalist(1, True))
    (tmp_path / "result.json").write_text(json.dumps({"finalists": order}))
    with pytest.raises(UserError, match="trial 1 .*passed the hard tests: autogen.load") as refusal:
        autogen.load(tmp_path).impute(people(3))
    assert f'autogen.load("{tmp_path}:1").impute(rows)' in str(refusal.value)
    filled = autogen.load(f"{tmp_path}:1").impute(people(3))
    assert not filled.isna().any().any()


def test_a_text_of_train_is_not_in_what_a_baseline_of_texts_saves():
    _data, model = fitted(words(200), "unigram")
    state = model._state()
    assert set(state) == {"symbols", "counts", "rows"}
    assert state["rows"].max() <= model._baseline._spec.end + 1


def test_a_prompt_for_a_model_of_other_data_is_refused_with_what_to_use_instead():
    _, model = fitted("wine", "gaussian_copula")
    with pytest.raises(DataError, match="generates rows; for tables use --condition"):
        complete_prompt(model, "abc", 2)
