"""Whatever a stranger's run folder holds: no command dies of it, runs it, or writes outside of the folder."""

import json
import os
import subprocess
import sys

import pytest

import autogen
from tests.engine.disk.study import DATA, SPACE

#: Every how many variants are tried of well over a thousand; 1 for all.
STRIDE = int(os.environ.get("AUTOGEN_TEST_VARIANTS", "11"))
#: Every how many of these are resumed too, which trains and tests a model; 1 for all.
RESUMED = int(os.environ.get("AUTOGEN_TEST_RESUMED", "6"))

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.mark.skipif(sys.platform != "linux", reason="limits its memory by what Linux tells")
@pytest.mark.parametrize(("source", "least"), [("wine", 120), (DATA, 30)], ids=["table", "images"])
def test_no_command_dies_of_a_hostile_run_folder(tmp_path, source, least):
    (tmp_path / "space.toml").write_text(SPACE)
    options = {"budget": "2trials", "finalists": 2, "workers": 1, "models_only": True, "sampler": "random"}
    options |= {"objective": "kd"}
    autogen.search(source, out=tmp_path / "sound", space=str(tmp_path / "space.toml"), **options)
    (tmp_path / "attacked").mkdir()
    command = [sys.executable, "-m", "tests.engine.hostile.attack", tmp_path / "sound", tmp_path / "attacked"]
    stride = STRIDE if least > 100 else 3 * STRIDE  # most files of images are like those of a table
    ran = subprocess.run([*command, str(stride), str(RESUMED)], check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    tried = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(tried) >= least
    assert [one for one in tried if one["wrong"]] == []
