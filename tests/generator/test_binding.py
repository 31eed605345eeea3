"""Samples of every family and baseline keep binding rules, also conditional and imputed ones."""

import numpy as np
import pandas as pd
import pytest

from autogen import load, registry
from autogen.data.open import open_data
from autogen.errors import DataError
from autogen.families.base import parse_config
from autogen.families.baselines.lookup import baselines_for
from autogen.generator.baseline import BaselineModel
from autogen.generator.generator import GeneratedModel
from autogen.generator.write import write_samples
from autogen.hpo.space.search_space import SearchSpace
from autogen.metrics.tables.two_sample.c2st import TwoSampleTest
from autogen.training.checkpoint import write_tensors
from autogen.training.grown import GrownProgram
from autogen.training.solo import SoloProgram
from tests.data.tables.rules.makers import keyed, shares

pytestmark = pytest.mark.slow

RULES = (
    "zip -> city -> state",
    "state, sort -> tax",
    "signup <= last",
    "cost < price",
    "x missing <-> y missing",
)
CONFIGS = {
    "autoregressive": {"model.net": "mlp", "model.width": 32, "model.depth": 1, "training.shuffled": 0.5},
    "vae": {"model.width": 32, "model.depth": 1, "model.latent_dim": 4},
    "gan": {"model.width": 16, "model.critic_width": 16},
}
STEPS = {"autoregressive": 120, "vae": 60, "gan": 20}


def customers(n=800, seed=0):
    rng = np.random.default_rng(seed)
    signup = pd.Series(pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 1000, n), "D"))
    last = signup + pd.to_timedelta(np.where(rng.random(n) < 0.2, 0, rng.integers(0, 200, n)), "D")
    cost = np.round(rng.gamma(2, 20, n), 2)
    frame = keyed(rng, n).assign(
        signup=signup.mask(rng.random(n) < 0.1),
        last=last.dt.strftime("%d.%m.%Y").mask(rng.random(n) < 0.1),
        cost=cost,
        price=np.round(cost * rng.uniform(1.1, 2, n) + 0.01, 2),
        x=rng.normal(size=n),
        y=rng.choice(["u", "v"], n),
    )
    frame["zip"] = frame["zip"].mask(rng.random(n) < 0.05)
    gone = rng.random(n) < 0.2
    return frame.assign(x=frame["x"].mask(gone), y=frame["y"].mask(gone))


def plain(model, rows):
    return model.codec.from_original_format(rows)


@pytest.fixture(scope="module")
def data():
    return open_data(customers(), options={"rules": list(RULES)})


def trained(family, data, folder):
    made = registry.get("family", family)()
    if family == "trees":
        config = SearchSpace.load("tabular_tiny").default("trees")
        parsed = parse_config(made, config)
        program = GrownProgram(made, parsed, data.codec.spec, data.encoded("train"), 0)
        program.advance(parsed.training.steps)
    else:
        config = {"family": family, **CONFIGS[family], "training.steps": STEPS[family], "training.lr": 5e-3}
        parsed = parse_config(made, config)
        program = SoloProgram(made, parsed, data.codec.spec, data.encoded("train"), 0)
        program.advance(STEPS[family])
    write_tensors(folder / "model.safetensors", program.weights(), {"kind": "tabular"})
    return GeneratedModel(config, data.codec, folder / "model.safetensors")


@pytest.fixture(scope="module")
def models(data, tmp_path_factory):
    return {family: trained(family, data, tmp_path_factory.mktemp(family)) for family in ("trees", *CONFIGS)}


@pytest.mark.parametrize("family", ["trees", *CONFIGS])
def test_samples_of_every_family_keep_all_rules(models, data, family):
    rows = models[family].sample(1000, seed=1)
    assert rows.columns.tolist() == data.raw.samples.columns.tolist()
    assert rows.dtypes.tolist() == data.raw.samples.dtypes.tolist()
    assert set(shares(data, plain(models[family], rows)).values()) == {0.0}


@pytest.mark.parametrize("name", sorted(baselines_for("tabular")))
def test_samples_of_every_baseline_keep_all_rules(data, name):
    baseline = baselines_for("tabular")[name]()
    baseline.fit(data.split("train"), data.codec)
    rows = baseline.sample(1000, np.random.default_rng(0))
    assert rows.columns.tolist() == data.raw.samples.columns.tolist()
    assert set(shares(data, rows).values()) == {0.0}


def test_binding_rules_make_samples_better_and_not_worse(models, data, tmp_path):
    free = open_data(customers())
    other = trained("trees", free, tmp_path)
    metric = TwoSampleTest()
    scores = []
    for model, module in ((models["trees"], data), (other, free)):
        reference = metric.prepare_with(module.split("test"), module.codec, module.split("train"))
        scores.append(metric.score(reference, model.draw(500)))
    assert scores[0] < scores[1]
    assert scores[0] < 0.5
    assert max(shares(data, other.draw(1000)).values()) > 0.1


