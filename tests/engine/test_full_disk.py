"""A disk that is full, fails or is read-only: at each write of a study, and for real."""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autogen.cli import app as cli
from tests.engine.disk.study import DATA, SPACE, outcome

HERE = Path(__file__).parent / "disk"
#: Every how many kinds of writes are tried; 0 for each single write of the study.
STRIDE = os.environ.get("AUTOGEN_TEST_WRITES", "18")

pytestmark = pytest.mark.slow


@pytest.mark.timeout(300 if int(STRIDE) else 7200)
@pytest.mark.skipif(not (shutil.which("cc") and sys.platform == "linux"), reason="needs a C compiler")
def test_a_failed_write_stops_the_study_and_resuming_it_ends_as_if_nothing_had_happened(tmp_path):
    library = tmp_path / "failing.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, HERE / "failing.c", "-ldl"], check=True)
    command = [sys.executable, "-m", "tests.engine.disk.study", str(tmp_path), STRIDE]
    environment = {**os.environ, "LD_PRELOAD": str(library)}
    out = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    tried = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    assert len(tried) > 3
    assert [one for one in tried if one["wrong"]] == []


@pytest.fixture
def disk(tmp_path):
    """A disk of 200 kB of its own, which can be enlarged."""
    place = tmp_path / "disk"
    place.mkdir()
    options = ["-t", "tmpfs", "-o", "size=200k", "none", str(place)]
    if os.geteuid() != 0 or subprocess.run(["mount", *options], check=False, capture_output=True).returncode:
        pytest.skip("needs root, and the right to mount")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """The arguments of a study, and what comes of it undisturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "space.toml").write_text(SPACE.replace("width = 16", "width = 64"))
    np.savez(folder / "images.npz", images=DATA)
    flags = ["--budget", "2trials", "--workers", "1", "--seed", "7", "--quiet", "--models-only"]
    flags += ["--sampler", "random", "--pruner", "none", "--space", str(folder / "space.toml")]
    start = ["run", str(folder / "images.npz"), *flags]
    assert autogen(*start, "--out", str(folder / "run")) == (0, "")
    return start, outcome(folder / "run")


@pytest.mark.parametrize("filled", [0, 130], ids="{} kB are taken".format)
def test_a_study_on_a_small_disk_stops_and_ends_alike_with_more_space(disk, start, filled):
    arguments, undisturbed = start
    (disk / "filler").write_bytes(bytes(1024 * filled))
    code, said = autogen(*arguments, "--out", str(disk / "run"))
    assert (code, said.count("\n")) == (2, 1), said
    assert "cannot write" in said
    assert '"failed"' not in (disk / "run/journal.jsonl").read_text()
    subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
    assert autogen("resume", str(disk / "run"), "--quiet")[0] == 0
    assert outcome(disk / "run") == undisturbed


def autogen(*arguments):
    """Run a command: its exit code, and what it says on stderr."""
    said, code = io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stderr(said):
        patch.setattr(sys, "argv", ["autogen", *arguments])
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
    return code, said.getvalue()
