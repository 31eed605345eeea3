"""Real finals, with a truth to compare with: a metric to be maximized, contenders of known quality."""

import numpy as np
import pytest

from autogen.errors import MetricError, RunError
from autogen.hpo.study.events import Scored
from autogen.verdict.contenders import Rules
from autogen.verdict.statistics import interval
from tests.verdict.field import BASELINES, DRAWS, Keeper, RealWords, finals, judged, model, recipe


@pytest.fixture(scope="module")
def clear():
    """One model is far better than another, a third is hopeless, a fourth copies train."""
    made = finals({0: 0.6, 1: 0.9, 2: 0.1, 3: 0.99}, copying=(3,))
    return made, judged(made, [model(number) for number in range(4)])


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
    assert copier.excluded.startswith("its samples are copies of the train split")
    assert copier.tested.test.mean > verdict.chosen.tested.test.mean
    assert copier.comparison is None


def test_a_model_clearly_worse_on_select_is_not_read_on_test_but_the_runner_up_is(clear):
    made, verdict = clear
    hopeless = named(verdict, "trial 2")
    assert (hopeless.tested.ranked.dropped, hopeless.tested.test, hopeless.excluded) == (True, None, "")
    assert not any(split == "test" and folder.name == "0200" for split, folder, *_ in made.drawn)
    assert named(verdict, "trial 0").tested.test is not None


def test_the_floor_is_the_best_trivial_baseline(clear):
    _, verdict = clear
    assert verdict.floor == named(verdict, "third").interval.mean
    assert named(verdict, "poor").normalized.mean < 0 < named(verdict, "half").normalized.mean
    assert named(verdict, "third").normalized.mean == pytest.approx(0.0)


def test_the_leader_is_held_against_the_best_baseline_that_does_not_copy(clear):
    _, verdict = clear
    assert named(verdict, "copier").interval.mean > verdict.chosen.interval.mean
    assert [c.rival for c in verdict.verdict.comparisons] == ["trial 0", "half"]


def test_a_control_does_not_compete_and_is_not_scored_on_select(clear):
    _, verdict = clear
    assert named(verdict, "train_copy").tested.ranked.select is None
    assert not named(verdict, "train_copy").tested.ranked.gate.memorisation.passed


def test_samples_for_test_are_drawn_afresh_and_all_models_by_the_same_seeds(clear):
    made, _ = clear
    seeds = {split: {seed for s, *_, seed in made.drawn if s == split} for split in ("select", "test")}
    assert not seeds["select"] & seeds["test"]
    of_model = {}
    for split, folder, index, seed in made.drawn:
        of_model.setdefault((split, folder), {})[index] = seed
    for split in ("select", "test"):
        own = [by_index for (s, _), by_index in of_model.items() if s == split]
        assert all(by_index == own[0] for by_index in own)
        assert len(set(own[0].values())) == DRAWS


def test_the_interval_of_the_result_rests_on_its_own_draws_and_rows(clear):
    _, verdict = clear
    test = verdict.chosen.tested.test
    assert verdict.chosen.interval == interval(test.scores, test.replicates)
    assert len(test.scores) == DRAWS


def test_each_baseline_is_drawn_as_often_as_a_model(clear):
    _, verdict = clear
    assert len(named(verdict, "half").tested.test.scores) == DRAWS


def test_the_leader_is_chosen_on_select_though_another_one_is_better_on_test():
    made = finals({0: {"select": 0.72, "test": 0.6}, 1: {"select": 0.62, "test": 0.75}})
    verdict = judged(made, [model(1), model(0)])
    assert [one.name for one in verdict.finalists] == ["trial 0", "trial 1"]
    assert (verdict.kind, verdict.chosen.name) == ("tie", "trial 0")
    assert verdict.verdict.comparisons[0].relation == "better"


def test_without_a_rival_the_leader_is_unrivaled():
    verdict = judged(finals({1: 0.9}), [model(1)])
    assert (verdict.kind, verdict.grade) == ("unrivaled", "usable")


def test_a_leader_no_better_than_the_best_baseline_ends_in_baseline():
    verdict = judged(finals({0: 0.5, 1: 0.2}), [model(0), model(1)])
    assert verdict.kind == "baseline"
    assert verdict.verdict.comparisons[-1].relation == "undecided"


def test_a_leader_that_is_shown_to_be_worse_than_the_best_baseline_is_said_to_be_so():
    verdict = judged(finals({0: 0.3}), [model(0)])
    assert (verdict.kind, verdict.verdict.comparisons[-1].relation) == ("baseline", "better")
    assert verdict.grade == "weak"  # of the baseline, which is returned


def test_a_later_look_needs_a_smaller_p_value():
    assert judged(finals({0: 0.9}), [model(0)], Rules(draws=DRAWS, look=2)).verdict.alpha == 0.02


def test_a_recipe_with_a_failed_training_cannot_win():
    entries = [
        recipe(0),
        recipe(1, claim=(2, 3, 4), excluded="failed on 1 of 6 fresh seeds: the loss is nan"),
    ]
    verdict = judged(finals({0: 0.7, 1: 0.95}), entries, Rules("recipe", draws=4))
    assert verdict.chosen.name == "trial 0"
    assert named(verdict, "trial 1").excluded.startswith("failed on 1 of 6")


