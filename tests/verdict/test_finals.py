"""Real finals, with a truth to compare with: a metric to be maximized, contenders of known quality."""

import math

import numpy as np
import pytest

from autogen.errors import MetricError, RunError
from autogen.hpo.study.events import Scored
from autogen.verdict.contenders import Rules
from autogen.verdict.statistics import interval
from tests.verdict.field import BASELINES, DRAWS, Field, RealWords

pytestmark = pytest.mark.usefixtures("words_registered")


@pytest.fixture(scope="module")
def clear(tmp_path_factory, words_registered):
    """One model is far better than another, a third is hopeless, a fourth copies train."""
    made = Field(tmp_path_factory.mktemp("clear"), {0: 0.6, 1: 0.9, 2: 0.1, 3: 0.99}, copying=(3,))
    return made, made.models(0, 1, 2, 3)


def named(verdict, name):
    return next(one for one in verdict.results if one.name == name)


def test_the_truly_best_wins_and_its_own_model_is_delivered(clear):
    _, verdict = clear
    assert (verdict.kind, verdict.claim, verdict.chosen.name) == ("winner", "model", "trial 1")
    assert verdict.delivered.model.name == "0100"
    assert verdict.delivered.test_score == verdict.chosen.interval.mean == pytest.approx(0.9, abs=0.05)


def test_a_model_that_copies_cannot_win_however_good_its_score(clear):
    _, verdict = clear
    copier = named(verdict, "trial 3")
    assert "% of its samples are copies of the train split" in copier.excluded
    assert copier.tested.test.mean > verdict.chosen.tested.test.mean
    assert copier.comparison is None


def test_a_model_clearly_worse_on_select_is_not_read_on_test_but_the_runner_up_is(clear):
    made, verdict = clear
    hopeless = named(verdict, "trial 2")
    assert (hopeless.tested.ranked.dropped, hopeless.tested.test, hopeless.excluded) == (True, None, "")
    assert not [event.key for event in made.scored() if event.key.startswith("test/trial 2/")]
    assert named(verdict, "trial 0").tested.test is not None


def test_the_floor_is_the_best_trivial_baseline(clear):
    _, verdict = clear
    assert verdict.floor == named(verdict, "third").interval.mean
    assert named(verdict, "poor").normalized.mean < 0 < named(verdict, "half").normalized.mean
    assert named(verdict, "third").normalized.mean == pytest.approx(0.0)
    assert (verdict.scaled, verdict.direction, verdict.ceiling.mean) == (True, "maximize", 1.0)
    assert (verdict.look, verdict.draws) == (1, (DRAWS, DRAWS))


def test_the_leader_is_held_against_the_best_baseline_that_does_not_copy(clear):
    _, verdict = clear
    assert named(verdict, "copier").interval.mean > verdict.chosen.interval.mean
    assert [c.rival for c in verdict.verdict.comparisons] == ["trial 0", "half"]


def test_a_control_does_not_compete_and_is_not_scored_on_select(clear):
    _, verdict = clear
    assert named(verdict, "train_copy").tested.ranked.select is None
    assert not any(one.tested.ranked.dropped for one in verdict.baselines)
    assert not named(verdict, "train_copy").tested.ranked.gate.memorisation.passed


@pytest.mark.slow
@pytest.mark.parametrize(("short", "rival"), [(False, "copier"), (True, "trivialcopier")])
def test_where_all_baselines_copy_the_leader_is_held_against_the_best_of_them_and_no_control(
    short, rival, tmp_path
):
    verdict = Field(tmp_path, {0: 0.9}, kind="allcopying").models(0, short=short, limit=math.inf)
    assert all(named(verdict, name).excluded for name in ("copier", "trivialcopier"))
    assert named(verdict, "control").tested.ranked.gate.passed
    assert [c.rival for c in verdict.verdict.comparisons] == [rival]
    assert (verdict.scaled, verdict.grade) == (False, "")  # the floor is as good as real rows
    assert (verdict.kind, verdict.chosen.name, verdict.delivered.withheld) == ("baseline", "trial 0", "")


