import random

from autogen.report.figures.importance import explained, places, strength, trends


def made(score, **config):
    return {"config": {"family": "vae", **config}, "score": score}


def test_the_parameter_that_orders_the_scores_comes_first():
    trials = [made(float(i), noise=i * 7 % 10, lr=10.0**-i) for i in range(10)]
    assert next(iter(trends(trials))) == "lr"
    assert trends(trials)["lr"] > 0.999


def test_scales_do_not_matter():
    trials = [made(float(i), a=i, b=2.0**i) for i in range(10)]
    assert strength("a", trials) == strength("b", trials)


def test_a_choice_that_decides_the_score_is_as_strong_as_a_number():
    trials = [made(float(i < 5), kind="a" if i < 5 else "b") for i in range(10)]
    assert strength("kind", trials) > 0.999


def test_constants_and_the_family_are_left_out():
    assert list(trends([made(float(i), a=i, fixed=3) for i in range(10)])) == ["a"]


def test_too_few_trials_tell_nothing():
    assert trends([made(float(i), a=i) for i in range(4)]) == {}


def test_a_parameter_of_some_trials_counts_among_these():
    trials = [made(float(i), **({"a": i} if i < 6 else {})) for i in range(20)]
    assert trends(trials)["a"] > 0.999


def test_values_stand_evenly_spaced_in_their_order():
    assert places([10, 1000, 100, 10]) == [0.0, 1.0, 0.5, 0.0]
    assert places(["b", "a", True]) == [1.0, 0.5, 0.0]


def trial(number, score, state="complete", early=None, **config):
    curve = [] if early is None else [(10, early)]
    told = {"number": number, "family": "vae", "config": {"family": "vae", **config}, "state": state}
    curve += [(20, score)] if state == "complete" else []
    return told | {"curve": curve, "score": score if state == "complete" else None}


def test_a_parameter_that_only_its_middle_values_make_good_is_found():
    trials = [trial(i, abs(i / 40 - 0.5), lr=float(i), noise=(7 * i) % 40) for i in range(40)]
    found = explained(trials, "vae")
    assert found.shares["lr"] > 0.6
    assert found.certain == {"lr"}
    assert found.shares["noise"] < 0.2


def test_where_few_trials_were_trained_to_the_end_an_earlier_rung_is_compared():
    trials = [trial(i, 1.0, "pruned", early=float(i), lr=float(i)) for i in range(30)]
    found = explained([*trials, trial(30, 0.1, early=0.0, lr=0.5)], "vae")
    assert (found.trials, found.when) == (31, "after 10 steps")
    assert "lr" in found.certain


def test_what_never_varied_or_was_hardly_tried_explains_nothing():
    trials = [trial(i, float(i), width=64) for i in range(40)]
    assert explained(trials, "vae").shares == {}
    assert explained([], "vae").shares == {}


def test_chance_alone_is_seldom_certain():
    draw = random.Random(0)
    certain = 0
    for _ in range(300):
        trials = [trial(i, draw.random(), lr=draw.random(), kind=draw.choice("abc")) for i in range(40)]
        certain += bool(explained(trials, "vae").certain)
    assert certain <= 30
