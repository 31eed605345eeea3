import math
import os
import random
import subprocess
import sys
import tomllib
from dataclasses import replace

import pytest

from autogen.cli.options import parse_columns, parse_options
from autogen.engine.settings import Settings
from autogen.errors import SettingsError, UnknownNameError
from autogen.executors.local.placement import LocalOptions
from autogen.executors.ray.options import RayOptions, parse_bytes


def test_settings_are_written_as_toml_and_read_back(tmp_path):
    settings = Settings(
        data="people.csv",
        families=("vae", "gan"),
        budget="5m",
        rules=("signup <= last_login", '"a<b", \'c"d\' -> city'),
        columns={"zip": "categorical"},
        options={"size": 16},
    )
    path = tmp_path / "study.toml"
    path.write_text(settings.to_toml({"sha256": {"data": "ab"}, "versions": {"autogen": "0.1.0"}}))
    assert Settings.of(Settings.load(path), "study.toml") == settings
    assert tomllib.loads(path.read_text())["sha256"] == {"data": "ab"}


def test_names_and_values_of_any_characters_survive_writing():
    rng, odd = (
        random.Random(0),
        ['"', "'", "\\", "\x7f", "\x00", "\n", "\r\n", "#", "]", "=", "\u2028", "é", "😀", ""],
    )
    values = [1e-300, -0.0, 1e22, 5e-324, 2**63, True, -math.inf, ["a", 1, 0.5]]
    for _ in range(50):
        texts = ["".join(rng.choices(odd, k=4)) for _ in range(4)]
        settings = Settings(
            data=texts[0],
            families=(texts[1], texts[2]),
            columns={texts[1]: texts[3]},
            options=dict(zip(rng.sample(odd, 8), values, strict=True)),
        )
        text = settings.to_toml({"versions": {texts[2]: texts[3]}})
        read = tomllib.loads(text)
        assert read.pop("versions") == {texts[2]: texts[3]}
        assert repr(Settings.of(read, "study.toml")) == repr(settings)


@pytest.mark.parametrize("value", [None, {"a": 1}, [[1]]])
def test_an_option_that_no_study_toml_can_hold_is_refused(value):
    with pytest.raises(SettingsError, match="options.size must be a text, a number or a list of them; got "):
        Settings(options={"size": value})


def test_an_unknown_setting_suggests_the_nearest():
    with pytest.raises(SettingsError, match="did you mean 'budget'"):
        Settings.of({"budgte": "5m"}, "study.toml")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"budget": "0s"}, "budget"),
        ({"budget": 10}, "budget must be a text; got 10"),
        ({"workers": -1}, "workers must be at least 0"),
        ({"workers": "two"}, "workers must be a whole number"),
        ({"workers": True}, "workers must be a whole number"),
        ({"retrain": "1"}, "retrain must be a number of seeds, at least 2"),
        ({"retrain": "often"}, "retrain must be a number of seeds, at least 2, or auto or no"),
        ({"finalists": 0}, "finalists must be at least 1"),
        ({"trial_timeout": "10trials"}, "trial_timeout must be a time above 0, as 30m"),
        ({"trial_timeout": "30m,20trials"}, "trial_timeout must be a time above 0, as 30m"),
        ({"trial_timeout": "0"}, "trial_timeout must be a time above 0, as 30m; got '0'"),
        ({"families": "vae"}, "families must be a list"),
        ({"executor": "ray", "gpus_per_trial": -0.5}, "gpus_per_trial is a share"),
        ({"executor": "ray", "gpus_per_trial": 1.5}, "gpus_per_trial is a share"),
        ({"executor": "ray", "gpus_per_trial": "all"}, "gpus_per_trial is a number"),
        ({"executor": "ray", "memory_per_trial": "much"}, "memory looks like 500MB"),
        ({"address": "auto"}, "address is an option of the executor ray, not of local; add executor = 'ray'"),
        ({"storage": "/mnt"}, "storage is an option of the executor ray, not of local; add executor"),
        (
            {"executor_options": {"devise": "cpu"}},
            "executor local: 'devise'; there are device.*mean 'device'",
        ),
        (
            {"executor_options": {"quota": 3}},
            "unknown option of the executor local: 'quota'",
        ),
        ({"executor_options": "device=cpu"}, "executor_options must be a table"),
        ({"columns": "zip"}, "columns must be a table"),
        ({"rules": "zip -> city"}, "rules must be a list of texts; got 'zip -> city'"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_setting(values, message):
    with pytest.raises(SettingsError, match=message) as caught:
        Settings.of(values, "here")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "near"), [("sampler", "bayesian"), ("pruner", "median"), ("executor", "local")]
)
def test_an_unknown_plug_in_suggests_the_nearest(name, near):
    with pytest.raises(UnknownNameError, match=f"unknown {name} '{near}s'.*Did you mean '{near}'"):
        Settings.of({name: near + "s"}, "here")


