"""From characters to samples: cleaning, and whether there are many documents or one long one.

A file of lines is taken for one document a line where at least 20 lines hold text and at most 1 % of
the lines between the first and the last are blank (a list of names, of messages); blank lines between
paragraphs, or few lines, make it one long document, which is cut into contiguous blocks. The blocks are
what is dealt to the four parts. The option ``documents`` overrides the rule.
"""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

from autogen.data.split import MINIMUM
from autogen.errors import DataError

#: The most tokens of a document or of a block, unless the option ``length`` says otherwise.
LENGTH = 256
#: The same in characters or bytes where a token is joined of some three of them.
LENGTH_IN_PAIRS = 512
#: A long document is cut into smaller blocks, but no smaller than this, to get ...
SHORTEST = 32
#: ... this many.
WANTED_BLOCKS = 500
_MOST_BLANK = 0.01
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def cleaned(text: str) -> tuple[str, dict[str, int]]:
    """The text with plain line breaks, composed (NFC), without control characters; counts of changes."""
    counts = {"breaks": text.count("\r")}
    text = re.sub("\r\n?", "\n", text)
    text, counts["controls"] = _CONTROL.subn("", text)
    composed = unicodedata.normalize("NFC", text)
    counts["composed"] = int(composed != text)
    return composed, counts


def without_controls(text: str) -> str:
    """The text without characters that no cleaned text has; bytes can spell them."""
    return _CONTROL.sub("", text)


def cleaning_notes(counts: Sequence[dict[str, int]]) -> list[str]:
    """What was changed, in sentences."""
    total = {name: sum(each[name] for each in counts) for name in ("breaks", "controls", "composed")}
    sentences = {
        "breaks": "{} line breaks of Windows or old Macs were written as plain ones.",
        "controls": "{} control characters were left out.",
        "composed": "Accented letters were composed (Unicode NFC) in {} of the texts read.",
    }
    return [sentences[name].format(count) for name, count in total.items() if count]


def is_list_of_lines(text: str) -> bool:
    """Whether each line is a document, by the rule above."""
    lines = text.strip("\n").split("\n")
    blank = sum(not line.strip() for line in lines)
    return len(lines) - blank >= MINIMUM and blank <= _MOST_BLANK * len(lines)


def widths(text: str, in_bytes: bool) -> np.ndarray:
    """Tokens of each character: 1, or the bytes that UTF-8 needs, int64 (N,)."""
    points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    if not in_bytes:
        return np.ones(len(points), dtype=np.int64)
    return np.asarray(1 + (points >= 0x80) + (points >= 0x800) + (points >= 0x10000), dtype=np.int64)


def documents_of(texts: Sequence[str], length: int, in_bytes: bool) -> tuple[list[str], list[str]]:
    """The documents that hold something, none longer than ``length`` tokens, and notes."""
    stripped = [text.strip() for text in texts]
    kept = [text for text in stripped if text]
    notes = []
    if blank := len(texts) - len(kept):
        notes.append(f"{blank} of {len(texts)} texts are blank; they are left out.")
    if outer := sum(a != b for a, b in zip(texts, stripped, strict=True)) - blank:
        notes.append(f"Spaces around {max(outer, 0)} texts were left out.") if outer > 0 else None
    pieces = [piece for text in kept for piece in _pieces(text, length, in_bytes)]
    if len(pieces) > len(kept):
        long = sum(int(widths(text, in_bytes).sum()) > length for text in kept if 4 * len(text) > length)
        notes.append(
            f"{long} of {len(kept)} texts are longer than {length} tokens; they were cut at spaces, "
            f"which makes {len(pieces)} texts in all."
        )
    return pieces, notes


def blocks_of(
    text: str, length: int | None, in_bytes: bool, name: str, most: int = LENGTH
) -> tuple[list[str], int, list[str]]:
    """Contiguous blocks of a long text, the tokens that each has room for, and notes.

    Raises:
        DataError: there is too little text.
    """
    ends = np.cumsum(widths(text, in_bytes))
    total = int(ends[-1]) if len(ends) else 0
    size = length or int(np.clip(total // WANTED_BLOCKS, SHORTEST, most))
    if total < size * MINIMUM:
        raise DataError(
            f"{name} holds {total} characters; a long text must have {MINIMUM} blocks of {size} characters, "
            f"so {size * MINIMUM} at least. Bring more text."
        )
    blocks, start, spent = [], 0, 0
    while total - spent >= size:
        stop = int(np.searchsorted(ends, spent + size, side="right"))
        blocks.append(text[start:stop])
        start, spent = stop, int(ends[stop - 1])
    note = f"One long text: it was cut into {len(blocks)} contiguous blocks of {size} tokens"
    left = f"; the last {total - spent} tokens are left out." if total > spent else "."
    return blocks, size, [note + left]


def _pieces(text: str, length: int, in_bytes: bool) -> list[str]:
    """A text in pieces of at most ``length`` tokens, cut at a space where one is near."""
    if len(text) * (4 if in_bytes else 1) <= length:
        return [text]
    found, ends, start = [], np.append(0, np.cumsum(widths(text, in_bytes))), 0
    while ends[-1] - ends[start] > length:
        stop = int(np.searchsorted(ends, ends[start] + length, side="right")) - 1
        space = max(text.rfind(" ", start, stop), text.rfind("\n", start, stop))
        stop = space if space > start + (stop - start) // 2 else stop
        found.append(text[start:stop].strip())
        start = stop
    found.append(text[start:].strip())
    return [piece for piece in found if piece]
