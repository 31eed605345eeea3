import random
from statistics import median

from autogen.hpo.pruners.ranking import Ranking


def test_losses_come_out_in_order_however_they_came_in():
    draw = random.Random(0)
    losses = [round(draw.random(), 3) for _ in range(12_000)]  # many blocks, many equals
    ranking = Ranking(losses)
    assert len(ranking) == 12_000
    assert [ranking[rank] for rank in range(0, 12_000, 7)] == sorted(losses)[::7]


def test_what_is_below_a_loss_is_counted_without_its_equals():
    draw = random.Random(1)
    losses = [round(draw.random(), 3) for _ in range(12_000)]
    ranking = Ranking(losses)
    for loss in (*losses[:50], -1.0, 0.5004, 2.0):
        assert ranking.below(loss) == sum(other < loss for other in losses)


def test_many_equal_losses_are_below_nothing():
    assert Ranking([1.0] * 9000).below(1.0) == 0


def test_the_median_is_that_of_the_statistics_module():
    draw = random.Random(2)
    for count in (1, 2, 3, 10, 9001):
        losses = [draw.random() for _ in range(count)]
        assert Ranking(losses).median() == median(losses)


def test_ranks_go_on_from_block_to_block():
    losses = Ranking(map(float, range(9000)))
    assert [losses[rank] for rank in range(9000)] == list(map(float, range(9000)))
    assert losses.median() == 4499.5
