"""Corruptions of real samples in steps of severity: a metric of sample quality must notice each step.

A corruption is a function of samples, a severity in (0, 1] and a random generator.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autogen.data.music.notes import KEYS, LOWEST, Piece

#: Severity of each step, as a share of the full damage.
SEVERITIES = (0.25, 0.5, 1.0)

Corruption = Callable[[Any, float, np.random.Generator], Any]


def _noise(images: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Add white noise with a standard deviation of up to half the range."""
    return _like(images + rng.normal(size=images.shape) * severity * 0.5 * float(images.max()), images)


def _blur(images: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG001
    """Blend each pixel with the mean of its 3 x 3 neighborhood."""
    padded = np.pad(images.astype(float), ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    height, width = images.shape[1:3]
    steps = [(i, j) for i in range(3) for j in range(3)]
    around = sum(padded[:, i : i + height, j : j + width] for i, j in steps) / 9
    return _like((1 - severity) * images + severity * around, images)


def _holes(images: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Blank out a square, up to five eighths of the height wide."""
    side = max(1, round(severity * images.shape[1] * 5 / 8))
    found = images.copy()
    for image in found:
        top, left = (int(rng.integers(size - side + 1)) for size in images.shape[1:3])
        image[top : top + side, left : left + side] = 0
    return found


def _mixture(images: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Blend each image with another one, up to half."""
    other = images[rng.permutation(len(images))]
    return _like(images * (1 - severity / 2) + other * (severity / 2), images)


def _shift(images: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Shift some images sideways by an eighth of their width."""
    moved = np.roll(images, max(1, images.shape[2] // 8), axis=2)
    return np.where(_chosen(images, severity, rng), moved, images)


def _collapse(images: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Replace some images by one of ten."""
    few = images[rng.integers(10, size=len(images))]
    return np.where(_chosen(images, severity, rng), few, images)


def _untied(frame: Any, severity: float, rng: np.random.Generator) -> Any:
    """Replace some cells by those of other rows, which destroys the dependence between columns."""
    mask = rng.random(frame.shape) < severity
    drawn = frame.apply(lambda column: column.sample(frac=1, random_state=rng).to_numpy())
    return frame.where(~mask, drawn)


def _collapsed(frame: Any, severity: float, rng: np.random.Generator) -> Any:
    """Replace some rows by one of five."""
    rows = np.where(
        rng.random(len(frame)) < severity, rng.integers(5, size=len(frame)), np.arange(len(frame))
    )
    return frame.take(rows).reset_index(drop=True)


def _blanked(frame: Any, severity: float, rng: np.random.Generator) -> Any:
    """Empty up to a fifth of the cells."""
    return frame.mask(rng.random(frame.shape) < severity / 5)


def _stretched(frame: Any, severity: float, rng: np.random.Generator) -> Any:  # noqa: ARG001
    """Scale the distances of numbers from the median by a factor of up to 2."""
    numbers = frame.select_dtypes("number")
    center = numbers.median()
    return frame.assign(**(center + (numbers - center) * (1 + severity)))


def _lopsided(frame: Any, severity: float, rng: np.random.Generator) -> Any:
    """Replace some of the rows with a small first number by rows with a large one."""
    first = frame.select_dtypes("number").iloc[:, 0].to_numpy()
    large = np.flatnonzero(first >= np.median(first))
    unwanted = (first < np.median(first)) & (rng.random(len(frame)) < severity)
    rows = np.where(unwanted, rng.choice(large, len(frame)), np.arange(len(frame)))
    return frame.take(rows).reset_index(drop=True)


def _typos(texts: Any, severity: float, rng: np.random.Generator) -> Any:
    """Replace up to a fifth of the characters by others of the texts."""
    letters = np.array(list("".join(texts)))
    return [
        _mixed(text, letters[rng.integers(len(letters), size=len(text))], severity / 5, rng) for text in texts
    ]


def _shuffled(texts: Any, severity: float, rng: np.random.Generator) -> Any:
    """Shuffle the characters of some texts."""
    return ["".join(rng.permutation(list(text))) if rng.random() < severity else text for text in texts]


def _few(texts: Any, severity: float, rng: np.random.Generator) -> Any:
    """Replace some texts by one of five."""
    return [texts[rng.integers(5)] if rng.random() < severity else text for text in texts]


def _stuck(texts: Any, severity: float, rng: np.random.Generator) -> Any:
    """Replace the second half of some texts by repetitions of one character."""
    halves = [(text[: len(text) // 2], len(text) - len(text) // 2) for text in texts]
    return [
        half + text[len(half)] * rest if text and rng.random() < severity else text
        for text, (half, rest) in zip(texts, halves, strict=True)
    ]


def _halved(texts: Any, severity: float, rng: np.random.Generator) -> Any:
    """Truncate some texts in the middle."""
    return [text[: (len(text) + 1) // 2] if rng.random() < severity else text for text in texts]


def _wrong_notes(pieces: Any, severity: float, rng: np.random.Generator) -> Any:
    """Move up to a fifth of the notes by up to an octave."""
    return [_moved(p, 2, rng.integers(-12, 13, len(p)) * (rng.random(len(p)) < severity / 5)) for p in pieces]


def _unsteady(pieces: Any, severity: float, rng: np.random.Generator) -> Any:
    """Move up to half of the onsets by a sixteenth note."""
    return [_moved(p, 0, rng.choice([-6, 6], len(p)) * (rng.random(len(p)) < severity / 2)) for p in pieces]


def _untuned(pieces: Any, severity: float, rng: np.random.Generator) -> Any:
    """Shuffle the pitches of some pieces."""
    chosen = rng.random(len(pieces)) < severity
    shuffled = [rng.permutation(piece.notes[:, 2]) - piece.notes[:, 2] for piece in pieces]
    return [_moved(p, 2, s * hit) for p, s, hit in zip(pieces, shuffled, chosen, strict=True)]


def _stretched_notes(pieces: Any, severity: float, rng: np.random.Generator) -> Any:
    """Double all times of some pieces."""
    return [_slower(piece) if rng.random() < severity else piece for piece in pieces]


def _moved(piece: Piece, column: int, steps: np.ndarray) -> Piece:
    """Change a column of a piece's notes, within the range of the piano and the length of the piece."""
    notes = piece.notes.copy()
    low, high = (0, piece.length) if column == 0 else (LOWEST, LOWEST + KEYS - 1)
    notes[:, column] = np.clip(notes[:, column] + steps, low, high)
    return Piece.of(notes, piece.length, piece.tempo, piece.bar)


def _slower(piece: Piece) -> Piece:
    return Piece.of(piece.notes * [2, 2, 1, 1], 2 * piece.length, piece.tempo, piece.bar)


def _mixed(text: str, other: np.ndarray, share: float, rng: np.random.Generator) -> str:
    return "".join(np.where(rng.random(len(text)) < share, other, np.array(list(text), dtype="<U1")))


IMAGE_CORRUPTIONS: Mapping[str, Corruption] = {
    "noise": _noise,
    "blur": _blur,
    "holes": _holes,
    "mixture": _mixture,
    "shift": _shift,
    "collapse": _collapse,
}
TABLE_CORRUPTIONS: Mapping[str, Corruption] = {
    "untied": _untied,
    "collapsed": _collapsed,
    "blanked": _blanked,
    "stretched": _stretched,
    "lopsided": _lopsided,
}
MUSIC_CORRUPTIONS: Mapping[str, Corruption] = {
    "wrong_notes": _wrong_notes,
    "unsteady": _unsteady,
    "untuned": _untuned,
    "stretched": _stretched_notes,
    "few": _few,
}
TEXT_CORRUPTIONS: Mapping[str, Corruption] = {
    "typos": _typos,
    "shuffled": _shuffled,
    "few": _few,
    "stuck": _stuck,
    "halved": _halved,
}


def ladder(samples: Any, corruption: Corruption, seed: int = 0) -> list[Any]:
    """Corrupt samples with each of ``SEVERITIES``, the mildest first.

    Args:
        samples: N raw samples.
        corruption: Corruption of this kind of data.
        seed: Random seed, the same for all steps.
    """
    return [corruption(samples, severity, np.random.default_rng(seed)) for severity in SEVERITIES]


def _like(numbers: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Round numbers to pixels, uint8, within the range of the images."""
    return np.asarray(np.clip(np.rint(numbers), 0, float(images.max())), dtype=np.uint8)


def _chosen(images: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Choose the images to damage, bool (N, 1, 1, 1)."""
    return np.expand_dims(rng.random(len(images)) < severity, (1, 2, 3))
