import pytest

from autogen.report.card import card
from tests.report.example import KINDS, changed, example


def result(kind="tabular", **more):
    """The record of an example with the entries that only a card reads."""
    found = example(kind).result
    best = found.to_json()["best"] | {"parameters": 12345, "test_score": 0.0169}
    data = {"source": "/data/people.csv", "kind": kind, "sha256": "ab" * 32, "notes": ["No duplicates."]}
    data |= {"rows": {"train": 1079, "tune": 239, "select": 240, "test": 239}}
    return changed(found, **{"best": best, "data": data, "statement": "A tie."} | more)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_limits_and_a_way_to_sample(kind):
    text = card(result(kind))
    suffix = {"image": ".npz", "tabular": ".csv", "text": ".txt", "music": ".zip"}[kind]
    assert f"-o samples{suffix}" in text
    for heading in (
        "Intended use",
        "How to sample",
        "How good it is",
        "Memorization and diversity",
        "Limits",
        "Data",
    ):
        assert f"## {heading}\n" in text
    assert "None" not in text


def test_the_score_stands_with_its_interval_beside_baselines_and_real_data():
    text = card(result())
    assert "| this model | 0.0171 | 0.0160 to 0.0182 | 0.71 (0.70 to 0.73) |" in text
    assert "| pixelwise KDE | 0.06000 |" in text
    assert "| real data |" in text
    assert "copy of train" not in text
    assert "| independent pixels (trivial) |" in text
    assert "| normalized |" in text
    assert "calibrated" not in text


def test_where_a_baseline_was_not_beaten_the_card_sends_there():
    text = card(result("text"))
    assert "not shown to be better than pixelwise KDE" in text


def test_a_model_that_copies_is_not_to_be_used():
    gate = {"share": 0.9, "p_value": 1e-9, "passed": False}
    text = card(result(memorisation=gate))
    assert "**Do not use it**" in text
    assert "90 % of its samples" in text
    assert "**fails** the memorization test" in text


def test_the_card_gives_the_share_that_a_refusal_went_by():
    gate = {"share": 0.5516, "p_value": 0.47, "copied": 0.101, "copied_p_value": 0.006, "passed": False}
    text = card(result(memorisation=gate))
    assert "for more than 55 %), and 10 % are nearly equal to one (p 0.006): it **fails**" in text


def test_costs_are_those_of_the_delivered_config():
    finalists = result().to_json()["finalists"]
    finalists[0]["efficiency"] = {"latency_ms": 2.5, "device": "cpu", "threads": 1}
    told = card(result(finalists=finalists))
    assert "12,345 parameters; 2.5 ms per sample, measured on cpu with 1 thread." in told


def test_binding_rules_are_listed_with_the_count_of_samples():
    rule = {"rule": "zip -> city", "kind": "determines", "columns": ["zip", "city"], "support": 900}
    text = card(result(rules=[rule | {"holdout": 0.0, "synthetic": 0.0, "rows": 600}]))
    assert "## Rules that every sample keeps\n" in text
    assert "- `zip -> city`: none of 600 samples that it applies to break it" in text
    assert "Rules that every sample keeps" not in card(result())


@pytest.mark.parametrize(("share", "words"), [(1.0, "100 %"), (0.0002, "0.02 %"), (0.253, "25.3 %")])
def test_a_binding_rule_that_is_broken_is_shown_with_its_share(share, words):
    rule = {"rule": "the `a` <= `b`", "kind": "ordered", "columns": ["the `a`", "`b`"], "support": 900}
    text = card(result(rules=[rule | {"holdout": 0.0, "synthetic": share, "rows": 600}]))
    assert f"- `` the `a` <= `b` ``: **{words}** of 600 samples that it applies to break it" in text


def test_warnings_are_limits():
    assert "- 3 of 60 trials failed; the report gives the reasons." in card(result())


def test_where_no_score_can_be_calibrated_the_card_says_why():
    absent = dict.fromkeys(("calibrated", "calibrated_low", "calibrated_high"))
    text = card(result(test=result().to_json()["test"] | absent | {"floor": 0.061, "ceiling": 0.062}))
    assert "No normalized score: The metric does not distinguish" in text
    assert "Normalized: 0 is" not in text


def test_notes_and_names_of_the_data_are_shown_as_they_are_and_cannot_be_markup():
    data = result().to_json()["data"]
    data |= {"notes": ["«<b>a</b>» is\nleft out, see [this](http://x)"], "source": "/tmp/a_b*.csv"}
    text = card(result(data=data))
    assert r"- «\<b\>a\</b\>» is left out, see \[this\](http://x)" in text
    assert text.startswith(r"# a\_b\*.csv: ")


@pytest.mark.parametrize("more", [{}, {"memorisation": None}])
def test_files_with_real_samples_are_named_only_where_there_may_be_some(more):
    assert "Files `real.*` in this folder, if there are any, hold real samples" in card(result(**more))
    told = card(result(**more), real_rows=False)
    assert "real.*" not in told
    assert "No real samples are in this folder." in told
