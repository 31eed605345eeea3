"""Losses in order, so that a decision costs the same among a million trials as among a hundred."""

from bisect import bisect_left, insort
from collections.abc import Iterable

_BLOCK = 2000  # losses that a block holds once it was split in two


class Ranking:
    """Losses, ascending, in blocks of a few thousand.

    Args:
        losses: In any order.
    """

    def __init__(self, losses: Iterable[float] = ()) -> None:
        self._blocks: list[list[float]] = [[]]
        self._bounds: list[float] = []  # the largest loss of every block but the last
        for loss in losses:
            self.add(loss)

    def add(self, loss: float) -> None:
        """Put a loss in its place."""
        place = bisect_left(self._bounds, loss)
        block = self._blocks[place]
        insort(block, loss)
        if len(block) > 2 * _BLOCK:
            self._blocks.insert(place + 1, block[_BLOCK:])
            del block[_BLOCK:]
            self._bounds.insert(place, block[-1])

    def remove(self, loss: float) -> None:
        """Take out a loss that was put in."""
        for block in self._blocks[bisect_left(self._bounds, loss) :]:
            place = bisect_left(block, loss)
            if place < len(block):
                assert block[place] == loss
                del block[place]
                return

    def below(self, loss: float) -> int:
        """How many losses are smaller than this one."""
        place = bisect_left(self._bounds, loss)
        return sum(map(len, self._blocks[:place])) + bisect_left(self._blocks[place], loss)

    def median(self) -> float:
        """The middle loss, or the mean of the two in the middle; there must be one."""
        return (self[(len(self) - 1) // 2] + self[len(self) // 2]) / 2

    def __len__(self) -> int:
        return sum(map(len, self._blocks))

    def __getitem__(self, rank: int) -> float:
        for block in self._blocks:
            if rank < len(block):
                return block[rank]
            rank -= len(block)
        raise IndexError("beyond the last loss")
