from autogen.report.sensitivity import places, strength, telling


def made(score, **config):
    return {"config": {"family": "vae", **config}, "score": score}


def test_the_parameter_that_orders_the_scores_comes_first():
    trials = [made(float(i), noise=i * 7 % 10, lr=10.0**-i) for i in range(10)]
    assert next(iter(telling(trials))) == "lr"
    assert telling(trials)["lr"] > 0.999


def test_scales_do_not_matter():
    trials = [made(float(i), a=i, b=2.0**i) for i in range(10)]
    assert strength("a", trials) == strength("b", trials)


def test_a_choice_that_decides_the_score_is_as_strong_as_a_number():
    trials = [made(float(i < 5), kind="a" if i < 5 else "b") for i in range(10)]
    assert strength("kind", trials) > 0.999


def test_constants_and_the_family_are_left_out():
    assert list(telling([made(float(i), a=i, fixed=3) for i in range(10)])) == ["a"]


def test_too_few_trials_tell_nothing():
    assert telling([made(float(i), a=i) for i in range(4)]) == {}


def test_a_parameter_of_some_trials_counts_among_these():
    trials = [made(float(i), **({"a": i} if i < 6 else {})) for i in range(20)]
    assert telling(trials)["a"] > 0.999


def test_values_stand_evenly_spaced_in_their_order():
    assert places([10, 1000, 100, 10]) == [0.0, 1.0, 0.5, 0.0]
    assert places(["b", "a", True]) == [1.0, 0.5, 0.0]
