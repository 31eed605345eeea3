"""The tables of evidence: what they say where all is well, and where it is not."""

import dataclasses
import re

from autogen.report.markup import safe, table
from autogen.report.page.evidence.comparison import comparison
from autogen.report.page.evidence.copying import copying
from autogen.report.page.evidence.measured import costs, diagnostics
from tests.report.example import changed, study


def result(**test):
    made = study().result
    return changed(made, test=made.to_json()["test"] | test)


def with_finalists(made, **entries):
    return changed(made, finalists=[entry | entries for entry in made.to_json()["finalists"]])


def test_optimism_is_told_in_words_whatever_its_sign():
    worse = safe(comparison(result()))
    assert "On the tune split, trial 35 scored worse by 0.0012 than on test." in worse
    assert "those are too good on average, though not here" in worse
    better = safe(comparison(changed(result(), optimism=0.0012)))
    assert "scored better by 0.0012 than on test" in better
    assert "so those are too good on average: quote" in better


def test_the_trivial_baselines_are_named_in_the_table():
    text = safe(comparison(result()))
    assert "Trivial baselines: independent pixels. The best of them is 0" in text
    assert "<td>independent pixels (trivial)</td>" in text
    old = [entry | {"trivial": False} for entry in result().to_json()["baselines"]]
    assert "rivial" not in safe(comparison(changed(result(), baselines=old)))


def test_a_baseline_that_is_returned_is_marked_in_the_table():
    page = study("baseline").result
    made = changed(page, best={"trial": None, "family": "pixelwise KDE", "config": {}}, optimism=None)
    assert "<strong>not shown to differ; returned</strong>" in safe(comparison(made))
    assert "returned" not in safe(comparison(page))


def with_diagnostics(made, name, **values):
    """A result whose baseline, or real rows, has diagnostics."""
    entries = made.to_json()["baselines"]
    found = {metric: {"mean": value} for metric, value in values.items()}
    return changed(
        made, baselines=[e | ({"diagnostics": found} if e["name"] == name else {}) for e in entries]
    )


def test_diagnostics_stand_beside_those_of_real_data_and_of_the_best_trivial_baseline():
    made = with_finalists(result(), diagnostics={"recall": {"mean": 0.61}, "nats": {"mean": 2.0}})
    made = with_diagnostics(made, "real rows", recall=0.87)
    made = with_diagnostics(made, "independent pixels", recall=0.12)
    told = safe(diagnostics(changed(made, about={"recall": "Share of real samples near a generated one."})))
    header = told.partition("</thead>")[0]
    names = [f">trial {made.best.trial} ", ">real data<", ">independent pixels (trivial)<", ">Better is"]
    assert [header.index(name) for name in names] == sorted(header.index(name) for name in names)
    row = told.partition("<td>recall</td>")[2].partition("</tr>")[0]
    assert row.index("0.61") < row.index("0.87") < row.index("0.12")
    assert "<dt>recall</dt><dd>Share of real samples near a generated one.</dd>" in told
    assert "–" in told.partition("<td>nats</td>")[2]
    assert "Compare a model with the real data beside it." in told


def test_no_real_data_is_pointed_to_where_the_table_has_none():
    made = with_finalists(result(), diagnostics={"recall": {"mean": 0.61}})
    assert "real data" not in safe(diagnostics(made))


def test_diagnostics_of_a_returned_baseline_come_first():
    made = with_finalists(study("baseline").result, diagnostics={"recall": {"mean": 0.61}})
    made = changed(made, best={"trial": None, "family": "pixelwise KDE", "config": {}}, optimism=None)
    made = with_diagnostics(made, "pixelwise KDE", recall=0.44)
    told = safe(diagnostics(made))
    header = told.partition("</thead>")[0]
    assert header.index("pixelwise KDE (returned)") < header.index("trial ")
    assert "<td>recall</td><td" in told
    row = told.partition("<td>recall</td>")[2].partition("</tr>")[0]
    assert row.index("0.44") < row.index("0.61")


