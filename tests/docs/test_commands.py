"""The commands and the Python of the README and of the pages run, in the order of each page, in one folder.

Two rules keep that short, and no command is left out beyond ``NOT_RUN``:

1. A search runs in this process until it writes its folder, which fails: its options are parsed, its data is
   read, its plan is checked. The folder is then that of a search over the same kind of data, which ran once
   for all pages, with ``--budget 2trials`` and 20 training steps. Searches that differ in their budget alone
   run once.
2. Placeholders (``RUN``, ``DATA``, ``label=cat``) stand for that folder, its data and a class of it.
"""

import ast
import contextlib
import os
import re
import shlex
import shutil
import sys
import textwrap
from pathlib import Path

import pandas as pd
import plotly.io
import pytest

import autogen
from autogen.cli import app as cli
from autogen.errors import RunError
from tests.docs.sample_data import patients, people, write_all
from tests.docs.test_flags import ROOT, TEXTS

CLUSTER = "it needs a cluster: tests/executors/ray"
BASE = "it needs a pre-trained model: tests/engine/transfer/test_pretrained.py"
MINUTES = "it trains for minutes"
#: Start of each command or statement that is not run, by page, with the reason.
NOT_RUN = {
    "README.md": {
        "autogen.Generator(": f"{MINUTES}: tests/api",
    },
    "docs/features.md": {
        "autogen run photos/ --features": "torchvision loads weights of Inception from the network",
        "autogen score samples.zip --against photos/ --features": "as above",
        "import torch, torchvision": "as above",
        "class Inception": "as above",
        "autogen run mails.txt --features": "it needs an encoder: tests/metrics/features/test_sentences.py",
        "from transformers import AutoModel, AutoTokenizer": "as above",
        "class Sentences": "as above",
    },
    "docs/extending.md": {
        "autogen run strands.fasta": "the example package has to be installed: tests/examples/test_plugin.py",
        "autogen run names.txt --families gan,chain": "as above",
        "declaration = ": "as above",
        "class Letters": "tests/docs/test_extending.py and tests/examples hold it to the package's file",
        "class LeaderSampler": "as above",
        "class WorstQuarterPruner": "as above",
        "class PoliteOptions": "as above",
    },
    "docs/update.md": {
        "autogen update": f"{MINUTES}: tests/engine/transfer/test_update.py",
        "autogen run people.csv --feedback": "a person marks the samples: tests/engine/feedback",
        "result = autogen.search('people.csv', feedback": "as above",
        "update = autogen.update(": "as above",
        "update.": "as above",
    },
    "docs/quickstart.md": {
        "autogen sample runs/tunes": "a search over music takes long: tests/data/music",
    },
    "docs/report.md": {
        "result.plot.importance(": "two trials are too few for it: tests/report/figures",
    },
    "docs/how-to/resume.md": {
        "autogen resume runs/people-1 --budget": f"{MINUTES}: tests/engine",
    },
    "docs/how-to/federated.md": {
        "autogen federate try people.csv": f"{MINUTES}: tests/cli/federated",
        "autogen federate try north.csv": "the data of three owners is not at hand: tests/federated",
        "autogen federate serve": "it waits for owners: tests/federated/test_folder.py",
        "autogen federate join": "as above",
    },
    "docs/how-to/rare-classes.md": {
        "more = ": f"{MINUTES}: tests/api",
        "X_more, y_more": "as above",
        "model = HistGradientBoostingClassifier().fit(X_more": "as above",
        "print(model.score(": "as above",
    },
    "docs/how-to/cost.md": {
        "autogen run photos/ --device cuda": "it needs a card",
    },
    "docs/pretrained.md": {
        "autogen run mails.txt --pretrained": BASE,
        "autogen export runs/mails-1 --hf": "as above",
        "AUTOGEN_PRETRAINED=": "as above",
        "result = autogen.search('mails.txt', pretrained": "as above",
        "from transformers import": "it loads a model from the hub",
        "AutoModelForCausalLM": "it loads a model from the hub",
        "AutoTokenizer": "as above",
        "autogen run photos/ --pretrained": "it needs an autoencoder: tests/families/autoregressive",
        "from diffusers import": "it loads a model from the hub",
        "AutoencoderKL.": "as above",
    },
    "docs/replicas.md": {
        "autogen run photos/ --workers 2 --replicas 4": "it needs eight devices",
    },
    "docs/benchmark.md": {
        "autogen benchmark tiny": f"{MINUTES}: tests/cli/test_benchmark.py",
        "autogen benchmark plan.toml": "as above; one of them needs a cluster",
        "result": "as above",
    },
    "docs/cluster.md": {
        "autogen run DATA --out RUN --executor ray": f"{CLUSTER}; the storage is S3",
        "from ray import": CLUSTER,
        "from autogen.executors.ray": CLUSTER,
        "tuner = ": CLUSTER,
        "results = ": CLUSTER,
    },
    "docs/coming-from.md": {
        "result = autogen.search('people.csv', budget='50trials', executor='ray'": CLUSTER,
    },
    "docs/judging.md": {
        "autogen judge --run": "it continues texts with a language model of a run: tests/judging",
        "autogen judge answers.csv --pairwise": "a language model compares, at an endpoint: tests/judging",
        "autogen judge ours.csv": "as above",
        "autogen run texts.txt --objective fluency.embedded": "the vectors of sentences are a download",
        "autogen run texts.txt --judge": "as above",
        "judged": "as above",
        "print(judged)": "as above",
    },
}
#: Blocks of other libraries, and of commands of other programs, are not ours.
OURS = ("", "autogen")
#: Search space of each kind of data, and what its one search reads and is told.
SEARCHES = {
    "people": ("tabular", "people.csv", "--objective", "kd", "--families", "trees"),
    "digits": ("image", "digits", "--families", "mixture"),
    "names": ("text", "names.txt", "--families", "vae"),
}
#: Data of a page by the search whose folder it gets; a table where there is none.
KINDS = {"digits": "digits", "photos/": "digits", "tunes.zip": "names", "DATA": "people"} | dict.fromkeys(
    ("names.txt", "mails.txt", "texts.txt", "shakespeare.txt"), "names"
)
#: Words that stand for a value, and a folder that cannot be made, below a file.
PLACEHOLDERS = {
    "DATA": "people.csv",
    "SECONDS": "10",
    "N": "7",
    "FILE": "samples.csv",
    "label=cat": "label=3",
}
NOWHERE = "taken/run"
#: Folders of runs that a page takes for given, with data of their kind, and files that blocks of a page are.
FOLDERS = {
    "runs/people": "", "runs/people-1": "", "runs/customers": "", "runs/digits": "digits",
    "runs/mails-1": "names.txt", "runs/faq": "names.txt", "runs/shakespeare": "names.txt",
    "runs/july": "", "runs/photos": "digits", "RUN": "",
}  # fmt: skip
FILES = {"docs/how-to/own-metric.md": ("mine.toml",)}
FENCE = re.compile(r'^```(\w*)(?: title="([^"]+)")?[^\n]*\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def pieces(text):
    """Commands (lists of words), statements of Python (nodes) and files of a page, in order."""
    # indented commands of a page without fences stand between its fences
    for found in re.finditer(rf"{FENCE.pattern}|^    (autogen [a-z][^\n]*)$", text, re.MULTILINE | re.DOTALL):
        language, title, code, indented = found.groups()
        if indented:
            yield shlex.split(indented, comments=True)
        elif language == "python" and (title or "").lower() in OURS:
            yield from ast.parse(textwrap.dedent(code)).body
        elif language == "toml":
            yield code
        elif language in ("", "sh", "bash"):
            for line in code.replace("\\\n", " ").splitlines():
                if re.match(r"(?:[A-Z_]+=\S+ )?autogen [a-z]", line) and not line.startswith("autogen_"):
                    yield shlex.split(line, comments=True)


def source_of(piece):
    if isinstance(piece, ast.ClassDef):
        return f"class {piece.name}"  # without its decorators
    return ast.unparse(piece) if isinstance(piece, ast.AST) else shlex.join(piece)


def reason(page, piece):
    """Reason for which a command or statement is not run; ``None`` for one that is."""
    words = source_of(piece)
    plain = words.replace("'", "")
    return next(
        (
            why
            for start, why in NOT_RUN.get(page, {}).items()
            if words.startswith(start) or plain.startswith(start)
        ),
        None,
    )


RUNNABLE = {
    page: found
    for page, text in TEXTS.items()
    if page != "SECURITY.md" and (found := [one for one in pieces(text) if not isinstance(one, str)])
}


@pytest.mark.parametrize(("page", "start"), [(page, start) for page in NOT_RUN for start in NOT_RUN[page]])
def test_what_is_not_run_stands_in_its_page(page, start):
    sources = [source_of(one) for one in RUNNABLE[page]]
    assert [one for one in sources if one.startswith(start) or one.replace("'", "").startswith(start)]


class Reader:
    """Somebody who tries one page: runs what it says in a folder with data.

    Args:
        folder: Folder with the data, and with the folders of finished searches below ``done``.
        capsys: What was printed.
        searches: Searches that some page had before.
    """

    def __init__(self, folder, capsys, searches):
        self.folder, self.done, self.capsys = folder, folder / "done", capsys
        self.searches = searches
        frame = people()
        rows = frame.astype(object).where(frame.plan == "basic")
        self.names = {"df": frame, "train": frame, "test": frame, "frame": frame, "rows": rows.head(5)}
        self.names |= {"X": frame[["age", "start"]], "y": frame["income"], "_searched": self.searched}
        self.names |= {"autogen": autogen, "patients": patients()}
        (folder / "taken").touch()

    def run(self, piece):
        """Run a command or a statement; files of the page are written."""
        if isinstance(piece, list):
            self.command(piece[1:])
        else:
            code = ast.fix_missing_locations(Searches().visit(ast.Module([piece], [])))
            exec(compile(code, "page", "exec"), self.names)

    def command(self, words):
        """Run a command of autogen; a search until it would write its folder."""
        words = [PLACEHOLDERS.get(word, word) for word in words]
        if words[0] != "run":
            self.call(words, 0)
            return
        out = f"runs/{Path(words[1]).stem}-1"
        if "--out" in words:
            at = words.index("--out")
            out = words[at + 1]
            del words[at : at + 2]
        if not self.is_new(
            [word for word in words if not re.fullmatch(r"--budget|[\d.]+[smh].*|\d+trials", word)]
        ):
            self.finished(words[1], out)
            return
        here = [] if {"--executor", "--workers", "--replicas"} & set(words) else ["--executor", "inprocess"]
        self.call([*words, *here, "--out", NOWHERE], 2)
        self.finished(words[1], out)

    def is_new(self, search):
        """Tell if no page had this search before, whatever its budget."""
        key = repr(search) if isinstance(search[0], str) else object()
        known = key in self.searches
        self.searches.add(key)
        return not known

    def call(self, words, code):
        """Call the command line in this process."""
        sys.argv = ["autogen", *words]
        try:
            cli.main()
            found = 0
        except SystemExit as end:
            found = int(end.code or 0)
        assert found == code, f"exit code {found}"
        if code:
            assert f"cannot create the output folder {NOWHERE}" in self.capsys.readouterr().err

    def searched(self, data, **settings):
        """Search until the folder would be written; return the result of the finished search."""
        if not self.is_new([data, {**settings, "budget": ""}]):
            self.finished(data, "runs/python-1")
            return autogen.StudyResult("runs/python-1")
        with pytest.raises(RunError, match=f"cannot create the output folder {NOWHERE}"):
            autogen.search(data, out=NOWHERE, executor="inprocess", **settings)
        self.finished(data if isinstance(data, str) else "", "runs/python-1")
        return autogen.StudyResult("runs/python-1")

    def finished(self, data, out):
        """Lay the finished search over this kind of data where the page has its run."""
        shutil.rmtree(self.folder / out, ignore_errors=True)
        shutil.copytree(self.done / KINDS.get(data, "people"), self.folder / out)


class Searches(ast.NodeTransformer):
    """Statements whose searches are those of the reader."""

    def visit_Call(self, node):
        self.generic_visit(node)
        if ast.unparse(node.func) == "autogen.search":
            node.func = ast.Name("_searched", ast.Load())
        return node


def search_all(folder):
    """Run the one search of each kind of data, by the command line."""
    for name, (kind, data, *more) in SEARCHES.items():
        space = (ROOT / "search_spaces" / f"{kind}_tiny.toml").read_text()
        (folder / f"{kind}.toml").write_text(re.sub(r"(?m)^steps = .*", "steps = 20", space))
        few = people(240)[["age", "city", "plan", "income"]].to_csv(index=False)
        (folder / "done").mkdir(exist_ok=True)
        words = [
            "run",
            data,
            "--budget",
            "2trials",
            "--executor",
            "inprocess",
            "--finalists",
            "1",
            "--models-only",
            "--quiet",
        ]
        if name == "people":
            (folder / "few").mkdir()
            (folder / "few" / "people.csv").write_text(few)
            words[1] = "few/people.csv"
        sys.argv = ["autogen", *words, "--space", f"{kind}.toml", "--out", f"done/{name}", *more]
        with contextlib.suppress(SystemExit):
            cli.main()
        assert (folder / "done" / name / "result.json").exists(), name


def laid(source, target):
    """Copy a file; the many images, which nothing writes, are links."""
    (os.link if source.endswith(".png") else shutil.copy2)(source, target)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_command_and_statement_of_every_page_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(plotly.io.renderers, "default", "")
    monkeypatch.setattr(sys, "argv", sys.argv)
    base = tmp_path / "base"
    base.mkdir()
    monkeypatch.chdir(base)
    write_all(base)
    search_all(base)
    capsys.readouterr()
    faults, searches = [], set()
    for page, found in RUNNABLE.items():
        folder = tmp_path / re.sub(r"\W", "-", page)
        shutil.copytree(base, folder, copy_function=laid)
        monkeypatch.chdir(folder)
        reader = Reader(folder, capsys, searches)
        for out, data in FOLDERS.items():
            if out not in TEXTS[page]:
                continue
            reader.finished("digits" if (page, out) == ("docs/images.md", "RUN") else data, out)
        for file, code in zip(
            FILES.get(page, ()), (p for p in pieces(TEXTS[page]) if isinstance(p, str)), strict=False
        ):
            Path(file).write_text(code)
        for piece in found:
            if reason(page, piece) is None:
                try:
                    reader.run(piece)
                except (Exception, AssertionError) as error:  # all faults of all pages are told at once
                    said = capsys.readouterr()
                    faults.append(f"{page}: {source_of(piece)}\n  {error!r}\n  {said.err[-400:]}")
        shutil.rmtree(folder)
    assert pd.Series(faults).tolist() == [], "\n".join(faults)
