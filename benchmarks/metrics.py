"""What the metrics and the memorization test say of real, damaged and trivially made samples.

``python -m benchmarks.metrics [null] [ladders] [baselines]``; all three take about two minutes
on one core. Sets that are not shipped are read from $AUTOGEN_DATA, and left out where it is not set.
"""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from autogen.data.module import DataModule
from autogen.data.open import open_data
from autogen.families.baselines.lookup import baselines_for
from autogen.metrics.base import Metric
from autogen.metrics.calibration import calibrated, floor_of
from autogen.metrics.lookup import default_metric
from autogen.metrics.memorization.gate import memorisation
from autogen.registry import get
from autogen.testing.ladders import IMAGE_CORRUPTIONS, SEVERITIES, TABLE_CORRUPTIONS, ladder

GROUPS = 20
TABLES = ("insurance", "penguins", "titanic", "german_credit", "wine_quality", "adult")
MOST_ROWS = 5000


def metric_of(data: DataModule) -> Metric:
    """The default metric of a data set's kind."""
    metric: Metric = get("metric", default_metric(data.kind.name))()
    return metric


def parts_of(data: DataModule, size: int, rng: np.random.Generator) -> list[Any]:
    """Two random disjoint real samples of one size, and all other rows as background."""
    rows = np.split(rng.permutation(len(data.raw.samples)), [size, 2 * size])
    return [data.kind.take(data.raw.samples, part) for part in rows]


def null() -> None:
    """Real against real: mean, spread, and how often an interval leaves zero out."""
    print("set             n  reps      mean        sd   mean jackknife error   |score| beyond 95 %")
    for source, size, reps in (("digits", 240, 200), ("digits", 800, 50), ("breast_cancer", 120, 60)):
        data, rng = open_data(source), np.random.default_rng(0)
        metric = metric_of(data)
        scores, errors = [], []
        for _ in range(reps):
            real, other, rest = parts_of(data, size, rng)
            reference = metric.prepare_with(real, data.codec, rest)
            signed = getattr(metric, "signed", metric.score)
            scores.append(signed(reference, other))
            errors.append((metric.replicates(reference, other, GROUPS).var() * (GROUPS - 1)) ** 0.5)
        reach = stats.t.ppf(0.975, GROUPS - 1)
        beyond = np.mean(np.abs(scores) > reach * np.array(errors))
        print(
            f"{source:14s} {size:3d} {reps:5d} {np.mean(scores):9.4f} {np.std(scores):9.4f} "
            f"{np.mean(errors):22.4f} {beyond:22.2f}"
        )


def ladders() -> None:
    """Scores of damaged real samples in null standard deviations above the null mean."""
    for source, size, corruptions in (
        ("digits", 360, IMAGE_CORRUPTIONS),
        ("breast_cancer", 240, TABLE_CORRUPTIONS),
    ):
        data, rng = open_data(source), np.random.default_rng(1)
        metric = metric_of(data)
        signed = getattr(metric, "signed", metric.score)
        real, other, rest = parts_of(data, size, rng)
        reference = metric.prepare_with(real, data.codec, rest)
        nulls = []
        for _ in range(12):
            one, two, rest = parts_of(data, size, rng)
            nulls.append(signed(metric.prepare_with(one, data.codec, rest), two))
        print(f"{source}, n = {size}, severities {SEVERITIES}; clean {metric.score(reference, other):.4f}")
        for name, corruption in corruptions.items():
            scores = [metric.score(reference, step) for step in ladder(other, corruption)]
            above = [(score - np.mean(nulls)) / np.std(nulls) for score in scores]
            print(f"  {name:10s}", *(f"{s:9.4f} ({z:6.1f} sd)" for s, z in zip(scores, above, strict=True)))


def baselines() -> None:
    """Score, calibrated score and gate of every baseline, scored on the test split."""
    for name, data in sets():
        metric, take = metric_of(data), data.kind.concatenate
        train, test, other = (data.split(part) for part in ("train", "test", "select"))  # type: ignore[arg-type]
        reference = metric.prepare_with(test, data.codec, train)
        made: dict[str, tuple[Any, float]] = {"hold_out": (other, 0.0)}
        models = baselines_for(data.kind.name)
        for label, kind in models.items():
            began = time.process_time()
            model = kind()
            model.fit(train, data.codec)
            made[label] = model.sample(len(test), np.random.default_rng(0)), time.process_time() - began
        scores = {label: metric.score(reference, samples) for label, (samples, _) in made.items()}
        floor = floor_of([scores[label] for label, kind in models.items() if kind.trivial])
        sizes = ", ".join(f"{part} {len(rows)}" for part, rows in data.rows.items())
        print(f"{name} ({sizes}), {metric.objective.name}")
        for label, (samples, seconds) in made.items():
            unseen = test if label == "hold_out" else take([test, other])
            found = memorisation(samples, train, unseen, data.codec)
            place = calibrated(scores[label], floor, scores["hold_out"])
            shown = "none" if place is None else f"{place:.3f}"
            print(
                f"  {label:16s} {scores[label]:9.4f}  calibrated {shown:>7s}  share {found.share:.3f}  "
                f"p {found.p_value:.4f}  copied {found.copied:6.3f}  p {found.copied_p_value:.4f}  "
                f"{'passed' if found.passed else 'REFUSED':7s}  made in {seconds:.2f} s"
            )


def sets() -> Iterator[tuple[str, DataModule]]:
    """Data sets that are shipped, then those that are at hand."""
    for source in ("digits", "breast_cancer", "wine"):
        yield source, open_data(source)
    folder = Path(os.environ.get("AUTOGEN_DATA", "../shared/data"))
    if not folder.is_dir():
        return
    import pandas as pd

    for source in TABLES:
        frame = pd.read_csv(folder / "tabular" / source / "data.csv.gz")
        if len(frame) > MOST_ROWS:
            frame = frame.sample(MOST_ROWS, random_state=0).reset_index(drop=True)
        yield source, open_data(frame.drop(columns="split", errors="ignore"))
    images = np.load(folder / "images/fashion_mnist/data.npz")["x_train"][:MOST_ROWS]
    yield "fashion_mnist", open_data(images)


PARTS = {"null": null, "ladders": ladders, "baselines": baselines}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        print(f"== {part}: {PARTS[part].__doc__}")
        PARTS[part]()
