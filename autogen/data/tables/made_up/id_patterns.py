"""Patterns of identifiers: the characters at each place, and which of the texts are not taken yet."""

import base64
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

#: Texts of a pattern per text of the data that make a collision improbable.
ROOM = 10**9
#: Parts of a pattern's texts that are told apart as taken or free; most patterns of a column.
MOST_PARTS, MOST_PATTERNS = 2**16, 12
_SLOTS = 100
_DIGITS = "0123456789"


@dataclass(frozen=True)
class IdPattern:
    """Texts with known characters, or words, at each place.

    Where there are few texts, new ones must be none of the data. The pattern knows the parts of its texts
    in which none is taken. Of a pattern with few texts that tells which are taken, as do many new ones.

    Attributes:
        places: characters at each place, as a text, or the words that may stand there.
        share: identifiers of a hundred that have this pattern.
        first: index of the first text that may be made.
        taken: a bit for each part of the texts, in base 64; empty if all texts may be made.
    """

    places: tuple[Sequence[str], ...]
    share: int
    first: int = 0
    taken: str = ""

    @cached_property
    def room(self) -> int:
        """Number of texts of the pattern."""
        return math.prod(map(len, self.places))

    @cached_property
    def free(self) -> int:
        """Number of texts that may be made."""
        return int(self._ends[-1]) if self.taken else self.room - self.first

    def text(self, number: int) -> str:
        """Write the free text of a number, 0..free-1."""
        place = self.first + number
        if self.taken:
            part = int(np.searchsorted(self._ends, number, side="right"))
            before = int(self._ends[part - 1]) if part else 0
            place = int(self._starts[part]) + number - before
        text = ""
        for some in reversed(self.places):
            place, digit = divmod(place, len(some))
            text = some[digit] + text
        return text

    def to_json(self) -> dict[str, Any]:
        """Describe the pattern in JSON values."""
        return {
            **vars(IdPattern(self.places, self.share, self.first, self.taken)),
            "places": list(self.places),
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "IdPattern":
        """Rebuild from ``to_json``."""
        places = (some if isinstance(some, str) else tuple(some) for some in record["places"])
        return cls(**{**record, "places": tuple(places)})

    @cached_property
    def _parts(self) -> tuple[np.ndarray, np.ndarray]:
        """Starts and sizes of the parts without a taken text, int64 (P,)."""
        count = min(self.room, MOST_PARTS)
        bits = np.unpackbits(np.frombuffer(base64.b64decode(self.taken), np.uint8), count=count)
        edges = np.array([part * self.room // count for part in range(count + 1)], dtype=np.int64)
        open_ = bits == 0
        return edges[:-1][open_], np.diff(edges)[open_]

    @property
    def _starts(self) -> np.ndarray:
        return self._parts[0]

    @cached_property
    def _ends(self) -> np.ndarray:
        sizes = self._parts[1]
        return np.cumsum(sizes) if len(sizes) else np.zeros(1, np.int64)


def find_patterns(texts: Sequence[str]) -> tuple[IdPattern, ...]:
    """Find the patterns of texts, frequent ones first: texts of one length with signs at the same places.

    The longest one is among them, maybe with a share of 0: what is longer is new.
    """
    if not texts:
        return (IdPattern((_DIGITS,), _SLOTS),)
    groups: dict[tuple[int, tuple[int, ...]], list[str]] = defaultdict(list)
    for text in texts:
        groups[len(text), tuple(i for i, sign in enumerate(text) if not sign.isalnum())].append(text)
    ranked = sorted(groups.values(), key=lambda group: (-len(group), len(group[0])))
    usual = ranked[:MOST_PATTERNS]
    shares = shared_out([len(group) for group in usual])
    found = [_pattern(group, share) for group, share in zip(usual, shares, strict=True)]
    if len(longest := max(ranked, key=lambda group: len(group[0]))[0]) > max(
        len(one.places) for one in found
    ):
        found.append(IdPattern(tuple(longest), 0))
    return tuple(found)


def longer(places: tuple[Sequence[str], ...], more: int) -> tuple[Sequence[str], ...]:
    """Repeat the first variable place several more times; a constant gets digits at its end."""
    free = next((i for i, some in enumerate(places) if len(some) > 1), None)
    if free is None:
        return (*places, *[_DIGITS] * more)
    return (*places[:free], *[places[free]] * more, *places[free:])


def shared_out(counts: Sequence[int]) -> list[int]:
    """Share out a hundred slots by counts, the largest remainders first."""
    exact = [_SLOTS * count / sum(counts) for count in counts]
    shares = [int(share) for share in exact]
    rest = sorted(range(len(exact)), key=lambda i: shares[i] - exact[i])
    for i in rest[: _SLOTS - sum(shares)]:
        shares[i] += 1
    return shares


def _pattern(texts: Sequence[str], share: int) -> IdPattern:
    """Find the characters at each place of texts of one length; all digits of a count that fills its room."""
    places = tuple("".join(sorted(set(place))) for place in zip(*texts, strict=True))
    found = _free(places, texts, share)
    if found.free >= len(texts):
        return found
    wide = list(places)
    end = next((i for i in reversed(range(len(wide))) if set(wide[i]) <= set(_DIGITS)), -1)
    while end >= 0 and set(wide[end]) <= set(_DIGITS):
        wide[end] = _DIGITS
        end -= 1
    return _free(tuple(wide), texts, share)


def _free(places: tuple[str, ...], texts: Sequence[str], share: int) -> IdPattern:
    """Mark the parts of a pattern's texts that are taken."""
    room = math.prod(map(len, places))
    if room >= ROOM * len(texts):
        return IdPattern(places, share)
    count = min(room, MOST_PARTS)
    taken = np.zeros(count, dtype=np.uint8)
    for text in texts:
        place = 0
        for character, some in zip(text, places, strict=True):
            place = place * len(some) + some.index(character)
        part = place * count // room
        # Both roundings go down: the part may be the next one.
        part += (part + 1) * room // count <= place
        taken[part] = 1
    return IdPattern(places, share, 0, base64.b64encode(np.packbits(taken).tobytes()).decode())
