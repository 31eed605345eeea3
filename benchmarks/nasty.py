"""Small data sets that break tools, written as files: tables, texts and folders of images."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

ROWS = 400
WORDS = ["the", "a", "red", "old", "dog", "cat", "runs", "sees", "over", "under", "house", "and", "soon"]


def tables() -> dict[str, pd.DataFrame]:
    """Tables by name; text columns hold what a CSV file has."""
    draw = np.random.default_rng(0)
    number = draw.normal(size=ROWS).round(2)
    letters = {name: draw.choice(list("uvw"), ROWS) for name in "abcd"}
    holes = pd.DataFrame(draw.normal(size=(ROWS, 28)).round(1)).add_prefix("v")
    holes = holes.where(draw.random(holes.shape) > 0.19)
    odd = ['Zürich, "old"', "it's", "🎉 café", "two\nlines", "tab\there", "a;b"]
    day = pd.Timestamp("1955-03-01") + pd.to_timedelta(draw.integers(0, 30_000, ROWS), unit="D")
    second = pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 10**7, ROWS), unit="s")
    return {
        "one_column": pd.DataFrame({"x": number}),
        "all_categorical": pd.DataFrame(letters),
        "all_constant": pd.DataFrame({"a": 1, "b": "x", "c": 2.5, "d": [True] * ROWS}),
        "28_columns_19_percent_missing": holes,
        "2000_categories": pd.DataFrame(
            {"city": [f"town {i}" for i in draw.permutation(np.arange(5 * ROWS * 3) % 2000)]}
        ).assign(size=lambda frame: draw.integers(1, 9, len(frame))),
        "odd_names": pd.DataFrame(
            {'a, "b"': draw.choice(odd, ROWS), "🎉": number, " spaced ": draw.choice(["x", "y"], ROWS)}
        ),
        "mixed_types": pd.DataFrame(
            {"mixed": np.where(draw.random(ROWS) < 0.3, "many", draw.integers(0, 50, ROWS).astype(str))}
        ).assign(code=[f"{i:05d}" for i in draw.integers(0, 40, ROWS)], y=number),
        "dates": pd.DataFrame(
            {"day": day.strftime("%d.%m.%Y"), "iso": day.strftime("%Y-%m-%d"), "at": second.astype(str)}
        ).assign(gap=pd.Series(second.strftime("%Y-%m-%dT%H:%M:%S+02:00")).where(draw.random(ROWS) > 0.2)),
        "identifiers": pd.DataFrame(
            {"id": range(1, ROWS + 1), "key": [f"K-{i:06d}" for i in draw.permutation(ROWS)], "y": number}
        ),
        "heavy_tails": pd.DataFrame(
            {
                "wide": draw.lognormal(5, 4, ROWS).round(2),
                "zeros": np.where(draw.random(ROWS) < 0.8, 0, draw.integers(1, 90_000, ROWS)),
                "fives": 5 * draw.integers(0, 200, ROWS),
                "large": 2**55 + draw.integers(0, 10**6, ROWS) * 64,
            }
        ),
        "truth": pd.DataFrame(
            {"plain": draw.random(ROWS) < 0.5, "yes": draw.choice(["yes", "no"], ROWS), "y": number}
        ).assign(some=pd.Series(draw.random(ROWS) < 0.5).where(draw.random(ROWS) > 0.1)),
    }


def texts() -> dict[str, bytes]:
    """Contents of text files by name."""
    draw = np.random.default_rng(0)
    prose = " ".join(draw.choice(WORDS, 3000))
    lines = [" ".join(draw.choice(WORDS, 8)) for _ in range(400)]
    return {
        "200_characters": prose[:200].encode(),
        "one_symbol": b"a" * 5000,
        "emoji": "".join(draw.choice(list("😀😂🎉👍🔥é"), 4000)).encode(),
        "windows_newlines": "\r\n".join(lines).encode(),
        "latin_1": "\n".join(line.replace("e", "é") for line in lines).encode("latin-1"),
        "one_line": prose.encode(),
    }


def _picture(draw: np.random.Generator, side: int, mode: str = "RGB") -> Image.Image:
    """A disc of a random colour on a random ground."""
    y, x = np.mgrid[:side, :side]
    centre, radius = draw.uniform(0.3, 0.7, 2) * side, draw.uniform(0.15, 0.3) * side
    disc = np.hypot(y - centre[0], x - centre[1]) < radius
    colours = draw.integers(0, 256, (2, 3))
    return Image.fromarray(colours[disc.astype(int)].astype(np.uint8)).convert(mode)


def _pixels(folder: Path) -> None:
    for i in range(40):
        _picture(np.random.default_rng(i), 1).save(folder / f"{i:03d}.png")


def _mixed(folder: Path) -> None:
    modes = ("RGB", "L", "P", "RGBA", "1")
    for i in range(200):
        draw = np.random.default_rng(i)
        _picture(draw, int(draw.integers(10, 40)), modes[i % 5]).save(folder / f"{i:03d}.png")
    (folder / "torn.png").write_bytes((folder / "000.png").read_bytes()[:60])
    (folder / "text.png").write_text("no picture")


def _classes(folder: Path) -> None:
    for i in range(200):
        below = folder / ("train/one" if i % 2 else "train/two")
        below.mkdir(parents=True, exist_ok=True)
        _picture(np.random.default_rng(i), 16).convert("CMYK").save(below / f"{i:03d}.jpg")


IMAGES: dict[str, Callable[[Path], None]] = {"one_pixel": _pixels, "mixed": _mixed, "classes": _classes}


def written(folder: Path) -> list[Path]:
    """Write all sets below a folder; their paths."""
    paths = [folder / f"{name}.csv" for name in tables()]
    paths += [folder / f"{name}.txt" for name in texts()]
    paths += [folder / name for name in IMAGES]
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in tables().items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    for name, content in texts().items():
        (folder / f"{name}.txt").write_bytes(content)
    for name, draw in IMAGES.items():
        (folder / name).mkdir()
        draw(folder / name)
    return paths
