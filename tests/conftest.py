"""One thread for each test process, and the way to data sets that are not in the repository."""

import os
import sys
from pathlib import Path

import pytest

from autogen import registry

# Before torch is imported: two processes of two threads each take far longer than two of one.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder $AUTOGEN_DATA, by default ../shared/data beside the checkout; skips where there is none."""
    beside = Path(__file__).parents[2] / "shared/data"
    folder = Path(os.environ.get("AUTOGEN_DATA", beside))
    if not folder.is_dir():
        pytest.skip(f"no data sets in {folder}; set AUTOGEN_DATA to the folder that holds them")
    return folder


@pytest.fixture(scope="module")
def toys():
    """Family, metric and kind of data of ``tests.training.toys`` by the name ``toy`` in the registry."""
    with pytest.MonkeyPatch.context() as patch:
        for kind, name in (("family", "Toy"), ("metric", "ToyMetric"), ("data", "ToyKind")):
            patch.setitem(registry.BUILT_IN[kind], "toy", f"tests.training.toys:{name}")
        yield


@pytest.fixture(scope="module")
def words_registered():
    """Kinds of data, family and metrics of ``tests.verdict.field`` by their names in the registry."""
    from tests.verdict import field  # not before the threads are set

    named = {
        "data": ("Invented", "Traced", "Withheld", "Held", "Copying", "AllCopying"),
        "family": ("Writer",),
    }
    with pytest.MonkeyPatch.context() as patch:
        for kind, names in named.items():
            for name, place in field.here(*names).items():
                patch.setitem(registry.BUILT_IN[kind], name, place)
        patch.setitem(registry.BUILT_IN["metric"], "real_words", f"{field.__name__}:RealWords")
        patch.setitem(registry.BUILT_IN["metric"], "choosy", f"{field.__name__}:Choosy")
        yield


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory):
    """The result of a search of seconds over small images."""
    from tests.tracking.runs import searched  # not before the threads are set

    return searched(tmp_path_factory.mktemp("finished"))


@pytest.fixture
def command_line(monkeypatch, capsys, tmp_path):
    """Run `autogen` in a folder of its own: (exit code, stdout, stderr)."""
    from autogen.cli import app as cli  # not before the threads are set

    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["autogen", *map(str, arguments)])
        code = 0
        try:
            cli.main()
        except SystemExit as exit_:
            code = int(exit_.code or 0)
        return code, *capsys.readouterr()

    return run


@pytest.fixture(scope="session")
def gpt2(tmp_path_factory):
    """The folder of a tiny GPT-2, pre-trained on ``tests.bases.corpus("old")``."""
    return _base(tmp_path_factory, "gpt2")


@pytest.fixture(scope="session")
def llama(tmp_path_factory):
    """The folder of a tiny Llama, pre-trained on ``tests.bases.corpus("old")``."""
    return _base(tmp_path_factory, "llama")


def _base(tmp_path_factory, kind):
    for name in ("transformers", "peft"):
        pytest.importorskip(name, reason=f"bases are made and adapted by {name}: pip install '.[hf]'")
    from tests import bases  # not before the threads are set

    return bases.make_base(tmp_path_factory.mktemp(kind) / f"tiny-{kind}", kind)
