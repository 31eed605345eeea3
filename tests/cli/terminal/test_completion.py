"""Completion in a real bash: commands, options and their values."""

import os
import shutil
import subprocess
import sys

import pytest
from typer.main import get_command

from autogen.cli.app import app
from autogen.cli.terminal.completion import COMPLETE
from autogen.hpo.space.shipped import space_names

BASH = shutil.which("bash")
MAIN = "import sys; sys.argv[0] = 'autogen'; from autogen.cli.app import main; main()"


@pytest.fixture
def press_tab(tmp_path):
    """What bash offers when TAB is pressed behind the last of some words."""
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin/autogen"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{MAIN}" "$@"\n')
    command.chmod(0o755)
    inside = os.environ | {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}

    def bash(script, **more):
        done = subprocess.run(
            [BASH, "--norc", "-c", script],
            cwd=tmp_path,
            env=inside | more,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        return done.stdout

    (tmp_path / "completion").write_text(bash("autogen", _AUTOGEN_COMPLETE="source_bash"))

    def press(*words):
        quoted = " ".join(f"'{word}'" for word in words)
        return bash(
            f"source completion; COMP_WORDS=(autogen {quoted}); COMP_CWORD={len(words)}; "
            "_autogen_completion autogen; printf '%s\\n' \"${COMPREPLY[@]}\""
        ).split()

    return press


@pytest.mark.slow
@pytest.mark.skipif(BASH is None, reason="bash is not installed")
def test_bash_completes_names_lists_and_runs(press_tab, tmp_path):
    assert press_tab("exp") == ["export"]
    assert press_tab("run", "--fam") == ["--families"]
    assert press_tab("run", "digits", "--families", "vae,") == [
        f"vae,{name}"
        for name in ("autoregressive", "flow", "gan", "latent", "markov", "mixture", "pretrained", "trees")
    ]
    assert press_tab("run", "digits", "--families", "=", "tr") == ["trees"]  # so bash cuts --families=tr
    assert press_tab("run", "digits", "--pruner", "h") == ["halving", "hyperband"]
    assert press_tab("run", "--seed", "=", "1", "--families", "=") == press_tab("run", "--families", "")
    (tmp_path / "digits.csv").touch()
    (tmp_path / "data.csv").touch()
    assert press_tab("run", "di") == ["digits", "digits.csv"]
    assert press_tab("run", "da") == []  # bash completes files itself
    for run in ("runs/mine-1", "runs/mine-2", "runs/none"):
        (tmp_path / run).mkdir(parents=True)
    for run in ("runs/mine-1", "runs/mine-2"):
        (tmp_path / run / "study.toml").touch()
    assert press_tab("sample", "ru") == press_tab("report", "runs/") == ["runs/mine-1", "runs/mine-2"]
    assert press_tab("compare", "runs/mine-1", "runs/mine-2") == ["runs/mine-2"]
    assert press_tab("sample", "runs/mine-1", "--format", "j") == ["jsonl"]


COMMANDS = get_command(app).commands


def values(command, option, incomplete=""):
    (parameter,) = [one for one in COMMANDS[command].params if option in (one.name, *one.opts)]
    context = COMMANDS[command].make_context(command, [], resilient_parsing=True)
    return [item.value for item in parameter.shell_complete(context, incomplete)]


@pytest.mark.parametrize(
    ("command", "option", "incomplete", "expected"),
    [
        ("run", "--kind", "", ["image", "music", "tabular", "text"]),
        ("run", "--space", "image", ["image", "image_tiny"]),
        ("spaces", "--show", "", list(space_names())),
        ("run", "--objective", "c2st,lat", ["c2st,latency"]),
        ("score", "--metric", "column_shapes,col", []),
        ("score", "--metric", "tst", ["tstr"]),
        ("judge", "--metric", "groundedness.", ["groundedness.embedded", "groundedness.judge"]),
        ("run", "--judge", "flu", ["fluency.embedded", "fluency.judge"]),
        ("run", "--sampler", "", ["bayesian", "grid", "parego", "random"]),
        ("benchmark", "--executor", "", ["inprocess", "local", "ray"]),
        ("export", "--track", "m", ["mlflow"]),
        ("run", "--features", "mini", ["minilm"]),
        ("benchmark", "plan", "ti", ["tiny"]),
        ("run", "--device", "", ["cpu", "cuda"]),
    ],
)
def test_values_that_are_names_are_completed(command, option, incomplete, expected):
    assert values(command, option, incomplete) == expected


def test_each_completed_parameter_exists():
    known = {parameter.name for command in COMMANDS.values() for parameter in command.params}
    known |= {f"{name}.{one.name}" for name, command in COMMANDS.items() for one in command.params}
    assert set(COMPLETE) <= known