def test_samples_for_test_are_drawn_afresh_and_all_models_by_the_same_seeds(clear):
    made, _ = clear
    select, test = (
        [
            [
                seed
                for source in made.finals.sources.sources(made.model(trial), split, DRAWS)
                for seed in source.seeds
            ]
            for trial in (0, 1)
        ]
        for split in ("select", "test")
    )
    assert select[0] == select[1]
    assert test[0] == test[1]
    assert len({*select[0], *test[0]}) == 2 * DRAWS


def test_the_interval_of_the_result_rests_on_its_own_draws_and_rows(clear):
    _, verdict = clear
    test = verdict.chosen.tested.test
    assert verdict.chosen.interval == interval(test.scores, test.replicates)
    assert len(test.scores) == DRAWS


def test_each_baseline_is_drawn_as_often_as_a_model(clear):
    _, verdict = clear
    assert len(named(verdict, "half").tested.test.scores) == DRAWS


def test_each_draw_of_a_baseline_is_an_evaluation_of_its_own_so_that_workers_share_them(clear):
    made, _ = clear
    keys = [event.key for event in made.scored() if event.key.startswith("test/half/")]
    assert sorted(keys) == [f"test/half/{draw} of {DRAWS}" for draw in range(1, DRAWS + 1)]


def test_where_time_is_short_no_worker_waits_for_the_hard_tests(tmp_path):
    made = Field(tmp_path, {0: 0.9}, kind="held", events=())
    made.models(0, short=True, draws=3, limit=math.inf)
    keys = [event.key for event in made.scored()]
    begun = keys[next(place for place, key in enumerate(keys) if key.startswith("constraints/")) :]
    # The best on select cannot be saved, so the next one is tested at once, whatever is found of the best.
    assert begun[1:3] == ["constraints/half/3", "constraints/third/3"]
    assert "test/real rows/1" in begun[: begun.index("test/half/1 of 3")]


def test_where_time_is_short_only_baselines_that_the_verdict_rests_on_are_tested(tmp_path):
    made = Field(tmp_path, {0: 0.9}, events=())
    verdict = made.models(0, short=True, draws=3, limit=math.inf)
    gates = {one.name for one in verdict.baselines if one.tested.ranked.gate}
    on_test = {one.name for one in verdict.baselines if one.tested.test}
    # The best on select copies, so the next best is the one to beat; the other two may be the floor.
    assert gates == {"train_copy", "copier", "half"}
    assert on_test == {"half", "third", "poor"}
    assert not named(verdict, "train_copy").tested.ranked.gate.memorisation.passed
    assert [c.rival for c in verdict.verdict.comparisons] == ["half"]
    assert verdict.floor == named(verdict, "third").interval.mean
    assert {len(one.tested.test.scores) for one in verdict.results if one.tested.test} == {3}


@pytest.mark.slow
def test_real_rows_have_no_evidence_of_copying_of_their_own_since_they_may_be_rows_of_train(tmp_path):
    made = Field(tmp_path, {0: 0.9}, kind="traced")
    verdict = made.models(0, short=True, limit=math.inf)
    assert {"copied_span", "copied_span of real texts"} <= set(verdict.finalists[0].diagnostics)
    assert "copied_span" not in verdict.real_diagnostics
    assert verdict.real_diagnostics


@pytest.mark.slow
def test_where_time_is_short_a_leader_and_one_rival_that_pass_are_tested(tmp_path):
    made = Field(tmp_path, {0: 0.9, 1: 0.99, 2: 0.75, 3: 0.85, 4: 0.7}, copying=(1,))
    verdict = made.models(0, 1, 2, 3, 4, short=True)
    tested = [one.name for one in verdict.finalists if one.tested.test and not one.excluded]
    assert tested == ["trial 0", "trial 3"]
    assert named(verdict, "trial 1").excluded
    late = {one.name: one.tested.ranked.late for one in verdict.finalists}
    assert late == {f"trial {number}": number in (2, 4) for number in range(5)}


@pytest.mark.slow
def test_where_the_time_is_over_no_other_rival_is_looked_for_but_a_leader_is(tmp_path):
    made = Field(tmp_path, {0: 0.9, 1: 0.99, 2: 0.75}, copying=(1,))
    alone = made.models(0, 1, 2, short=True, limit=-1.0)
    assert [one.name for one in alone.finalists if one.tested.test and not one.excluded] == ["trial 0"]
    assert named(alone, "trial 2").tested.ranked.late
    (tmp_path / "other").mkdir()
    more = Field(tmp_path / "other", {0: 0.9, 1: 0.99, 2: 0.95}, copying=(1, 2))
    assert more.models(0, 1, 2, short=True, limit=-1.0).chosen.name == "trial 0"


