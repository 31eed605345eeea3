"""Values of a column by the cells of others, as the training rows have them."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from autogen.data.tables.rules.cells import Cells
from autogen.data.tables.rules.check import grouped

Key = tuple[int, ...]
#: The one NaN of the votes: as a key of a dictionary, NaN equals only itself.
_ABSENT = float("nan")


class LookupTable:
    """Answers by keys: indices of the categories of some columns.

    A combination that no training row has is answered by its first columns, which tell most; so equal
    combinations get equal answers.

    Args:
        sources: names of K columns.
        keys: distinct keys of the training rows, int64 (R, K).
        answers: answer of each key, float64 (R,), NaN for a missing cell.
        counts: number of training rows with each key, int64 (R,).
    """

    def __init__(
        self, sources: Sequence[str], keys: np.ndarray, answers: np.ndarray, counts: np.ndarray
    ) -> None:
        self.sources, self.keys, self.answers, self.counts = tuple(sources), keys, answers, counts

    @classmethod
    def fit(cls, sources: Sequence[str], cells: Cells, name: str) -> "LookupTable":
        """Collect the keys of the training rows without missing cells, and the answers that there are."""
        rows = ~np.any([cells.absent(source) for source in sources], axis=0)
        answers = cells.numbers(name)[rows]
        told = {source: _told(cells.numbers(source)[rows], answers) for source in sources}
        order = sorted(sources, key=lambda source: -told[source])
        keys = np.column_stack([cells.numbers(source)[rows] for source in order]).astype(np.int64)
        there = np.argsort(np.isnan(answers), kind="stable")
        keys, answers = keys[there], answers[there]
        keys, first, counts = np.unique(keys, axis=0, return_index=True, return_counts=True)
        return cls(order, keys, answers[first], counts)

    def speaks(self, cells: Cells) -> np.ndarray:
        """Tell in which of N rows no source is missing, bool (N,)."""
        return np.asarray(~np.any([cells.absent(source) for source in self.sources], axis=0))

    def settled(self, cells: Cells, known: Mapping[str, np.ndarray]) -> np.ndarray:
        """Tell in which rows the known cells say that a source is missing, bool (N,)."""
        told = [known[name] & cells.absent(name) for name in self.sources if name in cells.columns]
        return np.any([*told, np.zeros_like(known[self.sources[0]])], axis=0)  # type: ignore[no-any-return]

    def answers_known(self, cells: Cells, known: Mapping[str, np.ndarray]) -> np.ndarray:
        """Tell in which rows all sources are known and none is missing, bool (N,)."""
        return np.asarray(np.all([known[name] for name in self.sources], axis=0) & self.speaks(cells))

    def answer(self, cells: Cells, rows: np.ndarray) -> np.ndarray:
        """Look up the answers of some rows, float64 (n,)."""
        keys = np.column_stack([cells.numbers(name)[rows] for name in self.sources]).astype(np.int64)
        different, place = np.unique(keys, axis=0, return_inverse=True)
        found = [self._answer(tuple(key)) for key in different.tolist()]
        return np.array(found, dtype=float)[place.ravel()]

    def knows(self, cells: Cells, rows: np.ndarray) -> np.ndarray:
        """Tell for which of some rows a training row has the cells of all sources, bool (n,)."""
        keys = np.column_stack([cells.numbers(name)[rows] for name in self.sources]).astype(np.int64)
        return np.array([tuple(key) in self._by_key[-1] for key in keys.tolist()], dtype=bool)

    def fits(self, answer: float, cells: Cells, there: Mapping[str, np.ndarray]) -> np.ndarray:
        """Tell for which of N rows a key with an answer has the sources' cells that are there, bool (N,).

        Args:
            answer: answer that the key must have.
            cells: columns of the sources, as far as they are there.
            there: mask of the cells that are there, bool (N,) of each source.
        """
        keys = self.keys[self.answers == answer]
        mask = np.column_stack([there[name] for name in self.sources])
        blank = np.zeros(len(mask))
        columns = [cells.numbers(name) if name in cells.columns else blank for name in self.sources]
        wanted = np.where(mask, np.nan_to_num(np.column_stack(columns), nan=-1.0), -2.0).astype(np.int64)
        different, place = np.unique(np.column_stack([wanted, mask]), axis=0, return_inverse=True)
        found = []
        for row in different:
            known = row[len(self.sources) :].astype(bool)
            found.append((keys[:, known] == row[: len(self.sources)][known]).all(axis=1).any())
        return np.array(found, dtype=bool)[place.ravel()]

    def _answer(self, key: Key) -> float:
        for known in reversed(self._by_key):
            depth = len(next(iter(known), ()))
            if (answer := known.get(key[:depth])) is not None:
                return answer
        return _ABSENT

    @cached_property
    def _by_key(self) -> list[dict[Key, float]]:
        """The most frequent answer by the first 0 to K columns of a key."""
        found = []
        for depth in range(self.keys.shape[1] + 1):
            votes: dict[Key, Counter[float]] = defaultdict(Counter)
            for key, answer, count in zip(
                self.keys.tolist(), self.answers.tolist(), self.counts, strict=True
            ):
                votes[tuple(key[:depth])][_ABSENT if np.isnan(answer) else answer] += int(count)
            found.append({key: counted.most_common(1)[0][0] for key, counted in votes.items()})
        return found

    def to_json(self) -> dict[str, Any]:
        """Describe keys, answers and counts."""
        answers = [None if np.isnan(answer) else answer for answer in self.answers.tolist()]
        about = {"sources": list(self.sources), "keys": self.keys.tolist(), "answers": answers}
        return about | {"counts": self.counts.tolist()}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "LookupTable":
        """Rebuild from ``to_json``."""
        keys = np.array(record["keys"], dtype=np.int64).reshape(-1, len(record["sources"]))
        answers = np.array([np.nan if one is None else one for one in record["answers"]], dtype=float)
        return cls(record["sources"], keys, answers, np.array(record["counts"], dtype=np.int64))


def _told(source: np.ndarray, answers: np.ndarray) -> float:
    """Compute the share of rows that have the most frequent answer of their source's value."""
    source, answers = source[~np.isnan(answers)], answers[~np.isnan(answers)]
    if not len(source):
        return 0.0
    answer = grouped([answers])
    width = int(answer.max()) + 1
    cells, counts = np.unique(grouped([source]) * width + answer, return_counts=True)
    best = np.zeros(int(cells.max() // width) + 1)
    np.maximum.at(best, cells // width, counts)
    return float(best.sum() / len(source))