def test_evidence_of_copying_has_the_value_of_real_rows_in_their_column():
    found = {"authenticity": {"mean": 0.71}, "authenticity of real rows": {"mean": 0.93}}
    told = safe(diagnostics(with_finalists(result(), diagnostics=found)))
    assert "0.93" in told.partition("<td>authenticity</td>")[2].partition("</tr>")[0]
    assert "authenticity of real rows" not in told


def test_diagnostics_say_which_way_is_better_where_the_record_does():
    made = with_finalists(result(), diagnostics={"recall": {"mean": 0.5}, "nats": {"mean": 2.0}})
    told = safe(diagnostics(changed(made, directions={"recall": "maximize", "fd": "minimize"})))
    assert "<td>higher</td>" in told
    assert "lower" not in told


def test_costs_are_told_with_their_units_and_all_digits_of_thousands():
    told = safe(costs(with_finalists(result(), efficiency={"throughput_per_s": 43043.3})))
    assert "throughput, samples per second" in told
    assert "43,000" in told


def test_copies_beyond_chance_are_told_beside_the_share():
    gate = {"share": 0.5, "p_value": 0.6, "copied": 0.12, "copied_p_value": 1e-5, "passed": False}
    text = safe(copying(dataclasses.replace(study(), result=changed(result(), memorisation=gate)))[0])
    assert "About 12.0 % of its samples are nearly equal to a training sample" in text
    assert "beyond chance, is refused too. This one fails." in text
    row = re.sub("<[^>]*>", " ", text.split("<td>the delivered model</td>")[1].partition("</tr>")[0]).split()
    assert row == ["0.50", "0.6", "12", "%", "&lt;", "0.001", "refused"]


def test_the_page_gives_the_power_and_the_distances_of_samples_and_of_unseen_rows():
    text = "".join(safe(part) for part in copying(study()))
    assert "would refuse a model if 12 % or more of its samples were copies" in text
    assert "Distance to the closest record (DCR)" in text
    rows = [re.sub("<[^>]*>", " ", row).split() for row in re.findall(r"<tr>.*?</tr>", text) if "NNDR" in row]
    assert [row[-2:] for row in rows] == [["0.71", "0.72"], ["0.93", "0.94"]]
    assert "3 of 163 samples are near duplicates of other samples, against 2 of as many real ones" in text


def test_a_refused_finalist_stands_in_the_table_of_the_memorization_test():
    made = result()
    refused = {"share": 0.7, "p_value": 1e-6, "passed": False}
    finalists = made.to_json()["finalists"]
    finalists[1] |= {"memorisation": refused}
    page = dataclasses.replace(study(), result=changed(made, finalists=finalists))
    row = safe(copying(page)[0]).split("<td>trial 51 (VAE)</td>")[1].partition("</tr>")[0]
    assert "refused" in row
    assert "trial 51" not in safe(copying(study())[0])


def test_a_test_without_power_promises_nothing():
    gate = result().to_json()["memorisation"] | {"found_from": None}
    text = safe(copying(dataclasses.replace(study(), result=changed(result(), memorisation=gate)))[0])
    assert "would refuse no copies at all here" in text


def test_a_record_of_an_earlier_version_is_shown_without_what_it_lacks():
    gate = {"share": 0.5, "p_value": 0.6, "passed": True}
    old = changed(result(), memorisation=gate, diversity=None)
    text = "".join(safe(part) for part in copying(dataclasses.replace(study(), result=old)))
    assert "Power" not in text
    assert "DCR" not in text


def test_tables_have_headers_of_columns_and_a_name_for_those_who_scroll_by_key():
    told = safe(table(("", "Score"), [("a", 1)], numbers=(1,)))
    assert '<td></td><th scope="col" class="number">Score</th>' in told
    assert 'tabindex="0" role="group" aria-label="Score"' in told