def test_where_time_is_short_no_baseline_is_delivered_that_was_not_checked_for_copies(tmp_path):
    verdict = Field(tmp_path, {0: 0.05}, events=()).models(0, short=True, limit=-1.0)
    assert (verdict.kind, verdict.chosen.name) == ("baseline", "half")
    assert verdict.chosen.tested.ranked.gate.passed
    assert named(verdict, "train_copy").tested.ranked.gate is None  # of controls only if there is time


@pytest.mark.slow
@pytest.mark.parametrize(("seconds", "delivered"), [((1.0, 50.0), "trial 0"), ((50.0, 1.0), "trial 1")])
def test_a_rival_that_is_no_worse_on_test_is_delivered_if_it_is_cheaper(seconds, delivered, tmp_path):
    made = Field(tmp_path, {0: {"select": 0.85, "test": 0.92}, 1: {"select": 0.95, "test": 0.9}})
    verdict = made.judged([made.model(trial, seconds[trial]) for trial in (0, 1)])
    assert [one.name for one in verdict.finalists] == ["trial 1", "trial 0"]
    assert (verdict.kind, verdict.chosen.name) == ("tie", delivered)


def test_scores_on_tune_have_no_replicates_and_those_on_test_have(clear):
    made, _ = clear
    values = {event.key: event.values for event in made.scored()}
    tune = [values["tune/half/1"], values["tune/real rows/1"]]
    assert all(set(one) == {"score.0"} for one in tune)
    assert any(name.startswith("without.") for name in values["test/real rows/1"])
    assert any(name.startswith("without.") for name in values["select/half/1"])


@pytest.mark.slow
def test_the_leader_is_chosen_on_select_though_another_one_is_better_on_test(tmp_path):
    chances = {0: {"select": 0.72, "test": 0.6}, 1: {"select": 0.62, "test": 0.75}}
    verdict = Field(tmp_path, chances).models(1, 0)
    assert [one.name for one in verdict.finalists] == ["trial 0", "trial 1"]
    assert (verdict.kind, verdict.chosen.name) == ("tie", "trial 0")
    assert verdict.verdict.comparisons[0].relation == "better"


def test_without_a_rival_the_leader_is_unrivaled(tmp_path):
    verdict = Field(tmp_path, {1: 0.9}).models(1)
    assert (verdict.kind, verdict.grade) == ("unrivaled", "usable")


@pytest.mark.slow
def test_a_leader_no_better_than_the_best_baseline_ends_in_baseline(tmp_path):
    verdict = Field(tmp_path, {0: 0.5, 1: 0.2}).models(0, 1)
    assert verdict.kind == "baseline"
    assert verdict.verdict.comparisons[-1].relation == "undecided"


def test_a_leader_that_is_shown_to_be_worse_than_the_best_baseline_is_said_to_be_so(tmp_path):
    verdict = Field(tmp_path, {0: 0.3}).models(0)
    assert (verdict.kind, verdict.verdict.comparisons[-1].relation) == ("baseline", "better")
    assert verdict.grade == "weak"  # of the baseline, which is returned


def test_a_later_look_needs_a_smaller_p_value(tmp_path):
    assert Field(tmp_path, {0: 0.9}).models(0, look=2).verdict.alpha == 0.02


@pytest.mark.slow
def test_a_recipe_with_a_failed_training_cannot_win(tmp_path):
    made = Field(tmp_path, {0: [0.7] * 6, 1: [0.95] * 5})
    failed = made.recipe(1, claim=(2, 3, 4), excluded="failed on 1 of 6 fresh seeds: the loss is nan")
    verdict = made.judged([made.recipe(0), failed], claim="recipe")
    assert verdict.chosen.name == "trial 0"
    assert named(verdict, "trial 1").excluded.startswith("failed on 1 of 6")


