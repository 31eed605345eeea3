"""What the top of the page says is wrong with the samples, and what it says to do next."""

import dataclasses

from autogen.report.contents import Marginal
from autogen.report.markup import safe
from autogen.report.page.findings import findings
from tests.report.example import changed, example, relations, study


def told(page, **entries):
    return safe(findings(page, changed(page.result, **entries)))


def test_broken_rules_lost_pairs_and_lost_skill_stand_at_the_top_of_a_table():
    text = told(example("tabular"))
    assert "53.0 % of them break the rule zip determines city." in text
    assert "The association of zip and city is 0.41; in real data it is 0.98." in text
    assert "What they teach about age is 75 % of what real rows teach." in text
    assert "signup" not in text


def test_a_distribution_that_is_far_off_is_named_and_one_that_is_near_is_not():
    far = Marginal("age", [1.0, 2.0], [0.9, 0.1], [0.3, 0.7])
    near = Marginal("height", [1.0, 2.0], [0.5, 0.5], [0.45, 0.55])
    text = told(dataclasses.replace(study(), marginals=[near, far]))
    assert "The distribution of age overlaps with the real one by 40 %." in text
    assert "height" not in text


def test_where_nothing_is_found_no_fault_is_claimed():
    assert "What is wrong" not in told(study())
    assert "autogen sample RUN" in told(study())


def test_commands_name_the_run_folder_and_can_be_pasted():
    page = dataclasses.replace(study(), run="my runs/digits-1", file="samples.npz")
    draw = "autogen sample &#x27;my runs/digits-1&#x27; -n 100 -o samples.npz"
    assert draw in told(page)
    assert "autogen resume &#x27;my runs/digits-1&#x27; --budget +10m" in told(page, grade="weak")
    rules = [rule | {"binding": "zip -> city"} for rule in relations().rules[:1]]
    page = dataclasses.replace(page, relations=dataclasses.replace(relations(), rules=rules))
    assert "autogen run &#x27;my runs/digits-1/study.toml&#x27; --rule" in told(page)


def test_one_more_broken_rule_is_one_rule():
    rules = [relations().rules[0] | {"rule": f"{name} determines city"} for name in "abcd"]
    page = dataclasses.replace(study(), relations=dataclasses.replace(relations(), rules=rules))
    assert "They break 1 more rule." in told(page)
    page = dataclasses.replace(page, relations=dataclasses.replace(relations(), rules=rules + rules[:1]))
    assert "They break 2 more rules." in told(page)


def test_a_short_or_weak_search_is_told_to_get_more_time():
    assert "autogen resume RUN --budget +10m" in told(study(), grade="weak")
    assert "autogen resume RUN --budget +10m" in told(study("baseline"))
    assert "autogen resume" not in told(study(), grade="usable")


def test_broken_rules_that_can_be_made_binding_are_offered_as_options():
    rules = [rule | {"binding": "zip -> city"} for rule in relations().rules[:1]]
    page = dataclasses.replace(study(), relations=dataclasses.replace(relations(), rules=rules))
    assert "--rule &quot;zip -&gt; city&quot;" in told(page)
