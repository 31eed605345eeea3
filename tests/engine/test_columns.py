"""What each column was taken for, in a run: said before training, kept in its folder, shown in its report."""

import json

import pandas as pd
import pytest

import autogen
from autogen.cli.app import app
from autogen.cli.terminal.verdict import print_verdict
from autogen.engine.engine import resume, start
from autogen.engine.report_data import relations_of
from autogen.engine.run_folder import RunFolder
from autogen.engine.settings import Settings
from autogen.errors import RunError
from autogen.report.contents import Relations
from tests.data.makers import people, write_csv

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    frame = people(500).assign(total=lambda rows: rows["income"] + rows["bonus"])
    frame["email"] = [f"person{place}@mail.at" for place in range(len(frame))]
    given = {
        "data": str(write_csv(folder, frame)),
        "budget": "2trials",
        "finalists": 1,
        "families": ["trees"],
        "objective": "kd",
    }
    seen = []
    settings = Settings.of(given | {"workers": 1, "executor": "inprocess", "seed": 1}, "a test")
    result = start(
        settings, out=folder / "run", opened=seen.append, listen=lambda event, _: seen.append(event)
    )
    return result, seen


def test_the_data_is_handed_over_before_anything_is_trained(run):
    _, seen = run
    assert [one.name for one in seen[0].readings][:2] == ["name", "age"]
    assert len(seen) > 5


def test_the_folder_and_the_report_hold_each_column(run):
    result, seen = run
    stored = json.loads((result.folder.path / "exhibits/columns.json").read_text())
    assert [one["name"] for one in stored] == [one.name for one in seen[0].readings]
    page = result.folder.report.read_text()
    assert "Cells as read" in page
    assert "<td>city</td><td>categorical</td><td>learned</td>" in page


def real_cells(run, column="email"):
    """Cells of a column in the real rows that could be shown."""
    exhibits = run[0].folder.path / "exhibits"
    frames = [pd.read_csv(exhibits / name) for name in ("real.csv", "pairs.csv")]
    return set(frames[0][column]) | set(frames[1][column][1::2])


def test_no_real_row_is_shown_where_a_column_looks_like_personal_data(run):
    folder, page = run[0].folder, run[0].folder.report.read_text()
    assert len(real_cells(run)) > 5
    assert [cell for cell in real_cells(run) if cell in page] == []
    assert "This page shows no real samples, since email looks like personal data" in page
    assert "<h2>Samples</h2>" in page
    assert not list(folder.best.glob("real.*"))
    assert (folder.best / "samples.csv").exists()


def test_real_rows_are_shown_and_left_out_again_by_a_flag(run, capsys):
    folder = run[0].folder
    app(["report", str(folder.path), "--real-rows"], standalone_mode=False)
    page = folder.report.read_text()
    assert [cell for cell in real_cells(run) if cell not in page] == []
    assert "Email looks like personal data. To leave them out before you share it" in page
    assert (folder.best / "real.csv").read_bytes() == (folder.exhibits / "real.csv").read_bytes()
    app(["report", str(folder.path), "--no-real-rows"], standalone_mode=False)
    assert [cell for cell in real_cells(run) if cell in folder.report.read_text()] == []
    assert not (folder.best / "real.csv").exists()
    capsys.readouterr()


def test_diagnostics_have_the_values_of_real_rows_and_of_the_best_trivial_baseline(run):
    result = run[0].document
    measured = {one.name: set(one.diagnostics) for one in result.baselines}
    models = [one for one in result.finalists if one.diagnostics]
    assert models
    own = set(models[0].diagnostics)
    copying = {name for name in own if f"{name} of real rows" in own}
    assert copying  # real rows may be rows of train here: what they have of it says nothing
    assert {"column_shapes", "coverage[rows-v1]"} <= measured["real rows"] == measured["marginals"] - copying
    assert measured["real rows"] <= own
    delivered = (
        result.best.name if result.best.trial is None else ""
    )  # a baseline that is delivered has them too
    others = measured.keys() - {"real rows", "marginals", delivered}
    assert all(measured[name] == set() for name in others)
    assert not delivered or measured[delivered] >= measured["real rows"]
    assert set(result.about) >= {result.objective.name, *measured["real rows"]}