def test_a_missing_or_broken_file_is_one_line(tmp_path):
    with pytest.raises(SettingsError, match="cannot read"):
        Settings.load(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("budget = [")
    with pytest.raises(SettingsError, match="is not TOML"):
        Settings.load(tmp_path / "bad.toml")


def test_more_budget_adds_to_the_present_one():
    assert Settings(budget="10m").with_budget("+5m").budget == "900s"
    assert Settings(budget="10m").with_budget("5trials").budget == "5trials"


def test_a_number_may_be_written_whole():
    assert Settings.of({"executor": "ray", "gpus_per_trial": 1}, "study.toml").execution == RayOptions(
        gpus_per_trial=1.0
    )


@pytest.mark.parametrize("given", [{"replicas": 2}, {"replicas": "2"}, {"executor_options": {"replicas": 2}}])
def test_replicas_are_given_as_a_number_or_a_text(given):
    settings = Settings.of({"data": "digits"} | given, "study.toml")
    assert settings.execution == LocalOptions(replicas="2")
    assert settings.executor_options == {"replicas": "2"}


def test_auto_replicas_follow_from_the_trials_of_the_budget():
    settings = Settings.of({"data": "digits", "replicas": "auto", "budget": "1trials"}, "study.toml")
    assert settings.execution.replica_count() == settings.execution.devices()
    assert replace(settings, budget="10m").execution.replica_count() == 1


def test_options_of_an_executor_stand_in_their_table_or_as_settings_of_their_own(tmp_path):
    beside = {"executor": "ray", "address": "head:6379", "gpus_per_trial": 0.5, "memory_per_trial": ""}
    table = {"executor": "ray", "executor_options": {"address": "head:6379", "gpus_per_trial": "0.5"}}
    settings = Settings.of(beside, "study.toml")
    assert settings == Settings.of(table, "study.toml")
    assert settings.execution == RayOptions("head:6379", 0.5)
    (tmp_path / "study.toml").write_text(settings.to_toml({}))
    written = tomllib.loads((tmp_path / "study.toml").read_text())
    assert written["executor_options"] == {"address": "head:6379", "gpus_per_trial": 0.5}
    assert Settings.of(Settings.load(tmp_path / "study.toml"), "study.toml") == settings


def test_a_study_of_an_older_autogen_still_opens(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(
        'data = "digits"\nexecutor = "local"\naddress = ""\ndevice = "cpu"\ngpus_per_trial = 0.0\n'
        'memory_per_trial = ""\nstorage = ""\n'
    )
    assert Settings.of(Settings.load(path), "study.toml").executor_options == {"device": "cpu"}


def test_kinds_of_columns_are_given_by_name():
    assert parse_columns(["zip=categorical", "a=b=drop"]) == {"zip": "categorical", "a=b": "drop"}
    for text in ("zip", "=drop", "zip="):
        with pytest.raises(SettingsError, match="NAME=KIND, such as zip=categorical"):
            parse_columns([text])


def test_options_of_a_kind_of_data_are_given_by_name():
    assert parse_options(["size=32", "tokens = bpe", "field=a=b"]) == {
        "size": 32,
        "tokens": "bpe",
        "field": "a=b",
    }
    for text in ("size", "=32", "size="):
        with pytest.raises(SettingsError, match="NAME=VALUE, such as size=32"):
            parse_options([text])


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 0), ("2GB", 2 * 10**9), ("500 mb", 5 * 10**8), ("1.5GiB", 3 * 2**29)],
)
def test_amounts_of_memory(text, expected):
    assert parse_bytes(text) == expected


