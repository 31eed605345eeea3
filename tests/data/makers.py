"""Small data sets with everything in them that a reader can stumble over."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image


def people(n: int = 600, seed: int = 0) -> pd.DataFrame:
    """A table with a column of every kind, as strings where a text file has them."""
    rng = np.random.default_rng(seed)
    day = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D")
    return pd.DataFrame(
        {
            "name": [f"P-{i:05d}" for i in rng.permutation(n)],
            "age": rng.integers(18, 80, n),
            "children": pd.array(rng.integers(0, 5, n), dtype="Int64"),
            "income": np.round(rng.lognormal(10, 1, n), 2),
            "bonus": np.where(rng.random(n) < 0.6, 0.0, np.round(rng.gamma(2, 500, n), 1)),
            "weight": np.where(rng.random(n) < 0.1, np.nan, np.round(rng.normal(70, 10, n), 1)),
            "zip": [f"{i:05d}" for i in rng.integers(1000, 1040, n)],
            "city": rng.choice(['Zürich, "old"', "São Paulo", "北京 🏙", " Rome "], n, p=[0.5, 0.3, 0.1, 0.1]),
            "member": rng.random(n) < 0.3,
            "since": day.strftime("%d.%m.%Y"),
            "status": rng.choice(["ok", "late"], n),
            "always": "x",
        }
    )


def write_csv(folder: Path, frame: pd.DataFrame, name: str = "people.csv") -> Path:
    """A frame as a file of delimited text."""
    path = folder / name
    frame.to_csv(path, index=False)
    return path


def picture(seed: int, size: tuple[int, int] = (16, 16), mode: str = "RGB") -> Image.Image:
    """A random image; size is (width, height)."""
    rng = np.random.default_rng(seed)
    image = Image.fromarray(rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))
    return image.convert(mode)


def png(image: Image.Image, form: str = "PNG") -> bytes:
    """An image file's bytes."""
    buffer = io.BytesIO()
    image.save(buffer, format=form)
    return buffer.getvalue()


def image_folder(folder: Path, n: int = 40, **how: object) -> Path:
    """A folder with n images and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(n):
        (folder / f"{i:03d}.png").write_bytes(png(picture(i, **how)))  # type: ignore[arg-type]
    return folder


def zipped(folder: Path, path: Path) -> Path:
    """A folder's files in a zip."""
    with zipfile.ZipFile(path, "w") as archive:
        for entry in sorted(folder.rglob("*")):
            if entry.is_file():
                archive.write(entry, entry.relative_to(folder))
    return path
