import dataclasses

import pytest

from autogen.report.contents import Relations
from autogen.report.figures.relations import heat_map
from tests.report.example import page_text, relations, study

PAGE = dataclasses.replace(study(), relations=relations())


def test_a_broken_rule_is_marked_and_a_kept_one_is_not():
    text = page_text(PAGE)
    assert '<td>signup &lt;= login</td><td class="number">0.0 %</td>' in text
    assert "2 rules between columns hold in the real rows; the generated rows break 1 of them." in text
    assert text.count('<strong class="bad">53.0 %</strong>') == 1


def binding(share):
    rule = {"rule": "a <= b", "kind": "ordered", "columns": ["a", "b"], "support": 1200, "holdout": 0.0}
    told = dataclasses.replace(relations(), binding=[rule | {"synthetic": share, "rows": 480}])
    return page_text(dataclasses.replace(PAGE, relations=told))


def test_binding_rules_stand_above_those_that_were_found():
    text = binding(0.0)
    assert "1 binding rule; the generated rows keep it." in text
    cells = '<td><code>a &lt;= b</code></td><td class="number">0.0 %</td><td class="number">480</td>'
    assert cells in text
    assert "2 further rules between columns hold in the real rows" in text
    assert text.index("1 binding rule") < text.index("2 further rules")
    assert "binding" not in page_text(PAGE)


def test_a_binding_rule_that_is_broken_is_called_a_fault():
    text = binding(0.25)
    assert "1 binding rule; the generated rows break it, which is a fault of autogen." in text
    assert '<strong class="bad">25.0 %</strong>' in text
    assert '<strong class="bad">0.02 %</strong>' in binding(0.0002)


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "1 rule between columns holds in the real rows; the generated rows keep it."),
        (13, "13 rules between columns hold in the real rows; the generated rows keep all of them."),
    ],
)
def test_rules_are_counted_in_good_english(count, words):
    told = dataclasses.replace(relations(), rules=[relations().rules[1]] * count)
    text = page_text(dataclasses.replace(PAGE, relations=told))
    assert words in text
    assert ("One more rule" in text) == (count == 13)


def test_every_rule_that_a_generated_row_breaks_is_counted():
    first = relations().rules[1] | {"holdout": 0.0}
    rules = [first | {"synthetic": share} for share in (0.012, 0.01, 0.002, 0.0)]
    text = page_text(dataclasses.replace(PAGE, relations=dataclasses.replace(relations(), rules=rules)))
    assert (
        "the generated rows break 3 of them, 1 clearly (over 1 percentage point above hold-out rows)." in text
    )
    text = page_text(dataclasses.replace(PAGE, relations=dataclasses.replace(relations(), rules=rules[1:2])))
    assert "the generated rows break it, but not clearly" in text


def test_names_of_columns_in_rules_are_no_html():
    rule = {"rule": "<script>alert(1)</script> <= b", "kind": "ordered", "columns": ["<script>", "b"]}
    shares = {"support": 9, "holdout": 0.0, "synthetic": 0.0, "rows": 9}
    told = dataclasses.replace(relations(), binding=[rule | shares], rules=[rule | shares])
    text = page_text(dataclasses.replace(PAGE, relations=told))
    assert "<script>alert" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt; &lt;= b") == 2


def test_the_worst_pair_is_the_heading_of_the_heat_map_and_the_first_row():
    plot = heat_map(relations())
    assert plot.title == "zip and city: association fell from 0.98 to 0.41"
    assert plot.traces[0]["z"][0][1] == -0.57
    assert plot.traces[0]["z"][0][0] is None
    assert plot.title in page_text(PAGE)


@pytest.mark.parametrize(("worst", "end"), [(-0.57, 0.57), (0.2, 0.2), (0.03, 0.1)])
def test_the_largest_difference_has_the_full_color_but_noise_has_not(worst, end):
    found = dataclasses.replace(relations(), columns=["a", "b"], differences=[[0.0, worst], [worst, 0.0]])
    plot = heat_map(found)
    assert (plot.traces[0]["zmin"], plot.traces[0]["zmax"]) == (-end, end)
    words = plot.traces[0]["colorbar"]["ticktext"]
    assert (words[0], words[-1]) == (f"-{end:.2f} weaker", f"+{end:.2f} stronger")
    assert f"Full color is a difference of {end:.2f}." in plot.caption


def test_of_many_columns_those_that_differ_most_are_drawn():
    names = [f"c{i}" for i in range(50)]
    differences = [[0.0] * 50 for _ in names]
    differences[3][44] = differences[44][3] = -0.4
    pair = relations().pairs[0] | {"columns": ["c3", "c44"]}
    plot = heat_map(Relations(names, differences, [pair], []))
    assert len(plot.traces[0]["z"]) == 30
    assert {"c3", "c44"} <= set(plot.x["ticktext"])
    assert "30 of 50 columns" in plot.caption


def test_utility_stands_beside_what_real_rows_teach():
    text = page_text(PAGE)
    assert "keeps 75 % of the skill above chance of one that was trained on real rows" in text
    sides = text.partition("R2 on unseen real rows</th>")[2].partition("</table>")[0]
    places = [
        sides.index(cell) for cell in ("real rows (TRTR)", ">0.80<", "(TSTR)", ">0.60<", "guessing", ">0.00<")
    ]
    assert places == sorted(places)
    assert text.index("Usefulness for training models") < text.index("Relations between columns")
    old = {name: relations().utility[name] for name in ("target", "measure", "real", "synthetic", "ratio")}
    page = dataclasses.replace(PAGE, relations=dataclasses.replace(relations(), utility=old))
    assert "guessing" not in page_text(page)


def test_without_relations_there_is_no_section():
    assert "fit together" not in page_text(dataclasses.replace(PAGE, relations=None))