@pytest.mark.parametrize("text", ["0", "0GB", "-1GB"])
def test_no_memory_at_all_is_no_limit_that_a_worker_can_keep(text):
    with pytest.raises(SettingsError, match="looks like 500MB or 2GB"):
        parse_bytes(text)


def test_more_memory_than_there_can_be_is_refused():
    with pytest.raises(SettingsError, match="more memory than any machine has"):
        parse_bytes("9" * 400 + "GB")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"device": "gpu"}, "device is cpu or cuda, not 'gpu'"),
        (
            {"device": "cuda", "executor": "ray"},
            "device is an option of the executor inprocess or local, not",
        ),
    ],
)
def test_a_device_that_cannot_be_is_refused(settings, expected):
    with pytest.raises(SettingsError, match=expected):
        Settings.of(settings, "here")


def test_a_cluster_says_how_many_workers_there_are():
    assert Settings(executor="ray").worker_count == 0
    assert Settings(executor="ray", workers=3).worker_count == 3


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ({"families": [1]}, "families must be a list of names; got 1 in it"),
        ({"judge": [None]}, "judge must be a list of names"),
        ({"constraints": {"latency": 20}}, "constraints.latency must be a text such as"),
        ({"columns": {"a": 1}}, "columns.a must be a text such as"),
    ],
)
def test_what_lists_and_tables_hold_is_checked(values, match):
    with pytest.raises(SettingsError, match=match):
        Settings.of(values, "study.toml")


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity on this system")
def test_workers_are_as_many_as_the_cores_that_this_process_may_use():
    one = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
    told = "from autogen.engine.settings import Settings; print(Settings(data='digits').worker_count)"
    found = subprocess.run([sys.executable, "-c", one + told], capture_output=True, text=True, check=True)
    assert found.stdout == "1\n"


@pytest.mark.parametrize(
    ("values", "seeds"),
    [
        ({}, 0),
        ({"budget": "30m"}, 5),
        ({"budget": "29m"}, 0),
        ({"budget": "30m", "retrain": "no"}, 0),
        ({"budget": "200trials"}, 0),
        ({"retrain": 3}, 3),
        ({"retrain": 0, "budget": "2h"}, 0),
        ({"confirm_seeds": 4}, 4),  # of a study.toml that an older autogen wrote
    ],
)
def test_configs_are_trained_again_where_asked_or_where_the_budget_is_long(values, seeds):
    assert Settings.of(values, "a test").retrain_seeds == seeds


def test_a_file_of_an_older_autogen_opens(tmp_path):
    (tmp_path / "study.toml").write_text('data = "digits"\nconfirm_seeds = 5\n')
    assert Settings.load(tmp_path / "study.toml") == {"data": "digits", "retrain": "5"}


@pytest.mark.parametrize(
    ("budget", "asked", "rows"),
    [
        ("30s", 0, 2500),
        ("59s", 0, 4916),
        ("60s", 0, 0),
        ("20trials", 0, 0),
        ("3s", 0, 500),
        ("30s", 700, 700),
        ("2h", 700, 700),
    ],
)
def test_scores_use_a_share_of_the_held_out_rows_where_the_budget_is_short(budget, asked, rows):
    assert Settings(budget=budget, eval_rows=asked).scored_rows(5000) == rows
