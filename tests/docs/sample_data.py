"""Small data of the names that the pages use, for the test that runs their commands."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_digits

from autogen.data.images.files import write_folder
from autogen.data.music.kind import Music
from autogen.data.music.notes import Piece

CITIES = {"Graz": "8010", "Wien": "1010", "Linz": "4020"}
LETTERS = list("abdeiklmnorstu")


def people(rows: int = 2200, seed: int = 0) -> pd.DataFrame:
    """People with the columns that the pages speak of; of few rows a check of the plan takes longer."""
    rng = np.random.default_rng(seed)
    city = rng.choice(list(CITIES), rows)
    start = rng.integers(0, 40, rows)
    age = rng.integers(18, 80, rows)
    return pd.DataFrame(
        {
            "age": age,
            "city": city,
            "zip": [CITIES[one] for one in city],
            "plan": rng.choice(["basic", "premium"], rows),
            "grade": rng.choice(list("ABCD"), rows),
            "start": start,
            "end": start + rng.integers(0, 9, rows),
            "signup": [f"2023-01-{1 + one % 28:02}" for one in start],
            "last_login": [f"2023-02-{1 + one % 28:02}" for one in start],
            "notes": [f"note {one}" for one in rng.integers(0, 99, rows)],
            "nickname": [f"nick{one}" for one in rng.integers(0, 99, rows)],
            "churned": rng.choice(["yes", "no"], rows),
            "income": np.where(age + rng.normal(0, 9, rows) > 45, "high", "low"),
        }
    )


def patients() -> pd.DataFrame:
    """Numbers with a known range, and categories: what has a guarantee with ``--epsilon``."""
    found = people()
    income = np.where(found["income"] == "high", 60_000, 30_000) + 100 * found["age"]
    return found[["age", "city", "plan"]].assign(income=income)


def texts(n: int = 1200, seed: int = 0) -> list[str]:
    """Different made-up words."""
    rng = np.random.default_rng(seed)
    return sorted({"".join(rng.choice(LETTERS, rng.integers(4, 9))) for _ in range(n)})


def tunes(n: int = 90, seed: int = 0) -> list[Piece]:
    """Melodies of two bars."""
    rng = np.random.default_rng(seed)
    return [
        Piece.of(np.array([(12 * i, 12, pitch, 90) for i, pitch in enumerate(rng.integers(55, 80, 16))]))
        for _ in range(n)
    ]


def answers() -> pd.DataFrame:
    """Answers to questions by a system, as ``autogen judge`` reads them."""
    words = texts(200, 3)
    rows = [
        {"question": f"what is {one}?", "answer": f"{one} is like {two}", "context": f"{one} is like {two}."}
        for one, two in zip(words[:60], words[60:120], strict=True)
    ]
    return pd.DataFrame(rows).assign(system="model", q=lambda t: t.question, gold=lambda t: t.context)


def write_all(folder: Path) -> None:
    """Write every file that the pages name and that a reader brings."""
    names = ("people", "customers", "new", "may", "june", "july", "real", "train", "samples")
    for number, name in enumerate(names):
        people(150 if name in ("real", "train", "samples") else 2200, number).to_csv(
            folder / f"{name}.csv", index=False
        )
    patients().to_csv(folder / "patients.csv", index=False)
    for number, name in enumerate(("names", "mails", "texts", "shakespeare")):
        (folder / f"{name}.txt").write_text("\n".join(texts(seed=number)) + "\n")
    answers().to_csv(folder / "answers.csv", index=False)
    asked = [{"q": f"what is {one}?", "gold": one} for one in texts(60)[:30]]
    (folder / "questions.jsonl").write_text("".join(json.dumps(one) + "\n" for one in asked))
    Music().save(tunes(), folder / "tunes.zip")
    write_folder(load_digits().images[:600, :, :, None].astype(np.uint8) * 15, folder / "photos")
