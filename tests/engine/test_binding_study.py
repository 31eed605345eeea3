"""A study with binding rules, from the settings to the files that it leaves."""

import numpy as np
import pandas as pd
import pytest

import autogen
from autogen.cli import app
from autogen.engine import engine
from autogen.errors import DataError
from tests.generator.test_binding import RULES, customers

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    settings = {"budget": "1trials", "families": ["trees"], "workers": 1, "executor": "inprocess"}
    frame = customers(400)
    return autogen.search(
        frame, out=folder / "run", rules=list(RULES), target="state", seed=3, objective="kd", **settings
    )


def test_each_rule_stands_in_the_result_the_card_and_the_report_and_none_is_broken(study):
    rules = study.document.rules
    assert [rule.rule for rule in rules][:2] == ["zip -> city", "city -> state"]
    assert len(rules) == 6
    assert {rule.synthetic for rule in rules} == {rule.holdout for rule in rules} == {0.0}
    assert all(rule.rows > 200 and rule.support > 130 for rule in rules)
    card = (study.folder.best / "card.md").read_text()
    page = study.folder.report.read_text()
    assert "`signup <= last`: none of" in card
    assert "6 binding rules; the generated rows keep all of them." in page
    assert any(note.startswith("Samples keep these 6 rules") for note in study.document.data.notes)


def test_the_target_may_be_looked_up(study):
    found = study.document.finalists[0].diagnostics
    assert any(name.startswith("tstr") and one.mean is not None for name, one in found.items())


def test_settings_of_the_run_hold_the_rules_and_the_model_keeps_them(study):
    study_toml = study.folder.study.read_text()
    assert '"signup <= last"' in study_toml
    rows = study.best.load().sample(1000)
    last = pd.to_datetime(rows["last"], format="%d.%m.%Y")
    assert not (rows["signup"] > last).any()
    assert rows.groupby("zip")["city"].nunique().max() == 1


def test_rules_of_a_file_and_of_flags_are_all_kept(tmp_path, monkeypatch):
    customers(60).to_csv(tmp_path / "t.csv", index=False)
    (tmp_path / "study.toml").write_text(f'data = "{tmp_path / "t.csv"}"\nrules = ["zip -> city"]\n')
    given = []

    def start(settings, **_):
        given.append(settings)
        raise DataError("seen enough.")

    monkeypatch.setattr(engine, "start", start)
    monkeypatch.setattr(
        "sys.argv", ["autogen", "run", str(tmp_path / "study.toml"), "--rule", "cost < price"]
    )
    with pytest.raises(SystemExit):
        app.main()
    assert given[0].rules == ("zip -> city", "cost < price")


def test_rules_are_for_tables_only():
    images = np.zeros((60, 8, 8), np.uint8)
    with pytest.raises(DataError, match="image data has no option 'rules'"):
        autogen.search(images, budget="1trials", rules=["a -> b"])
