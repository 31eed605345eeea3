"""What the top of the page says is wrong with the samples, and what it says to do next."""

import dataclasses
import re

from autogen.report.contents import Marginal, Progress
from autogen.report.hard_tests import Diversity, Memorization
from autogen.report.markup import safe, tag
from autogen.report.page.findings import findings
from autogen.report.page.summary import top
from autogen.report.page.trials import ranking
from tests.report.example import changed, example, relations, study


def told(page, **entries):
    """What is said at the top; the marks that keep an option on one line are no text."""
    return re.sub("</?span[^>]*>", "", safe(findings(page, changed(page.result, **entries))))


def test_broken_rules_lost_pairs_and_lost_skill_stand_at_the_top_of_a_table():
    text = told(example("tabular"))
    assert (
        "53.0 % of them have a value of city that does not go with their zip (rule: zip determines city)."
        in text
    )
    assert "association" not in text  # of the columns of that rule
    assert "What they teach about age is 75 % of what real rows teach." in text
    assert "signup" not in text


def test_a_rule_that_applies_to_some_samples_has_its_share_of_these():
    page = example("tabular")
    rules = [rule | {"support": 383} for rule in page.relations.rules]
    page = dataclasses.replace(page, relations=dataclasses.replace(page.relations, rules=rules))
    text = told(page)
    assert (
        "53.0 % of those that the rule applies to have a value of city that does not go with their zip"
        in text
    )
    assert "% of them have" not in text


def with_rules(*rules):
    return dataclasses.replace(study(), relations=dataclasses.replace(relations(), rules=rules))


def test_a_rule_that_holds_both_ways_is_one_fault_and_each_kind_of_rule_has_its_words():
    there = relations().rules[0] | {"support": 1200}
    back = there | {"rule": "city determines zip", "columns": ["city", "zip"], "synthetic": 0.4}
    text = told(with_rules(back, there))
    assert "does not go with their zip (rule: zip determines city, and the other way round)." in text
    assert "city determines zip" not in text
    late = {"rule": "signup <= login", "kind": "ordered", "columns": ["signup", "login"]}
    assert "have a value of signup above that of login (rule: signup &lt;= login)." in told(
        with_rules(there | late)
    )
    gone = {
        "rule": "end is missing exactly where kind is free",
        "kind": "missing",
        "columns": ["kind", "end"],
    }
    assert "of them break the rule end is missing exactly where kind is free." in told(
        with_rules(there | gone)
    )


def test_a_pair_of_columns_that_no_broken_rule_explains_is_told_with_its_direction():
    text = told(with_rules())
    assert (
        "zip and city go together less than in real data (association 0.41, real 0.98, as adjusted mutual "
        "information)." in text
    )
    pair = relations().pairs[0] | {"real": 0.1, "synthetic": 0.6}
    page = dataclasses.replace(study(), relations=dataclasses.replace(relations(), rules=(), pairs=[pair]))
    assert "zip and city go together more than in real data" in told(page)


def test_columns_that_give_the_target_away_are_left_out_in_the_next_run_with_the_rules_of_the_others():
    rule = relations().rules[0] | {"binding": "zip -> city"}
    leaky = rule | {"rule": "a b determines age", "columns": ["a b", "age"], "binding": '"a b" -> age'}
    utility = relations().utility | {"leaked": ["a b"]}
    found = dataclasses.replace(relations(), rules=[leaky, rule], utility=utility)
    text = told(dataclasses.replace(study(), relations=found))
    assert "Run again without a b, which gives age away, and with a rule that every sample keeps: " in text
    drop = "autogen run RUN/study.toml --column &#x27;a b=drop&#x27; --rule &quot;zip -&gt; city&quot;"
    assert drop in text
    alone = dataclasses.replace(found, rules=[])
    text = told(dataclasses.replace(study(), relations=alone))
    assert "Run again without a b, which gives age away: " in text


def test_all_broken_rules_that_can_be_made_binding_are_offered_at_once():
    rules = [
        relations().rules[0]
        | {"rule": f"{one} determines city", "columns": [one, "city"]}
        | {"binding": f"{one} -> city"}
        for one in "abcdef"
    ]
    assert told(with_rules(*rules)).count("--rule") == 6


