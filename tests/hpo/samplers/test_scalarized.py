import numpy as np
import pytest

from autogen.hpo.objective import Objective
from autogen.hpo.samplers.bayesian import BayesianSampler
from autogen.hpo.samplers.random import RandomSampler
from autogen.hpo.samplers.scalarized import ScalarizedSampler, chebyshev
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.trial import Outcome, State

SPACE = SearchSpace.parse(
    "[a.training]\nx = { float = [0.0, 1.0], default = 0.5 }\ny = { float = [0.0, 1.0], default = 0.5 }\n"
)
OBJECTIVES = (Objective("quality"), Objective("price"))


def searched(sampler, trials, price=lambda x, y: (1 - x) ** 2 + y):
    """Two objectives whose front lies at y = 0: x decides between them."""
    for number in range(trials):
        config = sampler.ask(1)[0]
        x, y = config["training.x"], config["training.y"]
        sampler.tell([Outcome(number, State.COMPLETE, x**2 + y, values={"price": price(x, y)})])
    return np.array([[c["training.x"], c["training.y"]] for c in sampler.asked])


def test_weights_are_drawn_anew_for_each_proposal_and_add_up_to_one():
    sampler = ScalarizedSampler(SPACE, 0, OBJECTIVES)
    weights = np.array([sampler.weights(number) for number in range(500)])
    assert weights.sum(axis=1) == pytest.approx(1)
    assert weights.mean(axis=0) == pytest.approx([0.5, 0.5], abs=0.05)
    assert (sampler.weights(3) == ScalarizedSampler(SPACE, 0, OBJECTIVES).weights(3)).all()


def test_the_joined_objective_prefers_what_the_weights_prefer():
    losses = np.array([[0.0, 1.0], [1.0, 0.0], [0.4, 0.4], [1.0, 1.0]])
    assert chebyshev(losses, np.array([0.9, 0.1])).argmin() == 0
    assert chebyshev(losses, np.array([0.1, 0.9])).argmin() == 1
    assert chebyshev(losses, np.array([0.5, 0.5])).argmin() == 2
    assert chebyshev(losses, np.array([0.5, 0.5])).argmax() == 3


@pytest.mark.slow
def test_it_searches_all_along_the_front_where_one_objective_is_searched_at_its_end():
    late = searched(ScalarizedSampler(SPACE, 0, OBJECTIVES), 36)[12:]
    near = late[late[:, 1] < 0.1]
    assert len(near) > len(late) / 2
    assert (near[:, 0] < 0.35).any()
    assert (near[:, 0] > 0.65).any()
    assert ((near[:, 0] > 0.35) & (near[:, 0] < 0.65)).any()


def test_with_one_objective_it_proposes_what_the_bayesian_sampler_does():
    one, other = ScalarizedSampler(SPACE, 5), BayesianSampler(SPACE, 5)
    assert (searched(one, 12) == searched(other, 12)).all()


def test_where_many_trials_are_pending_weights_serve_a_batch(monkeypatch: pytest.MonkeyPatch):
    drawn: list[int] = []
    weights = ScalarizedSampler.weights
    monkeypatch.setattr(
        ScalarizedSampler, "weights", lambda self, number: drawn.append(number) or weights(self, number)
    )
    sampler = ScalarizedSampler(SPACE, 0, OBJECTIVES)
    for config in RandomSampler(SPACE, 0).ask(84):
        sampler.replay(config)
    sampler.tell(Outcome(n, State.COMPLETE, float(n), values={"price": -float(n)}) for n in range(20))
    for number in range(20, 32):
        sampler.ask()
        sampler.tell([Outcome(number, State.COMPLETE, float(number), values={"price": -1.0})])
    assert drawn == [84, 88, 92]


def test_an_infeasible_trial_is_shunned_as_a_failed_one_is():
    def proposals(state):
        sampler = BayesianSampler(SPACE, 0)
        for number in range(12):
            x = sampler.ask(1)[0]["training.x"]
            bad = x > 0.5
            sampler.tell([Outcome(number, state if bad else State.COMPLETE, None if bad else -x)])
        return [config["training.x"] for config in sampler.asked]

    assert proposals(State.INFEASIBLE) == proposals(State.FAILED)
