"""Whatever a stranger's run folder holds: no command dies of it, runs it, or writes outside of the folder."""

import json
import os
import subprocess
import sys

import pytest

import autogen
from tests.data.music.makers import midi_folder
from tests.data.texts.makers import words
from tests.engine.disk.study import DATA, SPACE

#: Every how many variants are tried of well over a thousand; 1 for all.
STRIDE = int(os.environ.get("AUTOGEN_TEST_VARIANTS", "13"))
#: Every how many of these are resumed too, which trains and tests a model; 1 for all.
RESUMED = int(os.environ.get("AUTOGEN_TEST_RESUMED", "20"))

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def texts(folder):
    (folder / "words.txt").write_text("\n".join(words(300)))
    return folder / "words.txt"


def tunes(folder):
    return midi_folder(folder / "midi", 80)


#: Data, family, every how many of the variants that others have, and least number of variants.
BASES = {
    "table-vae": (lambda _: "wine", "", 1, 100),
    "images-vae": (lambda _: DATA, "", 3, 30),
    "text-markov": (texts, "markov", 24, 4),
    "music-markov": (tunes, "markov", 24, 4),
    "table-gan": (lambda _: "wine", "gan", 24, 4),
    "table-flow": (lambda _: "wine", "flow", 24, 4),
    "table-trees": (lambda _: "wine", "trees", 24, 4),
    "table-autoregressive": (lambda _: "wine", "autoregressive", 24, 4),
    "images-mixture": (lambda _: DATA, "mixture", 24, 4),
}
#: Kind of data of a base, whose small space takes seconds where the usual one takes minutes.
KINDS = {"table": "tabular", "images": "image", "text": "text", "music": "music"}
#: Bases that are attacked at each run of the tests; the others with AUTOGEN_TEST_VARIANTS alone.
ALWAYS = ("table-vae", "images-vae", "text-markov")


@pytest.mark.skipif(sys.platform != "linux", reason="limits its memory by what Linux tells")
@pytest.mark.parametrize("base", BASES)
def test_no_command_dies_of_a_hostile_run_folder(tmp_path, base):
    if base not in ALWAYS and "AUTOGEN_TEST_VARIANTS" not in os.environ:
        pytest.skip("set AUTOGEN_TEST_VARIANTS=1 to attack models of all families")
    data, family, every, least = BASES[base]
    source, options = data(tmp_path), {"finalists": 2, "workers": 1, "models_only": True, "sampler": "random"}
    if family:
        options |= {"families": family, "budget": "1trials", "space": f"{KINDS[base.partition('-')[0]]}_tiny"}
    else:
        (tmp_path / "space.toml").write_text(SPACE)
        options |= {"space": str(tmp_path / "space.toml"), "budget": "2trials", "objective": "kd"}
    autogen.search(source, out=tmp_path / "sound", **options)
    (tmp_path / "attacked").mkdir()
    command = [sys.executable, "-m", "tests.engine.hostile.attack", tmp_path / "sound", tmp_path / "attacked"]
    resumed = 0 if family else RESUMED  # which is about the study, not the model
    command += [str(every * STRIDE), str(resumed)]
    ran = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    tried = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(tried) >= least
    assert [one for one in tried if one["wrong"]] == []


def test_the_guard_sees_what_a_command_must_not_do(tmp_path):
    code = "; ".join(
        [
            "import sys; sys.path.insert(0, sys.argv[1])",
            "from tests.engine.hostile.attack import Guard; guard = Guard()",
            "guard.inside, guard.armed = (sys.argv[1] + '/in',), True",
            "import os, shutil; d = sys.argv[1]",
            "os.mkdir(d + '/in'); os.mkdir(d + '/out')",
            "os.rename(d + '/out', d + '/other'); os.symlink(d, d + '/link'); os.remove(d + '/link')",
            "os.chmod(d + '/other', 0o700); shutil.copyfile(__import__('autogen').__file__, d + '/copy')",
            "os.link(d + '/copy', d + '/hard'); __import__('evil_module')",
        ]
    )
    (tmp_path / "evil_module.py").write_text("")
    command = [
        sys.executable,
        "-c",
        code + "; guard.armed = False; print('\\n'.join(guard.seen))",
        str(tmp_path),
    ]
    seen = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for event in ("mkdir", "rename", "symlink", "remove", "chmod", "link"):
        assert f"os.{event} " in seen
    assert "shutil.copyfile " in seen
    assert "import evil_module" in seen
    assert f"os.mkdir ['{tmp_path}/in']" not in seen