def test_a_distribution_that_is_far_off_is_named_and_one_that_is_near_is_not():
    far = Marginal("age", [1.0, 2.0], [0.9, 0.1], [0.3, 0.7])
    near = Marginal("height", [1.0, 2.0], [0.5, 0.5], [0.45, 0.55])
    text = told(dataclasses.replace(study(), marginals=[near, far]))
    assert "age is too high (mean about 1.7, real about 1.1)" in text
    assert "; its distribution overlaps with the real one by 40 %." in text
    assert "height" not in text


def test_where_nothing_is_found_no_fault_is_claimed():
    test = study().result.to_json()["test"]
    near = told(study(), test=test | {"calibrated": 0.97, "calibrated_low": 0.93})
    assert "No check found a fault." in near
    assert "names a fault" not in near
    assert "autogen sample RUN" in near


def test_a_score_that_is_not_that_of_real_data_is_a_fault_by_itself():
    test = study().result.to_json()["test"] | {"calibrated": 0.45, "calibrated_low": 0.42}
    far = told(study(), test=test | {"calibrated_high": 0.49})
    said = "The score itself says that the samples differ from real data: 0.45 (0.42 to 0.49)"
    assert said in far
    assert "No check names what differs: compare the samples with the real ones below" in far
    assert "look at the samples below" in told(dataclasses.replace(study(), real=None))
    unsure = told(study(), test=test | {"calibrated_high": 1.18})
    assert "No check names a fault, but the score is too uncertain to confirm that" in unsure
    none = told(study(), test=test | {"calibrated": None, "calibrated_low": None, "calibrated_high": None})
    assert "No check names a fault, but there is no normalized score to confirm that" in none
    for text in (far, unsure, none):
        assert "No check found a fault" not in text


def test_diagnostics_far_from_those_of_real_data_are_named_the_farthest_first():
    def about(**means):
        return {name: {"mean": mean, "low": mean, "high": mean} for name, mean in means.items()}

    result = study().result.to_json()
    sides = {
        "model": about(recall=0.5, fd=9.0, coverage=0.78),
        "ceiling": about(recall=0.9, fd=1.0, coverage=0.8),
    }
    result["finalists"][0]["diagnostics"] = sides["model"]
    for one in result["baselines"]:
        if one["role"] == "ceiling":
            one["diagnostics"] = sides["ceiling"]
        if one.get("trivial"):
            one["diagnostics"] = about(recall=0.1, fd=10.0, coverage=0.1)
    text = told(study(), finalists=result["finalists"], baselines=result["baselines"])
    assert (
        "They lack part of the variety of real samples (recall 0.5; real data 0.9, independent pixels 0.1)."
        in text
    )
    assert text.index("can be told from real samples (fd 9;") < text.index("(recall")
    assert "coverage" not in text


def test_a_diagnostic_that_does_not_tell_trivial_samples_from_real_ones_names_no_fault():
    def about(mean, width):
        return {"recall": {"mean": mean, "low": mean - width, "high": mean + width}}

    def said(width):  # samples on the far side of the trivial baseline
        result = study().result.to_json()
        result["finalists"][0]["diagnostics"] = about(0.74, width)
        for one in result["baselines"]:
            if one["role"] == "ceiling" or one.get("trivial"):
                one["diagnostics"] = about(0.732 if one["role"] == "ceiling" else 0.733, width)
        return told(study(), finalists=result["finalists"], baselines=result["baselines"])

    assert "(recall 0.74; real data 0.732" in said(0.0001)
    assert "recall" not in said(0.05)


def test_commands_name_the_run_folder_and_can_be_pasted():
    page = dataclasses.replace(study(), run="my runs/digits-1", file="samples.npz")
    draw = "autogen sample &#x27;my runs/digits-1&#x27; -n 100 -o samples.npz"
    assert draw in told(page)
    assert "autogen resume &#x27;my runs/digits-1&#x27; --budget +10m" in told(page, grade="weak")
    rules = [rule | {"binding": "zip -> city"} for rule in relations().rules[:1]]
    page = dataclasses.replace(page, relations=dataclasses.replace(relations(), rules=rules))
    assert "autogen run &#x27;my runs/digits-1/study.toml&#x27; --rule" in told(page)