def test_seeds_that_rank_recipes_are_not_those_that_the_claim_rests_on():
    # its ranking seeds are lucky, the others are not
    chances = {0: [0.95, 0.95, 0.6, 0.6, 0.6, 0.6], 1: [0.75] * 6}
    verdict = judged(finals(chances), [recipe(0), recipe(1)], Rules("recipe", draws=4))
    assert verdict.finalists[0].name == "trial 0"
    assert verdict.finalists[0].interval.mean == pytest.approx(0.6, abs=0.05)
    assert verdict.kind != "winner"


def test_of_a_recipe_s_trainings_the_best_on_select_is_delivered_with_its_own_score():
    lucky, best = {"select": 0.6, "test": 0.95}, {"select": 0.95, "test": 0.8}  # lucky on test
    chances = {0: [0.8, 0.8, 0.7, lucky, best, 0.7], 1: [0.55] * 6}
    made = finals(chances)
    verdict = judged(made, [recipe(0), recipe(1)], Rules("recipe", draws=4))
    assert verdict.delivered.model.name == "0004"
    assert verdict.delivered.test_score == verdict.chosen.tested.test.scores[2]
    assert verdict.delivered.test_score < verdict.chosen.tested.test.scores[1]


def test_where_no_model_beats_the_best_baseline_it_is_what_is_returned():
    verdict = judged(finals({0: 0.3}), [model(0)])
    assert (verdict.chosen.name, verdict.delivered.model) == ("half", None)
    assert verdict.delivered.baseline.sample(3, np.random.default_rng(0))
    assert verdict.delivered.test_score == named(verdict, "half").interval.mean


def test_a_model_is_returned_where_only_models_are_wanted():
    verdict = judged(finals({0: 0.3}), [model(0)], Rules(draws=DRAWS, models_only=True))
    assert (verdict.kind, verdict.chosen.name, verdict.delivered.model.name) == (
        "baseline",
        "trial 0",
        "0000",
    )


def test_a_baseline_that_holds_rows_is_withheld_and_the_better_of_the_others_returned(monkeypatch):
    monkeypatch.setitem(BASELINES, "half", type("Keeping", (Keeper,), {}))
    verdict = judged(finals({0: 0.3}), [model(0)])
    assert (verdict.chosen.name, verdict.delivered.withheld) == ("third", "half")
    best = judged(finals({0: 0.45}), [model(0)])
    assert (best.chosen.name, best.delivered.withheld) == ("trial 0", "half")


def test_what_the_journal_holds_is_not_scored_again(clear, monkeypatch):
    made, verdict = clear
    again = finals({0: 0.6, 1: 0.9, 2: 0.1, 3: 0.99}, copying=(3,))
    again.queue.__init__(made.queue.log)
    monkeypatch.setattr(RealWords, "jackknife", lambda *_: pytest.fail("scored again"))
    found = judged(again, [model(number) for number in range(4)])
    assert [one.interval for one in found.results] == [one.interval for one in verdict.results]
    assert found.tune_scores == verdict.tune_scores


def test_a_journal_that_tested_for_copies_alone_is_tested_again_for_both():
    made = finals({0: 0.9})
    old = {"share": 0.5, "p_value": 1.0, "copied": 0.0, "copied_p_value": 1.0, "passed": 1.0}
    names = [f"trial 0/{model(0).test[0].label}/{DRAWS}", *(f"{name}/{DRAWS}" for name in BASELINES)]
    log = made.queue.log
    log.journal.events.extend(Scored(f"gate/{name}", 0.1, old) for name in names)
    made.queue.__init__(log)
    gate = named(judged(made, [model(0)]), "copier").tested.ranked.gate
    assert not gate.memorisation.passed
    assert gate.diversity.samples > 0


class Choosy(RealWords):
    """Cannot score texts without a vowel."""

    def score(self, reference, fake):
        if not any(set(text) & set("aeiou") for text in fake):
            raise ValueError("no vowel anywhere")
        return super().score(reference, fake)


def test_a_finalist_that_cannot_be_scored_loses_its_place_and_the_study_goes_on():
    verdict = judged(finals({0: 0.0, 1: 0.9}, metric=Choosy()), [model(0), model(1)])
    assert (verdict.kind, verdict.chosen.name) == ("unrivaled", "trial 1")
    assert named(verdict, "trial 0").excluded == "could not be scored: ValueError: no vowel anywhere"


def test_where_no_finalist_can_be_scored_one_line_says_why():
    with pytest.raises(RunError, match=r"sampled and scored \(trial 0: could not be scored: .* no vowel"):
        judged(finals({0: 0.0}, metric=Choosy()), [model(0)])


def test_where_real_rows_cannot_be_scored_there_is_nothing_to_judge_by(monkeypatch):
    made = finals({0: 0.9})
    ranking = made.rank([model(0)])
    monkeypatch.setattr(RealWords, "score", lambda *_: float("nan"))
    with pytest.raises(MetricError):
        made.read_test(ranking, Rules(draws=DRAWS))


def test_the_variance_of_the_rows_grows_with_their_number_of_groups_less_one():
    draw = np.random.default_rng(0)
    replicates = 0.5 + 0.01 * draw.normal(size=(1, 20)).repeat(3, axis=0)
    found = interval(np.full(3, 0.5), replicates)
    assert found.error == pytest.approx(float(np.std(replicates[0])) * 19**0.5)
