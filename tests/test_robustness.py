"""Tables that break tools: each goes through a study to a verdict, or is refused in one clear line."""

import numpy as np
import pandas as pd
import pytest

import autogen
from autogen.errors import UserError

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


def one_column(n=120):
    return pd.DataFrame({"x": draws().normal(size=n).round(2)})


def all_categorical(n=150):
    return pd.DataFrame({name: draws(i).choice(list("uvw"), n) for i, name in enumerate("abcd")})


def holes(n=150):
    """28 columns, 19 % of the cells missing."""
    frame = pd.DataFrame({f"c{i}": draws(i).normal(size=n).round(1) for i in range(28)})
    return frame.mask(draws(99).random(frame.shape) < 0.19)


def many_categories(n=4200):
    return pd.DataFrame(
        {"name": [f"name {i % 2000}" for i in range(n)], "x": draws().normal(size=n).round(1)}
    )


def odd_names(n=120):
    return pd.DataFrame(
        {
            "a, b": draws().normal(size=n).round(1),
            'say "hi"': draws().choice(["x,y", 'q"q', "🎲", "line\nbreak"], n),
            "🎲 dé": draws().integers(0, 5, n),
            " ": draws().choice([True, False], n),
        }
    )


def mixed(n=120):
    return pd.DataFrame({"mixed": [str(i) if i % 2 else f"t{i % 7}" for i in range(n)], "x": range(n, 0, -1)})


def dates(n=120):
    day = pd.Timestamp("2021-01-01") + pd.to_timedelta(draws().integers(0, 900, n), "D")
    return pd.DataFrame(
        {"iso": day.strftime("%Y-%m-%d"), "german": day.strftime("%d.%m.%Y"), "x": draws().random(n)}
    )


def duplicated():
    return pd.concat([all_categorical(8)] * 20, ignore_index=True)


GOOD = [one_column, all_categorical, holes, many_categories, odd_names, mixed, dates, duplicated]


@pytest.fixture
def space(tmp_path):
    path = tmp_path / "space.toml"
    path.write_text(SPACE)
    return str(path)


@pytest.mark.parametrize("table", GOOD, ids=lambda table: table.__name__)
def test_a_table_goes_through_to_a_verdict_and_samples_with_its_dtypes(table, space, tmp_path):
    frame = table()
    path = tmp_path / "table.csv"
    frame.to_csv(path, index=False)
    result = autogen.search(
        path, space=space, budget="3trials", workers=1, finalists=1, confirm_seeds=2, out=tmp_path / "run"
    )
    assert result.verdict in ("winner", "tie", "baseline")
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
        ("a,b\n" + "1,x\n" * 100, "one value"),
    ],
    ids=["header only", "empty", "12 rows", "all constant"],
)
def test_a_table_that_cannot_be_learnt_is_refused_in_one_line(content, words, space, tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(content)
    with pytest.raises(UserError, match=words) as refusal:
        autogen.search(path, space=space, budget="1trials", workers=1, out=tmp_path / "run")
    assert "\n" not in str(refusal.value)
    assert not (tmp_path / "run").exists()
