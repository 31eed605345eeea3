"""Help and version; lists by commas or by repetition; spaces that are shown."""

import re
import shlex

import pytest
from typer.main import get_command

import autogen
from autogen.cli.app import app
from autogen.cli.options import listed, pairs, parse_columns, parse_options
from autogen.cli.terminal.help import EXAMPLES, GROUPS
from autogen.hpo.space.search_space import SearchSpace

COMMANDS = get_command(app).commands


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_examples_whose_options_exist(name):
    for example in EXAMPLES[name]:
        program, command, *arguments = shlex.split(example)
        assert (program, command) == ("autogen", name)
        COMMANDS[name].make_context(name, arguments)  # refuses what it does not know


def test_the_options_of_a_command_stand_in_groups_and_each_once(command_line):
    code, out, _ = command_line("run", "-h")
    assert code == 0
    headings = re.findall(r"^(\w[\w ]*):$", out, re.MULTILINE)
    assert headings == ["Arguments", "Options", "Data", "Search", "Verdict", "Machines", "Output", "Examples"]
    options = re.findall(r"^  (?:-\w, )?(--[\w-]+)", out, re.MULTILINE)
    assert len(options) == len(set(options)) == len(COMMANDS["run"].params)  # DATA is none, --help is one
    assert out == command_line("run", "--help")[1]


def test_what_a_search_begins_from_stands_with_the_search(command_line):
    shown = command_line("run", "-h")[1].partition("\nSearch:\n")[2].partition("\nVerdict:\n")[0]
    assert "--learn-from" in shown
    assert "--init-from" in shown


@pytest.mark.slow
@pytest.mark.parametrize("command", ["run", "export"])
def test_the_place_of_a_tracker_may_hold_commas(command_line, command):
    code, _, err = command_line(command, "digits", "--track", "logging:nosuch,place/a,b")
    assert code == 2
    assert "the tracker logging:nosuch,place/a,b cannot be used" in err


def test_each_group_has_options_that_some_command_has():
    known = {parameter.name for command in COMMANDS.values() for parameter in command.params}
    assert {name for names in GROUPS.values() for name in names} <= known


def test_short_names_of_help_and_version(command_line):
    assert command_line("-V") == command_line("--version") == (0, f"autogen {autogen.__version__}\n", "")
    assert command_line("-h")[1] == command_line("--help")[1]


def test_a_number_of_samples_is_n_wherever_there_is_one():
    named = {
        name: parameter.opts
        for name, command in COMMANDS.items()
        for parameter in command.params
        if parameter.name == "n"
    }
    assert named == {name: ["-n", "--n"] for name in ("sample", "score", "judge")}


def test_lists_are_given_by_commas_or_by_repetition():
    assert listed(["vae, gan", "trees"]) == listed(["vae,gan,trees"]) == ["vae", "gan", "trees"]
    assert listed(None) == listed(["", ","]) == []
    assert pairs(["a=1,b=2", "c=3"]) == ["a=1", "b=2", "c=3"]
    assert parse_options(["size=32,tokens=bpe"]) == {"size": 32, "tokens": "bpe"}
    assert parse_options(["arrays=x,y"]) == {"arrays": "x,y"}
    assert parse_columns(["zip=categorical,age=number"]) == {"zip": "categorical", "age": "number"}
    assert parse_columns(["grade=S < M < L"]) == {"grade": "S < M < L"}


@pytest.mark.parametrize("given", [("--families", "vae,gna"), ("--families", "vae", "--families", "gna")])
def test_a_name_in_a_list_is_checked(command_line, given):
    code, _, err = command_line("run", "digits", *given)
    assert code == 2
    assert "unknown family 'gna'" in err


def test_a_space_is_shown_as_a_file_that_can_be_used(command_line, tmp_path):
    code, out, _ = command_line("spaces", "--show", "image_tiny")
    assert code == 0
    shown = SearchSpace.parse(out)
    assert shown.families == SearchSpace.load("image_tiny").families
    assert shown.to_toml() == SearchSpace.load("image_tiny").to_toml()
    code, _, err = command_line("spaces", "--show", "image_tony")
    assert (code, err.count("\n")) == (2, 1)
    assert "image_tiny" in err
