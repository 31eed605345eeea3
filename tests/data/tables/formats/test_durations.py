import datetime
import json

import numpy as np
import pandas as pd
import pytest

from autogen.data.open import codec_from_json, open_data
from autogen.data.tables.formats.durations import DurationFormat, detect_durations

SECONDS = np.random.default_rng(0).integers(-400_000, 400_000, 300).tolist()
WAYS = {
    "clock": lambda s: f"{'-' * (s < 0)}{abs(s) // 3600}:{abs(s) // 60 % 60:02d}:{abs(s) % 60:02d}",
    "minutes": lambda s: f"{abs(s) // 3600:03d}:{abs(s) // 60 % 60:02d}",
    "pandas": lambda s: str(pd.Timedelta(seconds=int(s))),
    "fine": lambda s: f"{int(abs(s)) // 86_400} days 01:02:{abs(s) % 60:02d}.250000",
    "python": lambda s: str(datetime.timedelta(seconds=int(s))),
    "postgres": lambda s: (
        f"{abs(s) // 86_400} day{'s' * (abs(s) >= 172_800)} " * (abs(s) >= 86_400)
        + f"{abs(s) // 3600 % 24:02d}:{abs(s) // 60 % 60:02d}:{abs(s) % 60:02d}"
    ),
    "iso": lambda s: f"PT{abs(s) // 3600 + 1}H{abs(s) // 60 % 59 + 1}M",
    "iso_days": lambda s: f"P{abs(s) // 86_400}DT{abs(s) // 3600 % 24}H{abs(s) // 60 % 60}M{abs(s) % 60}S",
    "lap": lambda s: f"{abs(s) // 1000}:{abs(s) % 60:02d}.{abs(s) % 997:03d}",
    "units": lambda s: f"{abs(s) // 3600}h {abs(s) // 60 % 60}m",
    "padded": lambda s: f"{abs(s) // 3600}h{abs(s) // 60 % 60:02d}m{abs(s) % 60:02d}s",
    "words": lambda s: f"{abs(s) // 3600 + 1} hours, {abs(s) // 60 % 59 + 1} minutes",
    "German": lambda s: f"{abs(s) // 3600} Std. {abs(s) // 60 % 60} Min.",
    "one and many": lambda s: " ".join(
        f"{n} {u}{'s' * (n != 1)}" for n, u in ((abs(s) // 3600 % 9, "hour"), (abs(s) // 60 % 60, "minute"))
    ),
    "and": lambda s: f"{abs(s) // 3600} heures et {abs(s) // 60 % 60} minutes",
    "Japanese": lambda s: f"{abs(s) // 3600}時間{abs(s) // 60 % 60}分",
    "h between": lambda s: f"{abs(s) // 3600}h{abs(s) // 60 % 60:02d}",
    "left out": lambda s: " ".join(
        f"{n}{u}" for n, u in ((abs(s) // 3600, "h"), (abs(s) % 60 or 1, "s")) if n
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_durations_are_seconds_and_are_written_as_they_were(way):
    texts = [WAYS[way](second) for second in SECONDS]
    form = detect_durations(texts, np.ones(len(texts), int), "str")
    assert form is not None
    assert [form.format(float(form.strip(text) or "nan")) for text in texts] == texts


def test_times_of_a_day_are_no_durations():
    texts = [f"{i % 24}:{i % 60:02d}" for i in range(60)]
    assert detect_durations(texts, np.ones(60, int), "str") is None


def test_a_column_of_durations_is_learned_and_survives_json(tmp_path):
    frame = pd.DataFrame({"time": list(map(WAYS["clock"], SECONDS)), "y": [second % 7 for second in SECONDS]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    module = open_data(tmp_path / "t.csv")
    codec = codec_from_json(json.loads(json.dumps(module.codec.to_json())))
    assert isinstance(codec.columns[0].form.text_format, DurationFormat)
    assert codec.to_original_format(module.raw.samples)["time"].equals(frame["time"])


def test_long_texts_are_no_durations_in_units():
    assert detect_durations([f"{i}h {i % 60}m" for i in range(1, 60)], np.ones(59, int), "str") is not None
    assert detect_durations([f"{'9' * 300}{i}h" for i in range(60)], np.ones(60, int), "str") is None