@pytest.mark.slow
def test_seeds_that_rank_recipes_are_not_those_that_the_claim_rests_on(tmp_path):
    # its ranking seeds are lucky, the others are not
    chances = {0: [0.95, 0.95, 0.6, 0.6, 0.6, 0.6], 1: [0.75] * 6}
    verdict = Field(tmp_path, chances).recipes(0, 1)
    assert verdict.finalists[0].name == "trial 0"
    assert verdict.finalists[0].interval.mean == pytest.approx(0.6, abs=0.05)
    assert verdict.kind != "winner"


@pytest.mark.slow
def test_of_a_recipe_s_trainings_the_best_on_select_is_delivered_with_its_own_score(tmp_path):
    lucky, best = {"select": 0.6, "test": 0.95}, {"select": 0.95, "test": 0.8}  # lucky on test
    chances = {0: [0.8, 0.8, 0.7, lucky, best, 0.7], 1: [0.55] * 6}
    verdict = Field(tmp_path, chances).recipes(0, 1)
    assert verdict.delivered.model.name == "0004"
    assert verdict.delivered.test_score == verdict.chosen.tested.test.scores[2]
    assert verdict.delivered.test_score < verdict.chosen.tested.test.scores[1]


def test_where_no_model_beats_the_best_baseline_it_is_what_is_returned(tmp_path):
    verdict = Field(tmp_path, {0: 0.3}).models(0)
    assert (verdict.chosen.name, verdict.delivered.model) == ("half", None)
    assert verdict.delivered.baseline.sample(3, np.random.default_rng(0))
    assert verdict.delivered.test_score == named(verdict, "half").interval.mean


@pytest.mark.slow
@pytest.mark.parametrize(("score", "measured"), [(0.3, True), (0.9, False)])
def test_a_baseline_that_is_returned_has_diagnostics_as_a_model_has(tmp_path, score, measured):
    verdict = Field(tmp_path, {0: score}).models(0, limit=math.inf)
    assert (verdict.chosen.name == "half") == measured
    assert bool(named(verdict, "half").diagnostics) == measured
    assert verdict.finalists[0].diagnostics


def test_a_model_that_was_ahead_on_select_alone_is_not_returned_for_the_baseline(tmp_path):
    verdict = Field(tmp_path, {0: {"select": 0.7, "test": 0.5}}).models(0)
    assert (verdict.kind, verdict.chosen.name, verdict.delivered.model) == ("baseline", "half", None)


def test_where_time_is_short_a_trivial_baseline_that_copies_is_the_floor_all_the_same(tmp_path):
    made = Field(tmp_path, {0: 0.9}, kind="copying")
    assert made.models(0, short=True).floor == made.models(0).floor


@pytest.mark.slow
def test_a_model_is_returned_where_only_models_are_wanted(tmp_path):
    verdict = Field(tmp_path, {0: 0.3}).models(0, models_only=True)
    assert (verdict.kind, verdict.chosen.name, verdict.delivered.model.name) == (
        "baseline",
        "trial 0",
        "0000",
    )


@pytest.mark.slow
@pytest.mark.parametrize(("chance", "returned"), [(0.3, "third"), (0.45, "trial 0")])
def test_a_baseline_that_holds_rows_is_withheld_and_the_better_of_the_others_returned(
    tmp_path, chance, returned
):
    verdict = Field(tmp_path, {0: chance}, kind="withheld").models(0)
    assert (verdict.chosen.name, verdict.delivered.withheld) == (returned, "half")


@pytest.mark.slow
def test_a_baseline_is_not_said_to_be_withheld_where_the_model_is_ahead_of_it(tmp_path):
    verdict = Field(tmp_path, {0: {"select": 0.7, "test": 0.5}}, kind="withheld").models(0)
    assert (verdict.kind, verdict.chosen.name, verdict.delivered.withheld) == ("baseline", "trial 0", "")


def test_what_the_journal_holds_is_not_scored_again(tmp_path, clear, monkeypatch):
    made, verdict = clear
    again = Field(tmp_path, {0: 0.6, 1: 0.9, 2: 0.1, 3: 0.99}, copying=(3,), events=made.scored())
    monkeypatch.setattr(RealWords, "jackknife", lambda *_: pytest.fail("scored again"))
    found = again.models(0, 1, 2, 3)
    assert [one.interval for one in found.results] == [one.interval for one in verdict.results]
    assert found.tune_scores == verdict.tune_scores


