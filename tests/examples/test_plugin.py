"""A package adds a kind of data, a family, an executor ... with no edit in autogen: search to score."""

import json
import tomllib

import pytest

import autogen
from tests.data.texts.makers import words
from tests.examples.plugin import autogen as called
from tests.examples.plugin import strands, write_fasta

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SMALL = ("--finalists", 1, "--quiet")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dna")
    write_fasta(folder / "strands.fasta", [*strands(320), "ACNNT"])
    return folder


@pytest.fixture(scope="module")
def run(plugin, folder):
    """A study of DNA with all that the package adds."""
    own = ("--space", "dna_tiny", "--families", "chain", "--sampler", "leader", "--pruner", "worst_quarter")
    polite = ("--executor", "polite", "--executor-option", "nice=3", "--budget", "3trials")
    called(plugin, "run", "strands.fasta", "--out", "run", *own, *polite, *SMALL, cwd=folder)
    return folder / "run"


@pytest.fixture(scope="module")
def result(run):
    return json.loads((run / "result.json").read_text())


def test_a_fifth_kind_of_data_comes_to_a_verdict_by_its_own_metric_and_baselines(result):
    assert result["data"]["kind"] == "dna"
    assert "1 strands with letters other than" in result["data"]["notes"][0]
    assert result["objective"]["name"] == "kmers[3-mers-v1]"
    assert [b["name"] for b in result["baselines"]] == ["train_copy", "composition", "markov", "real rows"]
    assert [b["name"] for b in result["baselines"] if b.get("excluded")] == ["train_copy"]
    assert result["memorisation"]["passed"]
    assert result["best"]["family"] == "chain"


def test_metrics_of_autogen_look_at_it_by_its_feature_space(result):
    measured = result["finalists"][0]["diagnostics"]
    assert {"fd[kmers-v1]", "coverage[kmers-v1]", "kd[kmers-v1]", "bits per base"} <= set(measured)
    assert (
        0.5 < measured["bits per base"]["mean"] < 2.2
    )  # two bits are a base drawn at random; ends cost more


def test_its_report_and_its_card_show_strands(plugin, run, result):
    assert "report.html" in called(plugin, "report", run, cwd=run)
    page = (run / "report.html").read_text()
    assert "share of G and C" in page
    assert (run / "best" / "real.txt").read_text().split()[0] in page
    assert len((run / "exhibits" / "pairs.txt").read_text().split()) == 8
    card = (run / "best" / "card.md").read_text()
    assert "-o samples.fasta" in card
    assert "what they would do in a cell it does not know" in card
    assert "test strands that neither" in card


def test_its_samples_are_written_scored_and_loaded(importable, run, folder, command_line):
    def call(*arguments):
        code, out, err = command_line(*arguments)
        assert code == 0, err
        return out

    call("sample", run, "-n", 120, "-o", folder / "made.fasta")
    assert (folder / "made.fasta").read_text().count(">strand") == 120
    write_fasta(folder / "real.fasta", strands(120, seed=1))
    asked = ("--against", folder / "real.fasta", "--train", folder / "strands.fasta", "--json")
    scores = json.loads(call("score", folder / "made.fasta", *asked))
    assert scores["kind"] == "dna"
    assert scores["metrics"]["kmers[3-mers-v1]"]["mean"] < scores["metrics"]["kmers[3-mers-v1]"]["floor"]
    assert scores["memorisation"]["passed"]
    assert set("".join(autogen.load(run).sample(3, seed=0))) <= set("ACGT")


def test_an_executor_of_another_package_is_told_its_own_option(plugin, run, folder):
    study = tomllib.loads((run / "study.toml").read_text())
    assert study["executor"] == "polite"
    assert study["executor_options"] == {"nice": 3}
    started = json.loads((run / "journal.jsonl").read_text().splitlines()[1])
    assert started["about"].endswith("1 worker at niceness 3")
    study = folder / "study.toml"
    study.write_text('data = "strands.fasta"\nexecutor = "polite"\n[executor_options]\nnice = 30\n')
    said = called(plugin, "run", study, cwd=folder, code=2)
    assert said == "error: nice is a whole number from 0 to 19, not 30\n"
    misspelled = ("--executor", "polite", "--executor-option", "niece=3")
    said = called(plugin, "run", "strands.fasta", *misspelled, cwd=folder, code=2)
    assert "unknown option of the executor polite: 'niece'; there are nice. Did you mean 'nice'?" in said


def test_a_family_of_another_package_joins_a_shipped_space(plugin, folder):
    (folder / "words.txt").write_text("\n".join(words(300)) + "\n")
    wanted = ("--space", "text_tiny", "--families", "markov,chain", "--sampler", "random", "--seed", 1)
    more = ("--budget", "3trials", "--workers", 1, "--executor", "local", "--models-only", *SMALL)
    called(plugin, "run", "words.txt", "--out", "words", *wanted, *more, cwd=folder)
    records = [json.loads(line) for line in (folder / "words" / "journal.jsonl").read_text().splitlines()]
    asked = {record["n"]: record["config"]["family"] for record in records if record.get("e") == "ask"}
    assert set(asked.values()) == {"markov", "chain"}
    complete = {r["n"] for r in records if r.get("e") == "end" and r["state"] == "complete"}
    assert "chain" in {asked[number] for number in complete}
