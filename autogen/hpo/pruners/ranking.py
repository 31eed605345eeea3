"""Sorted losses, in which a pruning decision costs the same for a million trials as for a hundred."""

from bisect import bisect_left, insort
from collections.abc import Iterable

_BLOCK = 2000  # number of losses of a block after its split


class Ranking:
    """Sorted multiset of losses, ascending, in blocks of a few thousand.

    Args:
        losses: losses in any order.
    """

    def __init__(self, losses: Iterable[float] = ()) -> None:
        self._blocks: list[list[float]] = [[]]
        self._bounds: list[float] = []  # the largest loss of every block but the last
        for loss in losses:
            self.add(loss)

    def add(self, loss: float) -> None:
        """Insert a loss."""
        place = bisect_left(self._bounds, loss)
        block = self._blocks[place]
        insort(block, loss)
        if len(block) > 2 * _BLOCK:
            self._blocks.insert(place + 1, block[_BLOCK:])
            del block[_BLOCK:]
            self._bounds.insert(place, block[-1])

    def remove(self, loss: float) -> None:
        """Remove a loss that was inserted."""
        for block in self._blocks[bisect_left(self._bounds, loss) :]:
            place = bisect_left(block, loss)
            if place < len(block):
                assert block[place] == loss
                del block[place]
                return

    def below(self, loss: float) -> int:
        """Count the losses that are smaller than this one."""
        place = bisect_left(self._bounds, loss)
        return sum(map(len, self._blocks[:place])) + bisect_left(self._blocks[place], loss)

    def median(self) -> float:
        """Compute the median; there must be at least one loss."""
        return (self[(len(self) - 1) // 2] + self[len(self) // 2]) / 2

    def __len__(self) -> int:
        return sum(map(len, self._blocks))

    def __getitem__(self, rank: int) -> float:
        for block in self._blocks:
            if rank < len(block):
                return block[rank]
            rank -= len(block)
        raise IndexError("beyond the last loss")