def test_one_more_broken_rule_is_one_rule():
    rules = [
        relations().rules[0] | {"rule": f"{name} determines city", "columns": [name, "city"]}
        for name in "abcd"
    ]
    page = dataclasses.replace(study(), relations=dataclasses.replace(relations(), rules=rules))
    assert "They break 1 more rule." in told(page)
    page = dataclasses.replace(
        page, relations=dataclasses.replace(relations(), rules=[*rules, relations().rules[0]])
    )
    assert "They break 2 more rules." in told(page)


def test_a_short_or_weak_search_is_told_to_get_more_time():
    assert "autogen resume RUN --budget +10m" in told(study(), grade="weak")
    assert "autogen resume RUN --budget +10m" in told(study("baseline"))
    assert "autogen resume" not in told(study(), grade="usable")
    assert "autogen sample" not in told(study("baseline"))


def test_a_good_model_of_a_short_search_may_be_used_all_the_same():
    text = told(study(), grade="usable", cut={"gan": 0.2})
    assert text.index("autogen resume") < text.index("autogen sample")


def test_broken_rules_that_can_be_made_binding_are_offered_as_options():
    rules = [rule | {"binding": "zip -> city"} for rule in relations().rules[:1]]
    page = dataclasses.replace(study(), relations=dataclasses.replace(relations(), rules=rules))
    assert "--rule &quot;zip -&gt; city&quot;" in told(page)


def test_next_steps_begin_with_what_helps_most_and_agree_with_the_warnings():
    test = study().result.to_json()["test"] | {"calibrated": 0.97, "calibrated_low": 0.93}
    done = told(study(), test=test, grade="close to real", warnings=[])
    assert "resume" not in done
    short = told(study(), test=test, grade="close to real", warnings=["no trial of gan; give more time"])
    assert short.index("Give the search more time") < short.index("Draw samples")
    rules = [rule | {"binding": "zip -> city"} for rule in relations().rules[:1]]
    page = dataclasses.replace(study(), relations=dataclasses.replace(relations(), rules=rules))
    table = told(page, grade="weak")
    assert table.index("Run again with a rule") < table.index("Give the search more time")


def test_the_next_step_says_why_a_search_whose_finalists_were_all_refused_needs_more_time():
    refused = [
        one | {"excluded": "9 % of its samples are copies"} for one in study().result.to_json()["finalists"]
    ]
    text = told(study(), verdict="baseline", grade="weak", finalists=refused)
    assert "more time, since every finalist was refused (more training data helps, too)" in text
    some = told(
        study(),
        verdict="baseline",
        grade="weak",
        finalists=[*refused[:1], *study().result.to_json()["finalists"][1:]],
    )
    assert "Give the search more time: " in some


def test_a_share_or_a_count_at_the_top_has_what_to_compare_it_with():
    page = study()
    gate = Memorization(share=0.56, p_value=0.4, passed=True)
    counts = {"near_duplicates": 6, "samples": 400, "real_near_duplicates": 2, "found_up_to": 1525}
    found = Diversity(**counts, p_value=0.11, passed=True)
    text = safe(top(page, dataclasses.replace(page.result, memorisation=gate, diversity=found)))
    assert "passed: 56 % nearer to train (50 %, give or take chance, if nothing is copied)" in text
    assert "passed: 6 of 400 near duplicates (real samples: 2)" in text


def test_a_trial_of_a_study_that_stopped_is_not_said_to_run():
    page = study()
    trials = [*page.trials, page.trials[0] | {"number": 99, "state": "running", "score": None}]
    stopped, running = (
        safe(tag("div", *ranking(dataclasses.replace(page, trials=trials, progress=progress))))
        for progress in (Progress(False, "search", 31.0), Progress(True, "search", 31.0))
    )
    assert "<td>not ended</td>" in stopped
    assert "<td>running</td>" in running
    assert "<td>running</td>" not in stopped


def test_samples_that_equal_training_samples_are_told_first_and_only_if_unseen_ones_do_so_less():
    page, near = example("tabular"), [0.0] * 28 + [0.3] * 72
    told_of = {
        unseen: told(
            dataclasses.replace(
                page,
                nearest=dataclasses.replace(page.nearest, generated=near, unseen=[0.0] * unseen + [0.3] * 75),
            )
        )
        for unseen in (0, 25)
    }
    first = told_of[0].partition("What is wrong")[2]
    assert first.index("28 % of them equal a training sample (unseen real ones: 0 %).") < first.index(
        "(rule:"
    )
    assert "equal a training sample" not in told_of[25]
