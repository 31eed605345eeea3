"""What each column was taken for, in a run: said before training, kept in its folder, shown in its report."""

import json

import pytest

import autogen
from autogen.cli.terminal.verdict import print_verdict
from autogen.engine.engine import resume, start
from autogen.engine.report_data import found_rules
from autogen.engine.run_folder import RunFolder
from autogen.engine.settings import Settings
from tests.data.makers import people, write_csv

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    frame = people(500).assign(total=lambda rows: rows["income"] + rows["bonus"])
    given = {"data": str(write_csv(folder, frame)), "budget": "2trials", "families": ["trees"]}
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
    assert found_rules(result.folder) == []


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