@pytest.mark.slow
def test_a_journal_that_tested_for_copies_alone_is_tested_again_for_both(tmp_path):
    old = {"share": 0.5, "p_value": 1.0, "copied": 0.0, "copied_p_value": 1.0, "passed": 1.0}
    names = [f"trial 0/trials/0000/0/{DRAWS}", *(f"{name}/{DRAWS}" for name in BASELINES)]
    made = Field(tmp_path, {0: 0.9}, events=[Scored(f"gate/{name}", 0.1, old) for name in names])
    gate = named(made.models(0), "copier").tested.ranked.gate
    assert not gate.memorisation.passed
    assert gate.diversity.samples > 0


@pytest.mark.slow
def test_a_finalist_that_cannot_be_scored_loses_its_place_and_the_study_goes_on(tmp_path):
    verdict = Field(tmp_path, {0: 0.0, 1: 0.9}, metric="choosy").models(0, 1)
    assert (verdict.kind, verdict.chosen.name) == ("unrivaled", "trial 1")
    assert named(verdict, "trial 0").excluded == "could not be scored: ValueError: no real word anywhere"


@pytest.mark.slow
def test_where_no_finalist_can_be_scored_one_line_says_why(tmp_path):
    with pytest.raises(RunError, match=r"sampled and scored \(trial 0: could not be scored: .* no real word"):
        Field(tmp_path, {0: 0.0}, metric="choosy").models(0)


@pytest.mark.slow
def test_where_real_rows_cannot_be_scored_there_is_nothing_to_judge_by(tmp_path, monkeypatch):
    made = Field(tmp_path, {0: 0.9})
    ranking = made.finals.rank([made.model(0)])
    monkeypatch.setattr(RealWords, "score", lambda *_: float("nan"))
    rules = Rules(draws=DRAWS)
    admitted = made.finals.admit(ranking, rules)
    with pytest.raises(MetricError):
        made.finals.read_test(admitted, rules)


def test_the_variance_of_the_rows_grows_with_their_number_of_groups_less_one():
    draw = np.random.default_rng(0)
    replicates = 0.5 + 0.01 * draw.normal(size=(1, 20)).repeat(3, axis=0)
    found = interval(np.full(3, 0.5), replicates)
    assert found.error == pytest.approx(float(np.std(replicates[0])) * 19**0.5)


def test_an_earlier_model_that_is_not_beaten_is_kept(tmp_path):
    made = Field(tmp_path, {0: 0.6, 1: 0.9}, champion=1)
    verdict = made.models(0)
    assert (verdict.kind, verdict.chosen.name) == ("baseline", "earlier_model")
    assert verdict.delivered.model.name == "0100"
    assert verdict.delivered.baseline is None
    assert verdict.chosen.interval.mean == pytest.approx(0.9, abs=0.05)


def test_an_earlier_model_gives_way_to_one_that_beats_it_and_the_baselines(tmp_path):
    made = Field(tmp_path, {0: 0.9, 1: 0.6}, champion=1)
    verdict = made.models(0)
    assert (verdict.kind, verdict.chosen.name) == ("unrivaled", "trial 0")
    assert {c.rival for c in verdict.verdict.comparisons} >= {"earlier_model"}


def test_an_earlier_model_that_the_best_baseline_beats_is_compared_all_the_same(tmp_path):
    made = Field(tmp_path, {0: 0.9, 1: 0.2}, champion=1)
    verdict = made.models(0)
    assert [c.rival for c in verdict.verdict.comparisons] == ["half", "earlier_model"]
    assert verdict.chosen.name == "trial 0"


def test_an_earlier_model_that_is_behind_on_select_gives_way_even_if_it_is_not_shown_to_be_worse(tmp_path):
    made = Field(tmp_path, {0: {"select": 0.9, "test": 0.8}, 1: 0.8}, champion=1)
    verdict = made.models(0)
    assert verdict.kind == "baseline"
    assert [c.rival for c in verdict.verdict.comparisons if not c.separated] == ["earlier_model"]
    assert verdict.chosen.name == "trial 0"
    assert verdict.delivered.model.name == "0000"


def test_where_only_models_are_returned_an_earlier_one_that_led_on_select_is_kept(tmp_path):
    made = Field(tmp_path, {0: 0.6, 1: 0.9}, champion=1)
    assert made.models(0, models_only=True).delivered.model.name == "0100"
