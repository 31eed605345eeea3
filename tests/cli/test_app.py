"""Bad input on the command line: one line, exit code 2, nothing lost."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import autogen

SOUND = "sound: settings, journal, models and result; every trial ended exactly once\n"
SPACE = """
about = "Trials of a second."
[vae.training]
lr = { float = [1e-4, 1e-2], log = true, default = 1e-3 }
steps = 20
"""


@pytest.fixture
def call(command_line):
    return command_line


def refused(called, *words):
    """Whether a call was refused in one line that has these words."""
    code, _, err = called
    assert code == 2, err
    assert err.startswith("error: ")
    assert err.count("\n") == 1, err
    for word in words:
        assert word in err
    return True


def images(path, count, size=8):
    from PIL import Image

    path.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(0)
    for number in range(count):
        Image.fromarray(draw.integers(0, 255, (size, size), dtype=np.uint8)).save(path / f"{number}.png")
    return path


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("search", "`autogen run`"),
        ("evaluate", "`autogen score`"),
        ("scor", "'score'"),
        ("zzz", "run, resume"),
    ],
)
def test_a_command_that_does_not_exist_suggests_the_right_one(call, wrong, right):
    assert refused(call(wrong, "digits"), f"no command '{wrong}'", right)


def test_every_synonym_stands_for_a_command_and_is_none():
    from autogen.cli.app import SYNONYMS, app

    commands = {command.callback.__name__ for command in app.registered_commands}
    assert set(SYNONYMS.values()) <= commands
    assert not commands & set(SYNONYMS)


@pytest.mark.parametrize(
    ("given", "ours"),
    [
        (("--timeout", "5"), "--budget 5s"),
        (("--time-limit=2h",), "--budget 2h"),
        (("--minutes", "3"), "--budget 3m"),
        (("--timeout", "soon"), "--budget 10m"),
        (("--n-trials", "5"), "--budget 5trials"),
        (("--n_trials=7",), "--budget 7trials"),
        (("--trials",), "--budget 50trials"),
        (("--metric", "fd"), "--objective fd"),
        (("--metric", "FID"), "--objective fd"),
        (("--metric", "what"), "--objective NAME"),
        (("--n-jobs", "7"), "--workers 7"),
        (("--n-jobs", "-1"), "--workers 0"),
        (("--random-state", "13"), "--seed 13"),
        (("--study-name", "my study"), "--out runs/my-study"),
        (("--drop-column", "alive"), "--column alive=drop"),
        (("--model", "gpt2"), "--pretrained gpt2"),
        (("--model", "--quiet"), "--pretrained FOLDER"),
        (("--budgte", "10m"), "'--budget'"),
    ],
)
def test_an_option_of_other_tools_or_with_a_typo_suggests_ours(call, given, ours):
    name = given[0].partition("=")[0]
    assert refused(call("run", "digits", *given), f"no option {name}. Did you mean {ours}?", "run --help")


def test_who_wants_more_words_is_told_what_there_is(call):
    said = "no option --verbose. Progress is shown by default; --quiet hides it, --json"
    assert refused(call("run", "digits", "--verbose"), said)
    assert "--quiet" not in call("sample", "runs/digits", "--verbose")[2]


def test_a_second_value_of_an_option_that_has_one_is_refused(call, tmp_path):
    assert refused(call("export", "r", "--hub", "a", "--hub", "b"), "--hub is given 2 times, but has one")
    assert refused(call("run", "digits", "--seed=1", "--seed", "2"), "--seed is given 2 times")
    assert list(tmp_path.iterdir()) == []


def test_a_direction_is_not_an_option_but_each_metric_s_own(call):
    given = ("run", "digits", "--direction", "minimize")
    assert refused(call(*given), "no option --direction. Leave it out: each metric knows whether")


@pytest.mark.parametrize(
    ("given", "near"),
    [
        (("--sampler", "TPESampler"), "Did you mean 'bayesian'?"),
        (("--sampler", "nsgaii"), "Did you mean 'parego'?"),
        (("--pruner", "MedianPruner"), "Did you mean 'median'?"),
        (("--pruner", "ASHAScheduler"), "Did you mean 'halving'?"),
        (("--budget", "30"), "did you mean 30s, 30m or 30trials?"),
        (("--storage", "sqlite:///x.db"), "use --track optuna:sqlite:///x.db"),
    ],
)
def test_values_of_other_tools_suggest_ours(call, given, near):
    assert refused(call("run", "digits", *given), near)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "near"),
    [
        (("--objective", "fid"), "train_seconds, throughput. Did you mean 'fd'?"),
        (("--families", "ctgan"), "Did you mean 'gan'?"),
    ],
)
def test_metrics_and_families_of_other_tools_suggest_ours(call, given, near):
    assert refused(call("run", "digits", *given), near)


def test_the_options_that_stand_for_those_of_other_tools_exist():
    from typer.main import get_command

    from autogen.cli.app import app
    from autogen.cli.terminal.habits import HABITS

    commands = get_command(app).commands.values()
    known = {option for command in commands for one in command.params for option in one.opts}
    said = [suggest(value) for suggest in HABITS.values() for value in ("", "5", "x y")]
    assert {word for ours in said for word in re.findall(r"(?<!\S)-[-\w]+", ours)} <= known


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("run",), "missing argument 'DATA'; see"),
        (("run", "a.txt", "--model", "gpt2"), "no option --model. Did you mean --pretrained gpt2? See"),
        (("run", "digits", "--budget"), "option '--budget' requires an argument; see"),
        (("run", "digits", "--workers", "two"), "invalid value for '--workers'"),
        (("score", "a.csv"), "missing option '--against'; see"),
        (("--vresion",), "no option --vresion. Did you mean '--version'?"),
        (("--install-completion", "nix"), "takes no name; got 'nix'"),
    ],
)
def test_a_wrong_call_is_one_line(call, given, words):
    assert refused(call(*given), words)


def test_a_mistyped_built_in_set_suggests_the_right_one(call):
    assert refused(call("run", "digts"), "digts", "digits")


def test_an_empty_csv_is_refused(call, tmp_path):
    (tmp_path / "empty.csv").touch()
    assert refused(call("run", "empty.csv"), "empty.csv")


def test_a_table_of_one_row_is_refused(call, tmp_path):
    (tmp_path / "one.csv").write_text("a,b\n1,2\n")
    assert refused(call("run", "one.csv"), "one.csv", "1 row")


def test_a_folder_of_one_image_is_refused(call, tmp_path):
    images(tmp_path / "one", 1)
    assert refused(call("run", "one"), "1 image")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--families", "vea"), ("'vea'", "vae")),
        (("--objective", "kdd"), ("'kdd'", "kd")),
        (("--objective", "c2st"), ("c2st", "tabular")),
        (("--sampler", "bayes"), ("'bayes'", "bayesian")),
        (("--pruner", "halvin"), ("'halvin'", "halving")),
        (("--budget", "0"), ("budget",)),
        (("--budget", "0s"), ("budget",)),
        (("--space", "no.toml"), ("no.toml",)),
        (("--space", "tabular_tiny"), ("tabular_tiny is for rows, but digits holds images",)),
        (("--sampler", "grid"), ("grid", "infinitely many", "vae.training.lr")),
    ],
)
def test_a_bad_setting_is_refused_before_anything_is_written(call, tmp_path, arguments, words):
    assert refused(call("run", "digits", *arguments), *words)
    assert list(tmp_path.iterdir()) == []


def test_a_setting_that_does_not_exist_is_named(call, tmp_path):
    (tmp_path / "study.toml").write_text('data = "digits"\nbudgte = "5m"\n')
    assert refused(call("run", "study.toml"), "budgte", "budget")


def test_an_output_folder_that_is_not_empty_is_left_alone(call, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.txt").touch()
    assert refused(call("run", "digits", "--out", "out"), "not empty")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.txt"]


def test_an_output_folder_that_cannot_be_made_is_refused(call):
    assert refused(call("run", "digits", "--out", "/proc/none"), "/proc/none")


def test_a_space_of_ones_own_is_validated(call, tmp_path):
    (tmp_path / "mine.toml").write_text("[vae.training]\nlr = { float = [1, 0.1] }\n")
    assert refused(call("spaces", "--check", "mine.toml"), "mine.toml", "lr")
    (tmp_path / "mine.toml").write_text(SPACE)
    assert "mine.toml" in call("spaces", "--check", "mine.toml")[1]


def test_commands_on_what_is_no_run_are_refused(call, tmp_path):
    for command in ("resume", "report", "check"):
        assert refused(call(command, tmp_path), "not the folder of a run")
    assert refused(call("sample", tmp_path, "-o", "x.png"), str(tmp_path))


def test_a_file_whose_name_is_no_unicode_is_refused_before_anything_is_written(call, tmp_path):
    name = tmp_path / "b\udce4r.csv"
    name.write_bytes(b"a,b\n" + b"1,2\n" * 200)
    assert refused(call("run", name), "is not UTF-8", "rename")
    assert [path.name for path in tmp_path.iterdir()] == [name.name]


def test_a_damaged_study_is_one_line(call, tmp_path):
    (tmp_path / "study.toml").write_text("data = ")
    (tmp_path / "journal.jsonl").write_text(
        '{"format":"autogen-journal","version":1}\n{"e":"start","objective":{"name":"kd","version":1,"direction":"minimize"},"t":0}\n'
    )
    assert refused(call("report", tmp_path), "study.toml is damaged")


def test_plug_ins_are_listed_with_their_place(call):
    _, out, _ = call("plugins")
    assert "autogen.hpo.samplers.bayesian:BayesianSampler" in out


@pytest.mark.slow
def test_a_run_leaves_its_folder_and_can_be_sampled_reported_and_finished_again(call, tmp_path):
    (tmp_path / "mine.toml").write_text(SPACE)
    options = ("--space", "mine.toml", "--budget", "3trials", "--workers", "1")
    code, out, err = call("run", "digits", *options, "--out", "run", "--json")
    assert code == 0, err
    result = json.loads(out)
    assert result == json.loads((tmp_path / "run/result.json").read_text())
    assert result["trials"]["total"] == 3
    for name in ("study.toml", "journal.jsonl", "leaderboard.csv", "report.html", "best/model.safetensors"):
        assert (tmp_path / "run" / name).exists()
    assert call("sample", "run", "-n", "9", "-o", "nine.npz")[0] == 0
    first = np.load(tmp_path / "nine.npz")
    assert call("sample", "run", "-n", "9", "-o", "again.npz")[0] == 0
    second = np.load(tmp_path / "again.npz")
    assert all(np.array_equal(first[name], second[name]) for name in first.files)
    assert call("check", "run")[1] == SOUND
    assert json.loads(call("resume", "run", "--json")[1]) == result
    assert call("report", "run")[0] == 0
    code, out, err = call("resume", "run", "--budget", "+2trials", "--json")
    assert code == 0, err
    assert json.loads(out)["trials"]["total"] == 5
    assert refused(call("run", "digits", "--out", "run"), "autogen resume run")


@pytest.mark.slow
def test_help_and_spaces_import_nothing_heavy():
    for command in ("--help", "spaces"):
        ran = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "autogen.cli.app", command],
            check=True,
            capture_output=True,
            text=True,
        )
        imported = {line.rpartition("|")[2].strip() for line in ran.stderr.splitlines()}
        assert not imported & {"torch", "pandas", "sklearn", "optuna", "plotly"}


@pytest.mark.slow
def test_the_package_can_be_run_as_a_module():
    run = subprocess.run(
        [sys.executable, "-m", "autogen", "spaces"], capture_output=True, text=True, check=True
    )
    assert "image_tiny" in run.stdout


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="takes Linux's full disk")
def test_a_full_disk_below_the_output_is_one_line():
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "autogen", "plugins"]
        run = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (run.returncode, run.stderr.count("\n")) == (2, 1)
    assert "error: the disk is full or fails: [Errno 28] No space left on device" in run.stderr


def test_the_version_is_told(call):
    code, out, _ = call("--version")
    assert (code, out) == (0, f"autogen {autogen.__version__}\n")
