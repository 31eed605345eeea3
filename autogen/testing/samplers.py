"""Contract of samplers as a test suite: subclass ``SamplerContract`` for your own sampler."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from autogen.hpo.samplers.base import Sampler
from autogen.hpo.space import Choice, Float, Int, SearchSpace
from autogen.hpo.trial import Config, Outcome, State, config_key

#: Function of a search space and a seed that makes the sampler under test.
Make = Callable[[SearchSpace, int], Sampler]
#: Event of a study: a config that was asked for, or the outcome of a trial.
Event = Config | Outcome

#: 32 configs in two branches; ``model.depth`` is conditional in the first, which also has a constant.
SMALL = SearchSpace(
    {
        "tree": {
            "model.kind": Choice(("plain", "deep")),
            "model.depth": Int(2, 4, when={"kind": "deep"}),
            "model.wide": Choice((True, False)),
            "training.rate": Float(0.1, 0.3, step=0.1),
            "training.rows": 64,
        },
        "line": {"model.slope": Int(1, 8, log=True, factor=2), "model.even": Choice((0, 1))},
    }
)

#: Space with too many configs to enumerate; some parameters depend on two conditions.
LARGE = SearchSpace(
    {
        "net": {
            "model.norm": Choice(("none", "batch", "group")),
            "model.groups": Choice((2, 4, 8), when={"norm": "group"}),
            "model.share": Float(0.0, 1.0, step=0.05, when={"groups": [4, 8]}),
            "model.width": Int(8, 512, log=True),
            "training.rate": Float(1e-4, 1.0, log=True, factor=1.1220184543019633),
            "training.decay": Float(0.0, 0.5, step=0.001),
        },
        "tree": {"model.depth": Int(1, 50), "model.leaf": Int(1, 400, log=True)},
    }
)


class SamplerContract:
    """Tests of a sampler; subclasses define the fixture ``make``, a function of space and seed."""

    def test_proposals_are_points_of_the_space(self, make: Make) -> None:
        for event in play(make(LARGE, 0), LARGE, 40):
            if not isinstance(event, Outcome):
                LARGE.validate(event)

    def test_values_are_of_pythons_own_types(self, make: Make) -> None:
        for event in play(make(LARGE, 0), LARGE, 20):
            if not isinstance(event, Outcome):
                assert {type(value) for value in event.values()} <= {bool, int, float, str}

    def test_no_config_is_proposed_twice(self, make: Make) -> None:
        sampler = make(LARGE, 0)
        play(sampler, LARGE, 40)
        assert len({config_key(config) for config in sampler.asked}) == len(sampler.asked) == 40

    def test_a_finite_space_is_proposed_whole_and_then_no_more(self, make: Make) -> None:
        sampler = make(SMALL, 0)
        play(sampler, SMALL, 100)
        assert {config_key(one) for one in sampler.asked} == {config_key(one) for one in SMALL.grid()}
        assert len(sampler.asked) == SMALL.size()
        assert sampler.ask(3) == []

    def test_a_finite_space_asked_at_once_is_proposed_whole(self, make: Make) -> None:
        assert len(make(SMALL, 0).ask(100)) == SMALL.size()

    def test_fixed_values_are_kept(self, make: Make) -> None:
        sampler = make(LARGE, 0)
        play(sampler, LARGE, 12)
        fixed: Config = {"family": "net", "model.norm": "group", "model.groups": 4, "model.width": 64}
        proposals = sampler.ask(10, fixed=fixed)
        assert len(proposals) == 10
        for config in proposals:
            LARGE.validate(config)
            assert fixed.items() <= config.items()

    def test_fixing_a_conditional_parameter_makes_it_active(self, make: Make) -> None:
        for config in make(LARGE, 0).ask(5, fixed={"model.share": 0.5}):
            LARGE.validate(config)
            assert config["model.share"] == 0.5

    def test_what_fixed_values_leave_is_proposed_whole(self, make: Make) -> None:
        sampler = make(SMALL, 0)
        fixed: Config = {"family": "tree", "model.kind": "deep", "model.wide": True}
        assert len(sampler.ask(50, fixed=fixed)) == 9
        assert sampler.ask(1, fixed=fixed) == []
        assert len(sampler.ask(100)) == SMALL.size() - 9

    def test_a_proposal_depends_on_past_configs_and_outcomes_alone(self, make: Make) -> None:
        events = play(make(LARGE, 3), LARGE, 24)
        _assert_resumed(make, events, asks=24)

    def test_a_proposal_depends_on_the_past_alone_with_many_pending_trials(self, make: Make) -> None:
        events = play(make(LARGE, 3), LARGE, 150, pending=100)
        _assert_resumed(make, events, asks=5)

    def test_a_seed_gives_the_same_proposals_again(self, make: Make) -> None:
        assert play(make(LARGE, 5), LARGE, 15) == play(make(LARGE, 5), LARGE, 15)

    def test_another_seed_gives_other_proposals(self, make: Make) -> None:
        assert play(make(LARGE, 0), LARGE, 15) != play(make(LARGE, 1), LARGE, 15)

    def test_trials_without_a_finite_loss_are_survived(self, make: Make) -> None:
        sampler = make(LARGE, 0)
        for number, loss in enumerate((None, math.nan, math.inf, -math.inf, None) * 4):
            LARGE.validate(sampler.ask()[0])
            state = State.FAILED if loss is None else (State.COMPLETE, State.PRUNED)[number % 2]
            sampler.tell([Outcome(number, state, loss, fidelity=0.5)])
        assert len(sampler.asked) == 20

    def test_trials_that_are_all_alike_are_survived(self, make: Make) -> None:
        sampler = make(LARGE, 0)
        for number in range(15):
            sampler.ask()
            sampler.tell([Outcome(number, State.COMPLETE, 1.0)])
        assert len(sampler.asked) == 15

    def test_trials_without_an_outcome_are_survived(self, make: Make) -> None:
        sampler = make(LARGE, 0)
        assert len(sampler.ask(30)) == 30
        sampler.tell([Outcome(number, State.COMPLETE, float(number)) for number in range(20, 30)])
        assert len(sampler.ask(5)) == 5


def _assert_resumed(make: Make, events: Sequence[Event], asks: int) -> None:
    """Interrupt a study before each of its last asks: a fresh sampler must continue like the first one."""
    places = [place for place, event in enumerate(events) if not isinstance(event, Outcome)]
    for place in places[-asks:]:
        resumed = make(LARGE, 3)
        replay(resumed, events[:place])
        assert resumed.ask() == [events[place]]


def play(sampler: Sampler, space: SearchSpace, count: int, pending: int = 3) -> list[Event]:
    """Let a sampler run a small study whose trials end out of order, some pruned, some failed.

    Args:
        sampler: Sampler under test.
        space: Search space of the sampler.
        count: Most configs to ask for.
        pending: Most trials at a time without an outcome.

    Returns:
        Events in their order.
    """
    rng = np.random.default_rng(count)
    events: list[Event] = []
    running: list[int] = []
    while (left := count - len(sampler.asked)) and (
        proposals := sampler.ask(min(left, int(rng.integers(1, 3))))
    ):
        events += proposals
        running += range(len(sampler.asked) - len(proposals), len(sampler.asked))
        while len(running) > pending:
            number = running.pop(int(rng.integers(len(running))))
            outcome = _outcome(number, space, sampler.asked[number])
            sampler.tell([outcome])
            events.append(outcome)
    return events


def replay(sampler: Sampler, events: Sequence[Event]) -> None:
    """Replay the events before an interruption on a fresh sampler."""
    for event in events:
        if isinstance(event, Outcome):
            sampler.tell([event])
        else:
            sampler.replay(event)


def _outcome(number: int, space: SearchSpace, config: Config) -> Outcome:
    """Compute the outcome of a trial, a function of its config and its number alone."""
    branch = space.branch(str(config["family"]))
    places = [branch[key].to_unit(value) for key, value in config.items() if key != "family"]
    loss = sum((place - 0.3) ** 2 for place in places)
    if number % 7 == 3:
        return Outcome(number, State.FAILED, None)
    if number % 3 == 2:
        return Outcome(number, State.PRUNED, loss + 1.0, fidelity=(0.1, 0.3)[number % 2])
    return Outcome(number, State.COMPLETE, loss)
