"""Rare classes filled up by generated rows: what a classifier gains on rows that nobody has touched.

    python -m benchmarks.augmentation [SET ...]

From each public table with a target of two classes 1,500 rows are drawn in which one class has 8 %, or as
many as the table has for that, for each of five seeds; half of them are set aside. Tables with too few rows
for 20 rare ones in each half are left out; the rare class of ``wine_quality`` is a mark of at most 4, as in
imbalanced-learn's data sets. A classifier (boosted trees of scikit-learn) is fitted on the other half as it
is, with class weights, with rows of the rare class by ``RandomOverSampler`` and ``SMOTENC`` (``SMOTE``
without categories) of imbalanced-learn, and with rows of ``autogen.GeneratorOverSampler``, whose search is
the default of the family ``trees``: one model, whatever metric would judge it. SMOTE knows no missing cells:
there the median, or a category of their own, stands for them, in the rows that are set aside too.
Figures are means of average precision and ROC AUC on the half that was set aside, and the mean of the paired
differences to the first with their standard errors.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE, SMOTENC, RandomOverSampler
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

import autogen
from benchmarks.results import FOLDER, save
from benchmarks.tables import sets

ROWS, RARE, SEEDS, FEWEST = 1500, 0.08, 5, 40
#: Columns that tell the target.
LEAKS = {"titanic": ["alive"]}
#: Tables whose rare class is a bound of a number.
AT_MOST = {"wine_quality": 4}
Table = tuple[pd.DataFrame, np.ndarray]


def drawn(frame: pd.DataFrame, target: str, seed: int) -> tuple[Table, Table] | None:
    """Rows for fitting and rows set aside; ``None`` where the table has too few of a class."""
    y = frame[target].to_numpy() == frame[target].value_counts().index[-1]
    rng = np.random.default_rng(seed)
    rare, rest = (rng.permutation(np.flatnonzero(side)) for side in (y, ~y))
    count = int(min(ROWS, len(rare) / RARE, len(rest) / (1 - RARE)))
    wanted = round(RARE * count)
    if frame[target].nunique() != 2 or wanted < FEWEST:
        return None
    parts = []
    for half in (0, 1):
        rows = np.concatenate([rare[:wanted][half::2], rest[: count - wanted][half::2]])
        parts.append((frame.drop(columns=[target]).iloc[rows].reset_index(drop=True), y[rows].astype(int)))
    return parts[0], parts[1]


def classifier(frame: pd.DataFrame, **settings: Any) -> Any:
    """Boosted trees on numbers and encoded categories."""
    encoder = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=-1, max_categories=200, encoded_missing_value=-1
    )
    columns = make_column_transformer((encoder, words_of(frame)), remainder="passthrough")
    return make_pipeline(columns, HistGradientBoostingClassifier(random_state=0, **settings))


def words_of(frame: pd.DataFrame) -> list[str]:
    """Columns of categories."""
    return [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]


def without_gaps(frame: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
    """The rows with medians of another table in place of missing numbers, and a category of missing words."""
    words = words_of(like)
    numbers = like.drop(columns=words).median().fillna(0.0)
    filled = frame.fillna(numbers.to_dict())
    return filled.assign(**{name: frame[name].astype(object).fillna("").astype(str) for name in words})


def interpolated(frame: pd.DataFrame, y: np.ndarray, seed: int) -> Table:
    """Rows of the rare class between neighbors of it, by imbalanced-learn."""
    words = words_of(frame)
    sampler = SMOTENC(words, random_state=seed) if words else SMOTE(random_state=seed)
    return sampler.fit_resample(frame, y)


def generated(frame: pd.DataFrame, y: np.ndarray, seed: int) -> Table:
    """Rows of the rare class from the family's default."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"families": "trees", "objective": "kd", "executor": "inprocess"}
        generator = autogen.Generator("1trials", random_state=seed, out=Path(folder) / "run", **settings)
        sampler = autogen.GeneratorOverSampler(generator, most=20.0, random_state=seed)
        return sampler.fit_resample(frame, y)


def scores(frame: pd.DataFrame, target: str, seed: int) -> dict[str, tuple[float, float]] | None:
    """Average precision and AUC of each way on rows set aside."""
    halves = drawn(frame, target, seed)
    if halves is None:
        return None
    (rows, y), (unseen, truth) = halves
    full, full_unseen = without_gaps(rows, rows), without_gaps(unseen, rows)
    ways = {
        "as it is": (rows, y, {}, unseen),
        "class weights": (rows, y, {"class_weight": "balanced"}, unseen),
        "RandomOverSampler": (*RandomOverSampler(random_state=seed).fit_resample(rows, y), {}, unseen),
        "SMOTE": (*interpolated(full, y, seed), {}, full_unseen),
        "autogen": (*generated(rows, y, seed), {}, unseen),
    }
    found = {}
    for name, (some, labels, settings, judged) in ways.items():
        chance = classifier(rows, **settings).fit(some, labels).predict_proba(judged)[:, 1]
        found[name] = average_precision_score(truth, chance), roc_auc_score(truth, chance)
    return found


def summary(every: list[dict[str, Any]]) -> dict[str, Any]:
    """Means, and paired gains over the rows as they are with their standard errors, of each way."""
    table = np.array([[found[way] for way in found] for found in every])
    record: dict[str, Any] = {}
    for place, way in enumerate(every[0]):
        gains = table[:, place] - table[:, 0]
        errors = gains.std(axis=0, ddof=1) / len(every) ** 0.5 if len(every) > 1 else np.full(2, np.nan)
        mean = table[:, place].mean(axis=0)
        record[way] = {
            "average_precision": round(float(mean[0]), 4),
            "auc": round(float(mean[1]), 4),
            "gain": [round(float(gains[:, 0].mean()), 4), round(float(errors[0]), 4)],
            "gain_auc": [round(float(gains[:, 1].mean()), 4), round(float(errors[1]), 4)],
        }
    return record


def main(names: list[str]) -> None:
    """Measure each table, seed by seed; what is in the results already is not measured again."""
    path = FOLDER / "augmentation.json"
    record = json.loads(path.read_text()) if path.exists() else {}
    raw, means = record.get("scores", {}), record.get("sets", {})
    for name, data, target in sets(names):
        frame = data.codec.to_original_format(data.raw.samples).drop(columns=LEAKS.get(name, []))
        if name in AT_MOST:
            frame[target] = frame[target] <= AT_MOST[name]
        every = raw.get(name, [])
        for seed in range(len(every), SEEDS if target else 0):
            if (found := scores(frame, target, seed)) is None:
                break
            every.append(found)
            raw[name], means[name] = every, summary(every)
            print(name, seed, found, flush=True)
            save("augmentation", {"rows": ROWS, "rare": RARE, "sets": means, "scores": raw})
        for way, figures in means.get(name, {}).items():
            print(name, way, figures, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