def test_a_baseline_that_is_delivered_where_the_model_is_refused_has_diagnostics(tmp_path):
    frame = people(300).assign(total=lambda rows: rows["income"] + rows["bonus"])
    frame["email"] = [f"person{place}@mail.at" for place in range(len(frame))]
    given = {
        "data": str(write_csv(tmp_path, frame)),
        "budget": "1trials",
        "families": ["trees"],
        "objective": "kd",
        "executor": "inprocess",
        "seed": 1,
    }
    found = start(Settings.of(given, "a test"), out=tmp_path / "run").document
    assert found.best.trial is None
    assert found.best.name != "marginals"  # which has them as the floor
    measured = {one.name: set(one.diagnostics) for one in found.baselines}
    assert measured[found.best.name] >= measured["real rows"] > {"column_shapes"}


def test_found_rules_are_offered_by_the_result_the_report_and_on_the_terminal(run, capsys):
    result, _ = run
    assert result.found_rules == ["income <= total"]
    assert "--rule &quot;income &lt;= total&quot;" in result.folder.report.read_text()
    print_verdict(result)
    assert 'to make samples keep them: --rule "income <= total"' in capsys.readouterr().out


def test_a_damaged_list_of_columns_is_left_out_of_the_report(run, tmp_path):
    result, _ = run
    (result.folder.path / "exhibits/columns.json").write_text('[{"name": 3}]')
    autogen.engine.report_data.write_report(RunFolder.open(result.folder.path))
    assert "Cells as read" not in result.folder.report.read_text()
    (result.folder.path / "exhibits/exhibits.json").write_text('{"relations": {"rules": 7}}')
    assert relations_of(result.folder) is None
    assert Relations(columns=[], differences=[], pairs=[], rules=7).options() == []


def test_a_finished_run_is_returned_as_it_is(run):
    result, _ = run
    assert resume(result.folder.path).verdict == result.verdict


def test_rows_are_printed_without_a_file(run, command_line):
    result, _ = run
    code, out, _ = command_line("sample", result.folder.path)
    header, *rows = out.splitlines()
    assert (code, len(rows)) == (0, 5)
    assert header.startswith("name,age")
    assert len(command_line("sample", result.folder.path, "-n", "2")[1].splitlines()) == 3


def test_a_format_is_printed_as_it_is_where_no_terminal_shows_it(run, command_line):
    result, _ = run
    code, out, _ = command_line("sample", result.folder.path, "--format", "tsv")
    assert code == 0
    assert out.startswith("name\tage")
    code, out, err = command_line("sample", result.folder.path, "--format", "nosuch")
    assert (code, out) == (2, "")
    assert "no format 'nosuch'" in err


def test_a_trial_of_a_run_is_sampled_by_its_number(finished_run, command_line, tmp_path):
    path = finished_run.folder.path
    number = int(finished_run.leaderboard().query("state == 'complete'")["trial"].iloc[-1])
    for name, source in (("a", f"{path}:{number}"), ("b", path / f"trials/{number:04d}")):
        assert command_line("sample", source, "-n", "2", "-o", tmp_path / f"{name}.npz")[0] == 0
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    code, _, err = command_line("sample", f"{path}:99")
    assert (code, err) == (2, f"error: {path} has no trial 99; its trials are 0 to 2\n")


@pytest.mark.parametrize("wrong", ["0", -1, 1.5, None, True])
def test_a_model_is_asked_for_by_the_number_of_its_trial(finished_run, wrong):
    with pytest.raises(RunError, match="a trial is named by its whole number, such as 0; got"):
        finished_run.model_of(wrong)
