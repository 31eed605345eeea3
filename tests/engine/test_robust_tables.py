"""Tables that break tools: each goes through a study to a verdict, or is refused in one clear line."""

from typing import get_args

import numpy as np
import pandas as pd
import pytest

import autogen
from autogen.errors import UserError
from autogen.report.schema import VerdictKind

pytestmark = pytest.mark.slow

SPACE = """
about = "A few steps, for tests."
[vae.model]
width = 16
depth = 1
latent_dim = 4
components = 2
[vae.training]
steps = 20
batch_size = 32
[gan.model]
width = 16
critic_width = 16
[gan.training]
steps = 10
batch_size = 32
[autoregressive.model]
net = "mlp"
width = 16
depth = 1
[autoregressive.training]
steps = 20
batch_size = 32
"""


def draws(seed=0):
    return np.random.default_rng(seed)


def one_column(n=90):
    return pd.DataFrame({"x": draws().normal(size=n).round(2)})


def all_categorical(n=90):
    return pd.DataFrame({name: draws(i).choice(list("uvw"), n) for i, name in enumerate("abcd")})


#: Tables by the metric that leads, and their families: the default one fits many trees for each model, so one
#: family must do; where another metric leads, it is measured all the same.
GOOD = [(one_column, "", ["vae"]), (all_categorical, "kd", ["vae", "gan", "autoregressive"])]


@pytest.fixture
def space(tmp_path):
    path = tmp_path / "space.toml"
    path.write_text(SPACE)
    return str(path)


@pytest.mark.parametrize(("table", "objective", "families"), GOOD, ids=["one_column", "all_categorical"])
def test_a_table_goes_through_to_a_verdict_and_samples_with_its_dtypes(
    table, objective, families, space, tmp_path
):
    frame = table()
    path = tmp_path / "table.csv"
    frame.to_csv(path, index=False)
    few = {"budget": f"{len(families)}trials", "families": families, "workers": 1, "finalists": 1}
    result = autogen.search(path, space=space, objective=objective, out=tmp_path / "run", **few)
    told = result.record["finalists"][0]
    assert any(name.startswith("c2st") for name in (result.record["objective"]["name"], *told["diagnostics"]))
    assert result.verdict in get_args(VerdictKind)
    assert (tmp_path / "run" / "report.html").exists()
    made = result.best.load().sample(60)
    made.to_csv(tmp_path / "made.csv", index=False)
    real, read = pd.read_csv(path), pd.read_csv(tmp_path / "made.csv")
    assert set(read) <= set(real)
    for name in read:
        both = pd.concat([real[name], read[name]])
        assert both.dtype == real[name].dtype or real[name].isna().any(), name


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a,b\n", "no rows"),
        ("", "empty"),
        ("a,b\n" + "1,2\n" * 12, "at least 20"),
    ],
    ids=["header only", "empty", "12 rows"],
)
def test_a_table_that_cannot_be_learnt_is_refused_in_one_line(content, words, space, tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(content)
    with pytest.raises(UserError, match=words) as refusal:
        autogen.search(path, space=space, budget="1trials", workers=1, out=tmp_path / "run")
    assert "\n" not in str(refusal.value)
    assert not (tmp_path / "run").exists()
