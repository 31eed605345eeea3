"""Damaged files: small good ones of each kind that is read, and seeded ways to break their bytes."""

import io
import json
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing

import numpy as np
import pandas as pd
import pyarrow as pa

from autogen.data.music.midi import write_midi
from tests.data.makers import picture, png
from tests.data.music.makers import tunes

_WORDS = (
    *(b"\0", b"\xff" * 4, b"\x1b[31m", b"\r", b"\n", b'"', b"'", b"[" * 50, b"{" * 50, b"9" * 30, b"-1"),
    *(b"nan", b"1e999", b"\xef\xbb\xbf", b"\xff\xfe", b",", b";", b"\t", b"%", b"00", b"9999-99-99", b"{"),
)
Way = Callable[[bytes, np.random.Generator], bytes]


def table() -> pd.DataFrame:
    """A table with a column of many kinds."""
    day = pd.Series(pd.date_range("2020-01-01", periods=40, freq="131h"))
    local = day.dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    return pd.DataFrame(
        {
            "x": np.arange(40) / 4,
            "price": [f"${i:,.2f}" for i in range(900, 940)],
            "day": day.dt.strftime("%d.%m.%Y"),
            "moment": day.dt.tz_localize("UTC").dt.tz_convert("Europe/Vienna").map(lambda at: at.isoformat()),
            "span": [f"{i}:{i:02d}:00" for i in range(10, 50)],
            "logged": [(at.strftime("%d%b%Y:%H:%M:%S")).upper() for at in day],
            "spent": [f"{i}h {i * 7 % 60}m" for i in range(10, 50)],
            "when": [
                f"{['Mo', 'Di', 'Mi', 'Do', 'Fr', 'Sa', 'So'][at.weekday()]}, {at:%d.%m.%Y}" for at in day
            ],
            "zone": local.dt.strftime("%Y-%m-%d %H:%M %Z"),
            "booked": [f"{i * 37 % 101 + 1:,.2f} {'CR' if i % 3 else 'DR'}" for i in range(40)],
            "weight": [f"{i} kg" if i % 3 else f"{i}00 g" for i in range(40)],
            "key": [f"K{i:03d}" for i in range(40)],
            "ok": ["TRUE", "FALSE"] * 20,
            "size": ["low", "high", "medium", "low"] * 10,
            "said": [f"remark {i} of it" for i in range(40)],
        }
    )


def seeds() -> dict[str, bytes]:
    """Good files by name, small enough to be read in milliseconds."""
    frame = table()
    few = frame[["x", "day", "size", "said"]]  # what is found in all columns is damaged in t.csv and t.jsonl
    parquet, npz, images, music = io.BytesIO(), io.BytesIO(), io.BytesIO(), io.BytesIO()
    arrow, book = io.BytesIO(), io.BytesIO()
    frame.to_parquet(parquet)
    frame.to_excel(book, index=False)
    records = pa.Table.from_pandas(frame, preserve_index=False)
    with pa.ipc.new_stream(arrow, records.schema) as writer:
        writer.write_table(records)
    np.savez(npz, x=np.zeros((24, 8, 8), np.uint8), y=np.arange(24) % 2)
    with zipfile.ZipFile(images, "w") as archive:
        for i in range(24):
            archive.writestr(f"{i}.png", png(picture(i, (8, 8))))
    with zipfile.ZipFile(music, "w") as archive:
        for i, piece in enumerate(tunes(24, bars=2)):
            archive.writestr(f"{i}.mid", write_midi(piece))
    abc = "".join(f'X:{i}\nM:4/4\nL:1/8\nK:G\n|:"G"GABc [GB]2 z2:|\n\n' for i in range(24))
    chorales = {"train": [[[60, 64], [62, 65]] * 8] * 24}
    zipped, array = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("t.csv", few.to_csv(index=False))
        archive.writestr("README.md", "a table")
    np.save(array, np.arange(96).reshape(24, 4) / 7)
    drawn = ["|x|n|", "|--|:-:|", *(f"| {i / 4} | {i % 7} |" for i in range(40))]
    features = [
        {"properties": {"x": i / 4}, "geometry": {"type": "Point", "coordinates": [i, -i]}} for i in range(24)
    ]
    return {
        "t.zip": zipped.getvalue(),
        "m.npy": array.getvalue(),
        "t.geojson": json.dumps({"type": "FeatureCollection", "features": features}).encode(),
        "drawn.csv": "\n".join(drawn).encode(),
        "t.csv": frame.to_csv(index=False).encode(),
        "t.tsv": few.to_csv(index=False, sep="\t").encode("utf-16"),
        "t.jsonl": frame.to_json(orient="records", lines=True).encode(),
        "t.json": few.to_json(orient="records").encode(),
        "t.parquet": parquet.getvalue(),
        "t.arrow": arrow.getvalue(),
        "t.xlsx": book.getvalue(),
        "t.db": database(few),
        "t.npz": npz.getvalue(),
        "images.zip": images.getvalue(),
        "music.zip": music.getvalue(),
        "t.abc": abc.encode(),
        "chorales.json": json.dumps(chorales).encode(),
        "t.txt": "\n".join(f"a line of text, number {i}" for i in range(40)).encode(),
    }


def database(frame: pd.DataFrame) -> bytes:
    """A SQLite file with one table."""
    with closing(sqlite3.connect(":memory:")) as connection:
        frame.to_sql("t", connection, index=False)
        return connection.serialize()


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    """Break a file, or half of the files in a zip, in one to four places."""
    if content.startswith(b"PK") and rng.random() < 0.5:
        broken = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(broken, "w") as new:
            for name in old.namelist():
                member = old.read(name)
                new.writestr(name, _broken(member, rng) if rng.random() < 0.5 else member)
        return broken.getvalue()
    return _broken(content, rng)


def _broken(content: bytes, rng: np.random.Generator) -> bytes:
    ways: tuple[Callable[[bytes, np.random.Generator], bytes], ...] = (
        _flip,
        _cut,
        _insert,
        _repeat,
        _end,
        _swap,
    )
    for _ in range(rng.integers(1, 5)):
        content = ways[rng.integers(len(ways))](content, rng) or b" "
    return content


def _place(content: bytes, rng: np.random.Generator) -> int:
    return int(rng.integers(len(content)))


def _flip(content: bytes, rng: np.random.Generator) -> bytes:
    place = _place(content, rng)
    return content[:place] + bytes([content[place] ^ (1 << int(rng.integers(8)))]) + content[place + 1 :]


def _cut(content: bytes, rng: np.random.Generator) -> bytes:
    place = _place(content, rng)
    return content[:place] + content[place + int(rng.integers(1, 60)) :]


def _insert(content: bytes, rng: np.random.Generator) -> bytes:
    place, word = _place(content, rng), _WORDS[rng.integers(len(_WORDS))]
    return content[:place] + word * int(rng.integers(1, 4)) + content[place:]


def _repeat(content: bytes, rng: np.random.Generator) -> bytes:
    place = _place(content, rng)
    return content[:place] + content[place : place + 40] * int(rng.integers(2, 30)) + content[place:]


def _end(content: bytes, rng: np.random.Generator) -> bytes:
    return content[: _place(content, rng)]


def _swap(content: bytes, rng: np.random.Generator) -> bytes:
    one, other = sorted(_place(content, rng) for _ in range(2))
    return content[other:] + content[one:other] + content[:one]
