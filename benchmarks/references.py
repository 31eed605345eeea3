"""What SDMetrics and muspy say of seeded data; tests compare our metrics with it.

    python3 -m venv other && other/bin/pip install sdmetrics muspy
    other/bin/python -m benchmarks.references

Neither can be installed beside this project's versions (SDMetrics wants pandas below 3 and a package
under BUSL, muspy 35 others), so their figures are kept in ``tests/metrics/references.json``, with their
versions. The data is made by numpy alone, from seeds, here and in the tests. This file imports nothing of
autogen.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np

FIXTURE = Path(__file__).parents[1] / "tests" / "metrics" / "references.json"
TICKS = 24  # of a quarter
SEEDS = (0, 1, 2)


def tables(seed: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Real and generated columns: two of numbers, two of categories; no cell is missing."""
    made = []
    for shift in (0.0, 0.4):
        draw = np.random.default_rng([seed, int(10 * shift)])
        size = draw.standard_normal(400) + shift
        kind = np.array(list("abcd"))[np.clip((size + draw.random(400) * 2).astype(int) + 1, 0, 3)]
        town = np.array(["x", "y", "z"])[draw.integers(0, 3 if shift else 2, 400)]
        made.append({"size": size, "price": np.exp(size + draw.random(400)), "kind": kind, "town": town})
    return made[0], made[1]


def notes(seed: int) -> np.ndarray:
    """A tune of 60 notes over a bass, int (N, 3): onset, duration, pitch; no two of one pitch overlap.

    No note ends where a beat begins: muspy takes that beat for one in which it sounds, and we do not.
    """
    draw = np.random.default_rng([seed, 99])
    onsets = np.cumsum(draw.integers(1, 4, 60) * TICKS // 2)
    pitches = 60 + np.array([0, 2, 4, 5, 7, 9, 11, 6])[draw.integers(0, 8, 60)]
    tune = np.stack([onsets, np.full(60, TICKS // 2 - 1), pitches], axis=1)
    bars = np.arange(0, int(onsets[-1]), 4 * TICKS)
    bass = np.stack(
        [bars, np.full(len(bars), 2 * TICKS - 1), 36 + 12 * draw.integers(0, 2, len(bars))], axis=1
    )
    return np.concatenate([tune, bass])


def of_tables(seed: int) -> dict[str, float]:
    """SDMetrics, column by column, and of the pair of categories."""
    import pandas as pd
    from sdmetrics.column_pairs import ContingencySimilarity
    from sdmetrics.single_column import KSComplement, TVComplement

    real, made = (pd.DataFrame(columns) for columns in tables(seed))
    found = {name: KSComplement.compute(real[name], made[name]) for name in ("size", "price")}
    found |= {name: TVComplement.compute(real[name], made[name]) for name in ("kind", "town")}
    pair = ["kind", "town"]
    found["kind, town"] = ContingencySimilarity.compute(real[pair], made[pair])
    return {name: float(value) for name, value in found.items()}


def of_notes(seed: int) -> dict[str, float]:
    """muspy, of the scalar features that are defined alike."""
    import muspy

    rows = [muspy.Note(time=int(o), pitch=int(p), duration=int(d)) for o, d, p in notes(seed)]
    music = muspy.Music(resolution=TICKS, tracks=[muspy.Track(notes=rows)])
    return {
        "pitch range": float(muspy.pitch_range(music)),
        "pitch class entropy": float(muspy.pitch_class_entropy(music)),
        "scale consistency": float(muspy.scale_consistency(music)),
        "polyphony": float(muspy.polyphony(music)),
        "empty beats": float(muspy.empty_beat_rate(music)),
        "groove consistency": float(muspy.groove_consistency(music, 4 * TICKS)),
    }


def main() -> None:
    """Write the fixture."""
    told = {
        "command": "python -m benchmarks.references",
        "versions": {name: version(name) for name in ("sdmetrics", "muspy", "pandas", "numpy")},
        "tables": [of_tables(seed) for seed in SEEDS],
        "notes": [of_notes(seed) for seed in SEEDS],
    }
    FIXTURE.write_text(json.dumps(told, indent=2) + "\n")
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
