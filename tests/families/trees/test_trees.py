"""The family: what it refuses, that it goes on bit for bit, and that it learns."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from autogen import registry
from autogen.data.open import open_data
from autogen.errors import DeadlineExceeded, RunError, SpaceError
from autogen.families.base import FamilyConfig, parse_config
from autogen.families.baselines.lookup import baselines_for
from autogen.families.trees.trees import Trees, TreesModel, TreesTraining
from autogen.generator.generator import GeneratedModel
from autogen.hpo.space import SearchSpace
from autogen.testing.families import SPECS
from autogen.training.checkpoint import TimeSpent, restore_program, save_program, write_tensors
from autogen.training.grown import GrownProgram
from tests.families.trees.makers import MIXED, TINY, mixed_rows, program, tiny_rows


def default(space: str = "tabular_tiny") -> FamilyConfig:
    config = parse_config(Trees(), SearchSpace.load(space).default("trees"))
    assert isinstance(config.training, TreesTraining)
    return config


def test_equal_seeds_grow_equal_trees_and_others_differ():
    first, again = (program(MIXED, mixed_rows(), seed=4, columns=0.5).weights() for _ in range(2))
    other = program(MIXED, mixed_rows(), seed=5, columns=0.5).weights()
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(first[name].shape != other[name].shape for name in first)


def test_a_program_goes_on_from_a_checkpoint_bit_for_bit(tmp_path):
    whole = program(MIXED, mixed_rows(), steps=4)
    half = program(MIXED, mixed_rows(), steps=2)
    save_program(tmp_path / "half.safetensors", half, TimeSpent(3.0, 1.0))
    resumed = GrownProgram(half.family, half.config, MIXED, mixed_rows(), 0)
    assert restore_program(tmp_path / "half.safetensors", resumed) == TimeSpent(3.0, 1.0)
    resumed.advance(4)
    made, expected = resumed.weights(), whole.weights()
    assert made.keys() == expected.keys()
    assert all(torch.equal(made[name], expected[name]) for name in made)


def test_a_checkpoint_of_another_table_is_refused(tmp_path):
    save_program(tmp_path / "other.safetensors", program(TINY, tiny_rows()), TimeSpent())
    with pytest.raises(RunError, match="no checkpoint of this config"):
        restore_program(tmp_path / "other.safetensors", program(MIXED, mixed_rows(), steps=0))


def test_a_deadline_ends_a_step_between_two_columns():
    late = program(TINY, tiny_rows(), steps=0)
    with pytest.raises(DeadlineExceeded):
        late.advance(1, deadline=0.0)


@pytest.mark.parametrize(
    ("model", "training", "words"),
    [
        ({"order": "best"}, {}, "model.order must be one of information, target"),
        ({"parts": 0}, {}, "model.parts must be at least 1"),
        ({"backoff": 0.0}, {}, "model.backoff must be above 0"),
        ({}, {"splits": "worst"}, "training.splits must be one of best, random"),
        ({}, {"leaf": 0}, "training.leaf must be at least 1"),
        ({}, {"growing": 0.0}, r"training.growing must lie in \(0, 1\]"),
        ({}, {"columns": 1.5}, r"training.columns must lie in \(0, 1\]"),
        ({}, {"most_rows": 0}, "training.most_rows must be at least 1"),
        ({}, {"boosting": -1}, "training.boosting must be at least 0"),
    ],
)
def test_settings_that_trees_cannot_be_grown_with_are_refused(model, training, words):
    config = FamilyConfig(TreesModel(**model), TreesTraining(**training))
    with pytest.raises(SpaceError, match=words):
        Trees().build(config, TINY)


@pytest.mark.parametrize("kind", ["grey", "notes", "frames"])
def test_other_data_than_tables_is_refused(kind):
    with pytest.raises(SpaceError, match="models tables"):
        Trees().build(default(), SPECS[kind])


def test_a_setting_of_gradient_descent_is_none_of_trees():
    with pytest.raises(SpaceError, match=r"trees.training.lr is not a setting"):
        parse_config(Trees(), {"family": "trees", "training.lr": 0.1})


def test_the_shares_of_a_rare_class_are_kept():
    draw = np.random.default_rng(0)
    rare = draw.random(3000) < 0.03
    frame = pd.DataFrame({"x": draw.normal(rare * 3.0, 1), "y": np.where(rare, "fraud", "fine")})
    data = open_data(frame)
    made = grown(data, default())
    rows = data.codec.decode(made.sample(5000, 0))
    assert (rows["y"] == "fraud").mean() == pytest.approx(
        (data.split("train")["y"] == "fraud").mean(), abs=0.01
    )
    assert rows["x"][rows["y"] == "fraud"].mean() == pytest.approx(3, abs=0.5)


@pytest.mark.parametrize("classes", [["fine", "fraud"], [0, 1]], ids=["words", "numbers"])
@pytest.mark.parametrize(("count", "rare"), [(150, 20), (1000, 20)])
def test_a_class_of_fewer_rows_than_a_leaf_has_leaves_of_its_own(count, rare, classes):
    draw = np.random.default_rng(1)
    y = np.arange(count) < rare
    frame = pd.DataFrame({"x": draw.normal(y * 6.0, 1), "y": np.array(classes)[y.astype(int)]})
    dealt = (open_data(frame, seed=seed, options={"target": "y"}) for seed in range(20))
    few = range(10, default().training.leaf)
    data = next(one for one in dealt if (one.split("train")["y"] == classes[1]).sum() in few)
    made = grown(data, default())
    rows = data.codec.decode(made.sample(20_000, 0))
    assert (rows["x"][rows["y"] == classes[1]] > 3).mean() > 0.8
    assert (rows["x"][rows["y"] == classes[0]] > 3).mean() < 0.05


def grown(data, config: FamilyConfig, seed: int = 0) -> GrownProgram:
    made = GrownProgram(Trees(), config, data.codec.spec, data.encoded("train"), seed)
    made.advance(config.training.steps)
    return made


def saved(folder, data, **settings) -> GeneratedModel:
    config = SearchSpace.load("tabular_tiny").default("trees") | settings
    made = grown(data, parse_config(Trees(), config))
    write_tensors(folder / "model.safetensors", made.weights(), {"kind": "tabular"})
    return GeneratedModel(config, data.codec, folder / "model.safetensors")


def people(n=800):
    """Ages are missing now and then, cities many, and the day follows the age."""
    draw = np.random.default_rng(0)
    age = draw.normal(40, 12, n).round()
    city = draw.choice([f"city {place}" for place in range(40)], n)
    day = pd.Timestamp("2020-01-01") + pd.to_timedelta((age * 5).clip(0, 400).astype(int), "D")
    age[draw.random(n) < 0.2] = np.nan
    return pd.DataFrame({"age": age, "city": city, "day": day, "old": age > 40})


@pytest.mark.slow
def test_a_saved_model_samples_scores_conditions_and_imputes(tmp_path):
    data = open_data(people())
    model = saved(tmp_path, data)
    model.save(tmp_path / "kept")
    again = GeneratedModel.load(tmp_path / "kept")
    pd.testing.assert_frame_equal(model.sample(300, 1), again.sample(300, 1))
    assert np.isfinite(again.log_likelihood(data.split("test"))).all()
    assert again.exact
    assert again.parameters > 1000
    rows = again.sample(200, 0, {"day": "2020-10-07", "city": "city 3"})
    assert (rows["city"] == "city 3").all()
    assert rows["age"].median() == pytest.approx(56, abs=8)
    assert rows["old"].mean() > 0.5
    holes = people().assign(city=None)[:100].drop(columns="old")
    filled = again.impute(holes)
    assert not filled[["age", "city", "day"]].isna().any().any()
    assert filled["day"].equals(holes["day"])


@pytest.mark.slow
def test_real_rows_are_likelier_than_shuffled_ones(tmp_path):
    data = open_data("breast_cancer")
    model = saved(tmp_path, data)
    real = data.split("test")
    draw = np.random.default_rng(0)
    shuffled = real.assign(**{name: draw.permutation(real[name]) for name in real})
    assert model.log_likelihood(real).mean() > model.log_likelihood(shuffled).mean() + 10


def test_a_damaged_file_is_refused(tmp_path):
    data = open_data(people())
    model = saved(tmp_path, data)
    model.save(tmp_path / "kept")
    path = tmp_path / "kept" / "model.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[:-200])
    with pytest.raises(RunError, match="damaged"):
        GeneratedModel.load(tmp_path / "kept")
    weights = dict(program(MIXED, mixed_rows()).weights())
    write_tensors(path, weights, {"kind": "tabular"})
    with pytest.raises(RunError, match="another model"):
        GeneratedModel.load(tmp_path / "kept")


def rings(n=1500):
    """A ring whose color follows the place on it: no column tells of another in a straight line."""
    draw = np.random.default_rng(0)
    angle = draw.uniform(0, 2 * np.pi, n)
    x, y = np.cos(angle) + draw.normal(0, 0.05, n), np.sin(angle) + draw.normal(0, 0.05, n)
    color = np.array(["red", "green", "blue"])[(angle // 2.1).astype(int)]
    return pd.DataFrame({"x": x, "y": y, "color": color})


@pytest.mark.slow
@pytest.mark.parametrize(("name", "share"), [("breast_cancer", 0.5), ("rings", 0.3)])
def test_the_tiny_defaults_beat_the_trivial_baselines_by_far(name, share):
    data = open_data(rings() if name == "rings" else name)
    metric = registry.get("metric", "c2st")()
    reference, n = metric.prepare(data.split("tune"), data.codec), len(data.rows["tune"])
    scores = []
    for kind in baselines_for("tabular").values():
        if kind.trivial or (name == "rings" and kind.__name__ == "GaussianCopula"):
            baseline = kind()
            baseline.fit(data.split("train"), data.codec)
            scores.append(metric.score(reference, baseline.sample(n, np.random.default_rng(0))))
    made = grown(data, default())
    ours = metric.score(reference, data.codec.decode(made.sample(n, 0), 0))
    assert ours < share * min(scores), (ours, scores)


@pytest.mark.slow
def test_a_large_table_takes_bounded_rows_of_each_tree_and_streams_samples(tmp_path):
    draw = np.random.default_rng(0)
    n = 400_000
    base = draw.normal(size=n)
    columns = {f"x{place}": base * place + draw.normal(size=n) for place in range(6)}
    columns |= {f"c{place}": np.where(base > 0, "yes", "no") for place in range(2)}
    data = open_data(pd.DataFrame(columns))
    config = default("tabular")
    config = replace(config, training=replace(config.training, steps=2))
    made = grown(data, config)
    forest = made.average.forests[0]
    assert len(forest.cells) == 2 * config.training.most_rows
    write_tensors(tmp_path / "model.safetensors", made.weights(), {"kind": "tabular"})
    model = GeneratedModel(
        SearchSpace.load("tabular").default("trees"), data.codec, tmp_path / "model.safetensors"
    )
    rows = 0
    for part in model.stream(100_000, chunk=5000):
        assert len(part) <= 5000
        rows += len(part)
    assert rows == 100_000