def test_marginals_of_derived_columns_are_those_of_the_data(models, data):
    rows, real = models["trees"].draw(3000), data.raw.samples
    assert abs(rows["price"].mean() / real["price"].mean() - 1) < 0.1
    assert abs(rows["last"].isna().mean() - real["last"].isna().mean()) < 0.04
    assert abs(rows["x"].isna().mean() - real["x"].isna().mean()) < 0.05
    gap = (pd.to_datetime(rows["last"], format="%d.%m.%Y") - rows["signup"]).dt.days
    assert abs((gap == 0).mean() - 0.16) < 0.05
    counts = rows["city"].value_counts(normalize=True), real["city"].value_counts(normalize=True)
    assert (counts[0] - counts[1]).abs().sum() < 0.3


@pytest.mark.parametrize("family", ["trees", "autoregressive", "vae"])
@pytest.mark.parametrize(
    "condition",
    [
        {"city": "city 3"},
        {"city": "city 3", "sort": "b2b"},
        {"tax": 3.5},
        {"last": "01.06.2021"},
        {"signup": "2021-06-01"},
        {"price": 30.0},
        {"cost": 30.0},
        {"x": ""},
        {"y": "u"},
        {"last": ""},
    ],
    ids=str,
)
def test_conditional_samples_keep_all_rules(models, data, family, condition):
    model = models[family]
    rows = model.sample(60, 0, condition)
    assert set(shares(data, plain(model, rows)).values()) == {0.0}
    for name, value in condition.items():
        assert (rows[name].isna() if value == "" else rows[name].eq(value)).all()


def test_what_is_looked_up_is_conditioned_on_as_often_as_in_training(models, data):
    train = data.split("train")
    inside = train["zip"][train["city"] == "city 3"]
    rows = models["trees"].sample(2000, 0, {"city": "city 3"})
    counts = rows["zip"].value_counts(normalize=True), inside.value_counts(normalize=True)
    assert set(counts[0].index) == set(counts[1].index)
    assert (counts[0] - counts[1]).abs().max() < 0.08
    assert abs(rows["zip"].isna().mean() - inside.isna().mean()) < 0.05


def test_what_lies_below_a_given_bound_follows_it(models):
    rows = models["trees"].sample(400, 0, {"last": "01.03.2020"})
    assert rows["signup"].max() <= pd.Timestamp("2020-03-01")
    assert rows["signup"].nunique() > 3
    later = models["trees"].sample(400, 0, {"last": "01.09.2022"})["signup"]
    assert later.median() > pd.Timestamp("2022-01-01")


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"city": "city 3", "state": "a"}, "no training row has .*as the rule 'city -> state' would need"),
        ({"signup": "2021-06-01", "last": "01.06.2020"}, "breaks the rule 'signup <= last'; change one"),
        ({"x": "", "y": "u"}, "breaks the rule 'x missing <-> y missing'"),
        ({"city": "city 33"}, "has no value 'city 33'"),
    ],
)
@pytest.mark.parametrize("family", ["trees", "vae"])
def test_a_condition_that_breaks_a_rule_is_refused_in_one_line(models, family, condition, words):
    rows = models[family].codec.decode(models[family].codec.encode(customers()))
    state = rows.loc[rows["city"] == "city 3", "state"].dropna().iloc[0]
    if "state" in condition:
        condition = condition | {"state": next(other for other in "abcd" if other != state)}
    with pytest.raises(DataError, match=words) as caught:
        models[family].sample(5, 0, condition)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("family", ["trees", "autoregressive"])
def test_imputed_rows_keep_all_rules_and_what_was_given(models, data, family):
    model, rng = models[family], np.random.default_rng(0)
    rows = data.raw.samples.iloc[:120].reset_index(drop=True)
    for name in rows:
        rows[name] = rows[name].mask(rng.random(len(rows)) < 0.4)
    filled = model.impute(rows, seed=1)
    assert set(shares(data, plain(model, filled)).values()) == {0.0}
    assert not filled.isna().any().any()
    there = rows.notna()
    given = filled.astype(object).where(there).eq(rows.astype(object)) | ~there
    assert given.all().all()


def test_a_new_value_that_others_are_looked_up_by_is_refused(models):
    with pytest.raises(DataError, match=r"no training row has zip=1 \(2 rows\); give 'city' too"):
        models["trees"].impute(pd.DataFrame({"zip": [1, 1], "sort": ["b2b", "b2c"]}))


def test_a_saved_model_keeps_its_rules_and_equal_seeds_give_equal_files(models, data, tmp_path):
    models["trees"].save(tmp_path / "kept")
    kept = load(tmp_path / "kept")
    write_samples(kept, 3000, tmp_path / "one.csv", seed=4)
    write_samples(models["trees"], 3000, tmp_path / "two.csv", seed=4)
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    rows = pd.read_csv(tmp_path / "one.csv", dtype={"zip": "Int64"})
    assert set(shares(data, rows.assign(signup=pd.to_datetime(rows["signup"]))).values()) == {0.0}


def test_a_saved_baseline_keeps_its_rules(data, tmp_path):
    baseline = baselines_for("tabular")["gaussian_copula"]()
    baseline.fit(data.split("train"), data.codec)
    BaselineModel("gaussian_copula", baseline, data.codec).save(tmp_path)
    rows = load(tmp_path).sample(500)
    assert set(shares(data, data.codec.from_original_format(rows)).values()) == {0.0}
