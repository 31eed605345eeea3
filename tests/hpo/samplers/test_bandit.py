import pytest

from autogen.hpo.samplers.bandit import next_arm


def play(best: dict[str, float], rounds: int) -> dict[str, int]:
    """Pulls of arms whose losses fall to their best as they are pulled."""
    losses: dict[str, list[float]] = {arm: [] for arm in best}
    for _ in range(rounds):
        arm = next_arm({name: len(own) for name, own in losses.items()}, losses, startup=3)
        losses[arm].append(best[arm] + 1.0 / (1 + len(losses[arm])))
    return {arm: len(own) for arm, own in losses.items()}


def test_every_arm_is_tried_a_few_times_first():
    assert play({"a": 0.0, "b": 5.0, "c": 9.0}, 9) == {"a": 3, "b": 3, "c": 3}


def test_most_pulls_go_to_the_arm_with_the_best_result():
    pulls = play({"a": 1.0, "b": 0.0, "c": 2.0}, 100)
    assert pulls["b"] > 60


def test_no_arm_is_left_for_good():
    early, late = play({"a": 1.0, "b": 0.0}, 50), play({"a": 1.0, "b": 0.0}, 2000)
    assert late["a"] > early["a"] >= 4


def test_pending_trials_count_as_pulls():
    assert next_arm({"a": 40, "b": 3}, {"a": [1.0] * 3, "b": [1.0] * 3}, startup=3) == "b"


def test_one_huge_loss_does_not_hide_the_differences_of_the_rest():
    losses = {"a": [0.1, 0.5, 0.6], "b": [0.4, 0.5, 1e9]}
    assert next_arm({"a": 30, "b": 30}, losses, startup=3) == "a"


def test_arms_without_a_result_are_still_chosen_among():
    assert next_arm({"a": 5, "b": 4}, {"a": [], "b": []}, startup=3) == "b"
    assert next_arm({"a": 5, "b": 20}, {"a": [], "b": [1.0]}, startup=3) in ("a", "b")


def test_arms_that_are_all_alike_take_turns():
    pulls = {"a": 3, "b": 3}
    for _ in range(20):
        pulls[next_arm(pulls, {"a": [1.0] * 3, "b": [1.0] * 3}, startup=3)] += 1
    assert abs(pulls["a"] - pulls["b"]) <= 1


def test_where_seconds_are_known_cheap_arms_get_more_pulls_by_the_root_of_their_seconds():
    losses = {"a": [1.0] * 3, "b": [1.0] * 3}
    pulls = {"a": 1, "b": 1}
    for _ in range(60):
        pulls[next_arm(pulls, losses, 1, {"a": 16.0, "b": 1.0})] += 1
    assert pulls["b"] / pulls["a"] == pytest.approx(4.0, rel=0.1)


def test_arms_of_unknown_seconds_count_as_usual_ones():
    losses = {"a": [1.0], "b": [1.0], "c": [1.0]}
    seconds = {"a": 4.0, "b": 1.0, "c": 0.0}
    ranked = []
    pulls = {"a": 2, "b": 2, "c": 2}
    while len(ranked) < 3:
        ranked.append(next_arm({arm: pulls[arm] for arm in pulls if arm not in ranked}, losses, 1, seconds))
    assert ranked == ["b", "c", "a"]
