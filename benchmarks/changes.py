"""Changes that leave a copy a copy: what the hard tests must see through, by kind of data."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autogen.data.music.notes import Piece

Change = Callable[[Any, np.random.Generator], Any]


def plain(samples: Any, rng: np.random.Generator) -> Any:  # noqa: ARG001
    """As they are."""
    return samples


def shuffled(samples: Any, rng: np.random.Generator) -> Any:
    """In another order."""
    order = rng.permutation(len(samples))
    if isinstance(samples, list):
        return [samples[i] for i in order]
    return samples[order] if isinstance(samples, np.ndarray) else samples.iloc[order].reset_index(drop=True)


def flipped(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG001
    """Mirrored."""
    return images[:, :, ::-1]


def transposed(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG001
    """Rows and columns exchanged."""
    return images.swapaxes(1, 2)


def rotated(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG001
    """Turned by a quarter."""
    return np.rot90(images, 1, axes=(1, 2))


def _moved(images: np.ndarray, down: int, right: int) -> np.ndarray:
    """Moved down and right, the edges repeated."""
    padded = np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)), mode="edge")
    height, width = images.shape[1:3]
    return padded[:, 2 - down : 2 - down + height, 2 - right : 2 - right + width]


def moved_diagonally(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG001
    """Moved by a pixel down and a pixel right."""
    return _moved(images, 1, 1)


def moved_by_two(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG001
    """Moved up by two pixels."""
    return _moved(images, -2, 0)


def dimmed(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG001
    """At .6 of their brightness."""
    return (0.6 * images).astype(np.uint8)


def noisy(images: np.ndarray, rng: np.random.Generator, spread: float = 0.1) -> np.ndarray:
    """With white noise of a tenth of the range."""
    top = float(images.max())
    return np.clip(np.rint(images + rng.normal(0, spread * top, images.shape)), 0, top).astype(np.uint8)


def shaken(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each moved by a pixel or not, with white noise of a twentieth of the range."""
    steps = [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)]
    versions = np.stack([_moved(images, *step) for step in steps])
    picked = versions[rng.integers(len(steps), size=len(images)), np.arange(len(images))]
    return noisy(picked, rng, 0.05)


def jittered(frame: Any, rng: np.random.Generator) -> Any:
    """Numbers of more than ten values moved by a twentieth of their standard deviation."""
    numbers = frame.select_dtypes("number")
    numbers = numbers.loc[:, numbers.nunique() > 10]
    return frame.assign(
        **{name: numbers[name] + rng.normal(0, 0.05 * numbers[name].std(), len(frame)) for name in numbers}
    )


def one_cell_changed(frame: Any, rng: np.random.Generator) -> Any:
    """One cell of each row taken from another row, where the two differ."""
    changed = frame.reset_index(drop=True).copy()
    values = {name: frame[name].to_numpy() for name in frame}
    for row in range(len(frame)):
        name = frame.columns[rng.integers(len(frame.columns))]
        others = values[name][values[name] != values[name][row]]
        if len(others):
            changed[name] = changed[name].where(changed.index != row, others[rng.integers(len(others))])
    return changed


def in_other_case(texts: list[str], rng: np.random.Generator) -> list[str]:
    """In capitals, small letters or with capital initials."""
    forms = (str.upper, str.lower, str.title)
    return [forms[rng.integers(3)](text) for text in texts]


def spliced(texts: list[str], rng: np.random.Generator) -> list[str]:
    """The first half of one and the second half of another, where that is none of the texts."""
    known, found = set(texts), []
    while len(found) < len(texts):
        first, second = (texts[place] for place in rng.choice(len(texts), 2, replace=False))
        joined = first[: (len(first) + 1) // 2] + second[len(second) // 2 :]
        found += [joined] if joined not in known else []
    return found


def in_another_key(pieces: list[Piece], rng: np.random.Generator) -> list[Piece]:
    """Each up or down by one to five half tones."""
    steps = rng.choice([-5, -4, -3, -2, -1, 1, 2, 3, 4, 5], size=len(pieces))
    return [
        Piece.of(piece.notes + np.array([0, 0, step, 0]), piece.length, piece.tempo, piece.bar)
        for piece, step in zip(pieces, steps, strict=True)
    ]


#: Copies that the memorization test must refuse.
CHANGES: dict[str, tuple[Change, ...]] = {
    "image": (
        plain,
        shuffled,
        flipped,
        transposed,
        rotated,
        moved_diagonally,
        moved_by_two,
        dimmed,
        noisy,
    ),
    "tabular": (plain, shuffled, jittered, one_cell_changed),
    "text": (plain, shuffled, in_other_case),
    "music": (plain, in_another_key),
}
#: Repeats that the diversity test must refuse.
JITTER: dict[str, Change] = {
    "image": shaken,
    "tabular": jittered,
    "text": in_other_case,
    "music": in_another_key,
}
