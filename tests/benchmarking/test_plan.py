"""Plans from TOML, and the one line that a wrong one gets."""

import pytest

from autogen.benchmarking.plan import ModelEntry, read_plan
from autogen.benchmarking.shipped import plan_names
from autogen.errors import SettingsError, UserError

BASE = 'families = ["vae"]\n[sets.digits]\nrows = 100\n'


def written(folder, text):
    path = folder / "plan.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", plan_names())
def test_every_shipped_plan_can_be_read(name):
    plan = read_plan(name)
    assert plan.name == name
    assert plan.about
    assert len(plan.sets) >= 3


def test_a_plan_is_read_with_its_defaults(tmp_path):
    plan = read_plan(written(tmp_path, BASE))
    assert [entry.source for entry in plan.sets] == ["digits"]
    assert plan.models == (ModelEntry("vae", "vae"),)
    assert (plan.rows, plan.steps, plan.seeds) == ((1.0,), (1.0,), 3)


@pytest.mark.parametrize("name", ["$AUTOGEN_DATA", "${AUTOGEN_DATA}"])
def test_paths_start_from_the_plans_data_and_know_the_folder_of_data_sets(tmp_path, monkeypatch, name):
    monkeypatch.setenv("AUTOGEN_DATA", str(tmp_path / "sets"))
    text = f'data = "{name}"\n[sets.people]\nsource = "people.csv"\n'
    text += '[sets.other]\nsource = "/data/other.csv"\n'
    plan = read_plan(written(tmp_path, text))
    assert [entry.source for entry in plan.sets] == [str(tmp_path / "sets/people.csv"), "/data/other.csv"]


@pytest.mark.parametrize(
    "name", ["$OPENAI_API_KEY", "${OPENAI_API_KEY}", "a/$OPENAI_API_KEY", "$AUTOGEN_DATAX"]
)
@pytest.mark.parametrize("place", ["data", "source"])
def test_no_other_variable_is_read_from_a_plan_or_printed(tmp_path, monkeypatch, name, place):
    monkeypatch.setenv("OPENAI_API_KEY", "Kq7-secret")
    monkeypatch.setenv("AUTOGEN_DATAX", "Kq7-secret")
    text = f'data = "{name}"\n[sets.digits]\n' if place == "data" else f'[sets.x]\nsource = "{name}"\n'
    with pytest.raises(SettingsError, match="may name .AUTOGEN_DATA and no other variable") as raised:
        read_plan(written(tmp_path, text))
    assert "Kq7" not in str(raised.value)


def test_a_model_starts_from_the_default_of_its_space(tmp_path):
    text = BASE.replace('families = ["vae"]\n', "") + (
        '[models.slim]\nfamily = "vae"\nmodel = { width = 8 }\ntraining = { steps = 3 }\n'
    )
    model = read_plan(written(tmp_path, text)).models[0]
    config = model.config_in("image_tiny")
    assert (config["family"], config["model.width"], config["training.steps"]) == ("vae", 8, 3)
    assert config["model.latent_dim"] == 32


def test_a_config_is_taken_whole(tmp_path):
    (tmp_path / "config.toml").write_text("[vae.model]\nwidth = 8\n[vae.training]\nsteps = 3\n")
    text = '[sets.digits]\n[models.found]\nconfig = "config.toml"\n'
    config = read_plan(written(tmp_path, text)).models[0].config_in("image")
    assert config == {"family": "vae", "model.width": 8, "training.steps": 3}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seeds = 2\n", "needs data sets; add a table such as"),
        ("seeds = 0\n" + BASE, "seeds must be at least 1; got 0"),
        ('seeds = "two"\n' + BASE, "seeds must be a whole number; got 'two'"),
        ("sed = 1\n" + BASE, "'sed' is not a setting; did you mean 'seed'?"),
        ("rows = [0.5]\n" + BASE, "contains 1.0; got [0.5]"),
        ("steps = [0.0, 1.0]\n" + BASE, "shares in"),
        ('timeout = "3trials"\n' + BASE, "timeout must be a time above 0, such as 30m"),
        ('timeout = "1h,3trials"\n' + BASE, "timeout must be a time above 0, such as 30m"),
        ('families = ["vea"]\n[sets.digits]\n', "unknown family 'vea'"),
        ("families = []\n[sets.digits]\n", "needs models"),
        ('families = "vae"\n[sets.digits]\n', "families must be a list"),
        (BASE + "sise = 3\n", "sets.digits: 'sise' is not a setting"),
        (BASE.replace("100", "0"), "sets.digits.rows must be at least 1"),
        (BASE + "[models.a]\n", "models.a needs either a family or a config"),
        (BASE + '[models.vae]\nfamily = "vae"\n', "two models have the name 'vae'"),
        (BASE + '[models.a]\nconfig = "no.toml"\n', "no.toml does not exist"),
        (BASE + '[spaces]\nimage = "imagee"\n', "unknown search space 'imagee'"),
        (BASE + '[spaces]\nimages = "image"\n', "unknown data 'images'"),
        ("rows = \n", "is not TOML"),
    ],
)
def test_a_wrong_plan_gets_one_line(tmp_path, text, message):
    with pytest.raises(UserError) as caught:
        read_plan(written(tmp_path, text))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_error_for_an_unknown_plan_suggests_a_shipped_one():
    with pytest.raises(SettingsError, match="unknown plan 'tinny'.*Did you mean 'tiny'"):
        read_plan("tinny")
