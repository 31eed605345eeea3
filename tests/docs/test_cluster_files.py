"""The files of docs/cluster: what can be checked of them without a cluster."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import typer

import autogen.cli.app

FOLDER = Path(__file__).parents[2] / "docs/cluster"
FILES = sorted(FOLDER.iterdir())


def loaded(name):
    yaml = pytest.importorskip("yaml")
    return yaml.safe_load((FOLDER / name).read_text())


def commands(text):
    """The words of each autogen command in a text, its lines joined."""
    text = re.sub(r"\\\n", " ", text)
    text = re.sub(r"\n\s+(?=--|&&|\|\|)", " ", text)
    found = re.findall(r"(?:^|[\s`'(])(autogen (?:run|resume|report|check) [^\n`'|&;#]*)", text)
    return [shlex.split(one.replace('"', "")) for one in found]


def test_ray_s_own_schema_accepts_the_ray_up_file():
    ray = pytest.importorskip("ray")
    jsonschema = pytest.importorskip("jsonschema")
    schema = Path(ray.__file__).parent / "autoscaler/ray-schema.json"
    jsonschema.validate(loaded("aws.yaml"), json.loads(schema.read_text()))


def test_the_ray_up_file_starts_every_node_with_the_token():
    config = loaded("aws.yaml")
    for key in ("head_start_ray_commands", "worker_start_ray_commands"):
        starts = [command for command in config[key] if "ray start" in command]
        assert starts
        assert all("RAY_AUTH_MODE=token" in command for command in starts)
    assert "~/.ray/auth_token" in config["file_mounts"]
    assert config["head_node_type"] in config["available_node_types"]


def test_the_ray_job_has_what_kuberay_needs_and_an_end():
    job = loaded("rayjob.yaml")
    assert (job["apiVersion"], job["kind"]) == ("ray.io/v1", "RayJob")
    spec = job["spec"]
    assert spec["shutdownAfterJobFinishes"] is True
    assert spec["activeDeadlineSeconds"] > 0
    cluster = spec["rayClusterSpec"]
    assert cluster["authOptions"] == {"mode": "token"}
    for group in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"]):
        pod = group["template"]["spec"]
        mounted = {mount["name"] for one in pod["containers"] for mount in one["volumeMounts"]}
        assert mounted == {volume["name"] for volume in pod["volumes"]}


def test_the_slurm_script_is_bash():
    subprocess.run(["bash", "-n", str(FOLDER / "slurm.sh")], check=True)


@pytest.mark.parametrize("path", [*FILES, FOLDER.with_suffix(".md")], ids=lambda path: path.name)
def test_every_option_of_our_command_line_that_is_named_exists(path):
    group = typer.main.get_command(autogen.cli.app.app)
    found = commands(path.read_text())
    if path.name != "aws.yaml":
        assert found
    for words in found:
        known = {option for one in group.commands[words[1]].params for option in one.opts}
        assert {word.split("=")[0] for word in words if word.startswith("--")} <= known, words


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_option_of_ray_start_that_is_named_exists(path):
    scripts = pytest.importorskip("ray.scripts.scripts")
    known = {option for one in scripts.start.params for option in one.opts}
    text = re.sub(r"\\\n", " ", path.read_text())
    text = re.sub(r"\n\s+(?=--)", " ", text)
    for command in re.findall(r"ray start ([^\n]*)", text):
        assert set(re.findall(r"--[a-z-]+", command)) <= known, command
