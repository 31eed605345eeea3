"""What boosted trees predict of a column: scikit-learn's figures, by models that have not seen the row."""

import numpy as np
import pytest
import torch
from sklearn.ensemble import HistGradientBoostingRegressor

from autogen.data.specs import ColumnSpec, TableSpec
from autogen.families.base import FamilyConfig
from autogen.families.trees.boosted import FOLDS, Boosted, predicted
from autogen.families.trees.trees import Trees, TreesModel, TreesTraining
from autogen.training.checkpoint import TimeSpent, restore_program, save_program
from autogen.training.grown import GrownProgram
from tests.families.trees.makers import TINY, every_row, model_of, program, tiny_rows

BEFORE = np.array([0, 2, 3])


def smooth(n: int = 500, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features (n, 4), of which column 1 is not before, a target that follows them, and folds."""
    draw = np.random.default_rng(seed)
    features = draw.normal(size=(n, 4)).astype(np.float32)
    target = features[:, 0] + 2 * np.abs(features[:, 2]) + draw.normal(size=n) / 10
    return features, target.astype(np.float64), np.arange(n) % FOLDS


def boosted(rounds: int = 20) -> Boosted:
    features, target, folds = smooth()
    made = Boosted(4)
    made.fit(features[:, BEFORE], target, folds, BEFORE, rounds)
    return made


@pytest.mark.parametrize("model", range(FOLDS))
def test_predictions_are_those_of_scikit_learn_without_the_rows_of_the_fold(model):
    features, target, folds = smooth()
    seen = folds != model
    expected = HistGradientBoostingRegressor(
        max_iter=20,
        learning_rate=0.3,
        max_depth=4,
        max_leaf_nodes=16,
        early_stopping=False,
        random_state=model,
    ).fit(features[seen][:, BEFORE], target[seen])
    fresh = torch.from_numpy(smooth(200, 1)[0])
    found = boosted().predict(fresh, torch.full((200,), model))
    np.testing.assert_allclose(found, expected.predict(fresh.numpy()[:, BEFORE]), rtol=1e-5, atol=1e-5)


def test_each_row_gets_the_prediction_of_its_model():
    made, rows = boosted(), torch.from_numpy(smooth(300, 2)[0])
    models = torch.arange(300) % FOLDS
    found = made.predict(rows, models)
    for model in range(FOLDS):
        own = models == model
        assert torch.equal(found[own], made.predict(rows[own], models[own]))


def test_few_rows_and_first_columns_are_not_predicted():
    features, target, folds = smooth(50)
    for given, before in ((features[:, BEFORE], BEFORE), (smooth()[0][:, :0], BEFORE[:0])):
        made = Boosted(4)
        made.fit(given, target, folds, before, 20)
        assert made.models == 0


def test_what_is_predicted_of_a_column():
    scale = np.array([0.5, 1.5, 2.25, 0.5, 2.75])
    rows, target = predicted(ColumnSpec("x", 3, specials=1, ordered=True, continuous=True), scale)
    assert rows.tolist() == [1, 2, 4]
    assert target.tolist() == [1.5, 2.25, 2.75]
    rows, target = predicted(ColumnSpec("yes", 3, specials=1), scale)
    assert rows.tolist() == [1, 2, 4]
    assert target.tolist() == [0, 1, 1]
    assert not len(predicted(ColumnSpec("colour", 4), scale)[0])


#: x and y in two hundred steps, y follows the sum of two quantities before it.
PLANE = TableSpec(tuple(ColumnSpec(name, 200, ordered=True, continuous=True) for name in "abc"))


def plane_rows(n: int, seed: int = 0) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(seed)
    a, b = draw.uniform(0, 100, size=(2, n))
    scale = np.stack([a, b, a + b + draw.normal(size=n)], 1).clip(0, 199.99)
    codes = scale.astype(np.int64)
    return {"codes": codes, "positions": (scale - codes).astype(np.float32)}


def off(boosting: int) -> float:
    """Root mean square of c - a - b of samples; 1 in the data."""
    made = program(PLANE, plane_rows(600), steps=2, order="given", boosting=boosting)
    rows = made.sample(2000, 1)
    scale = rows["codes"] + rows["positions"]
    return float((scale[:, 2] - scale[:, 0] - scale[:, 1]).std())


def test_a_sum_of_two_columns_is_followed_more_closely():
    assert off(40) < 0.8 * off(0)


def test_a_program_with_boosted_trees_goes_on_from_a_checkpoint_bit_for_bit(tmp_path):
    whole = program(PLANE, plane_rows(300), steps=3, order="given", boosting=5).weights()
    half = program(PLANE, plane_rows(300), steps=2, order="given", boosting=5)
    save_program(tmp_path / "half.safetensors", half, TimeSpent())
    resumed = GrownProgram(half.family, half.config, PLANE, plane_rows(300), 0)
    restore_program(tmp_path / "half.safetensors", resumed)
    resumed.advance(3)
    assert len(whole["forests.2.boosted.value"]) == FOLDS
    assert all(torch.equal(one, resumed.weights()[name]) for name, one in whole.items())


def test_probabilities_add_up_and_are_those_of_samples():
    model = model_of(TINY, tiny_rows(), steps=4, boosting=5)
    rows = every_row(TINY)
    chance = model.log_likelihood(rows).exp()
    assert chance.sum() == pytest.approx(1)
    drawn = program(TINY, tiny_rows(), steps=4, boosting=5).sample(20_000, 3)["codes"]
    found = (drawn[:, None] == rows["codes"].numpy()[None]).all(2).mean(0)
    assert np.abs(found - chance.numpy()).max() < 0.01


def test_saved_models_are_loaded_also_those_of_earlier_versions():
    config = FamilyConfig(TreesModel(), TreesTraining())
    for boosting in (0, 5):
        weights = model_of(TINY, tiny_rows(), boosting=boosting).state_dict()
        loaded = Trees().build(config, TINY)
        loaded.load_state_dict(weights)
        assert all(torch.equal(one, loaded.state_dict()[name]) for name, one in weights.items())
    earlier = {
        name: one for name, one in model_of(TINY, tiny_rows()).state_dict().items() if "boosted" not in name
    }
    assert Trees().build(config, TINY).load_state_dict(earlier) is not None


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("feature", lambda one: one + 7, "splits a column that is not there"),
        ("feature", lambda one: one - 7, "splits a column that is not there"),
        ("value", lambda one: one * torch.nan, "is not finite"),
        ("base", lambda one: one[:1], "another shape"),
        ("threshold", lambda one: one * torch.nan, "is not finite"),
        ("value", lambda one: one[..., :3], "another shape"),
    ],
)
def test_tensors_that_are_no_boosted_trees_are_refused(name, change, words):
    weights = dict(model_of(TINY, tiny_rows(), boosting=5).state_dict())
    key = f"forests.2.boosted.{name}"
    weights[key] = change(weights[key])
    with pytest.raises(RuntimeError, match=words):
        Trees().build(FamilyConfig(TreesModel(), TreesTraining()), TINY).load_state_dict(weights)


def test_a_tree_that_splits_a_prediction_needs_boosted_trees():
    weights = dict(model_of(PLANE, plane_rows(300), order="given", boosting=5).state_dict())
    assert int(weights["forests.2.feature"].max()) == 3
    for name in ("base", "feature", "threshold", "value"):
        weights[f"forests.2.boosted.{name}"] = weights[f"forests.2.boosted.{name}"][:0]
    with pytest.raises(RuntimeError, match="splits a column that is not there"):
        Trees().build(FamilyConfig(TreesModel(), TreesTraining()), PLANE).load_state_dict(weights)


def test_boosted_trees_are_not_grown_from_the_counts_of_several_owners():
    assert "boosting" in Trees().why_not_by_counts(FamilyConfig(TreesModel(), TreesTraining(boosting=5)))
    assert not Trees().why_not_by_counts(FamilyConfig(TreesModel(), TreesTraining()))
