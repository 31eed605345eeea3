"""Differential privacy: quality on Adult against epsilon beside MST, and an attack on planted rows.

    python -m benchmarks.privacy adult [EPSILON ...]       a training for each: minutes of one core
    python -m benchmarks.privacy vae [EPSILON ...]         the same of the other family
    python -m benchmarks.privacy mst PYTHON [EPSILON ...]  MST by dpmm; PYTHON is one that has it
    python -m benchmarks.privacy canary                    attack without privacy and at epsilon 1

Adult (48,842 rows) is split as a study with epsilon does. The test rows judge: AUC of boosted trees that are
cross-fitted on them and as many generated rows (.5 is perfect), and what a model trained on generated rows
gets of the target, as a share of what one trained on test rows gets (1 is as good as real). Delta is 2e-6,
below a tenth of one over the number of rows. The ranges are round numbers around what the columns can hold.

The canary: rows of random cells are planted among the rows that a model is trained on, as many others are
not; the attack guesses by the likelihood of a row under the model (its loss, Yeom 2018,
arxiv.org/abs/1709.01604).
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from sklearn.metrics import roc_auc_score

from autogen.data.module import DataModule
from autogen.data.open import open_data
from autogen.engine.private.study import guarantee_of, private_data, training_of
from autogen.families.base import parse_config
from autogen.hpo.space import SearchSpace
from autogen.metrics.tables.tstr import TrainOnSynthetic
from autogen.metrics.tables.two_sample.c2st_v1 import TwoSampleTestV1
from autogen.privacy.guarantee import Guarantee
from autogen.privacy.settings import PrivacySettings, Range
from autogen.registry import get
from autogen.training.noise import KeyedNoise
from autogen.training.solo import SoloProgram
from benchmarks.anchors.public import FOLDER
from benchmarks.results import FOLDER as RESULTS
from benchmarks.results import save

EPSILONS, DELTA, DRAWS, TARGET = (1.0, 3.0, 10.0), 2e-6, 3, "income"
SPACE = "tabular_private"
RANGES = {
    "age": Range(17, 90),
    "fnlwgt": Range(10_000, 1_500_000),
    "education_num": Range(1, 16),
    "capital_gain": Range(0, 99_999),
    "capital_loss": Range(0, 5_000),
    "hours_per_week": Range(1, 99),
}
#: Rows of the table of the canary, planted rows, and categories of each of its columns.
TABLE, PLANTED, COLUMNS, LEVELS = 600, 60, 8, 6


def adult() -> DataModule:
    """Adult, without its official split."""
    frame = pd.read_csv(FOLDER / "tabular" / "adult" / "data.csv.gz").drop(columns="split")
    return open_data(frame, options={"target": TARGET})


def private(data: DataModule, epsilon: float, family: str) -> tuple[DataModule, Guarantee, SearchSpace]:
    """Read the data with a guarantee, as a study does."""
    wanted = PrivacySettings(epsilon, DELTA, RANGES)
    space = SearchSpace.load(SPACE).restrict([family])
    counted = private_data(data, wanted, None)
    return counted, guarantee_of(counted, wanted, space, 1, "", SPACE), space


def ours(epsilon: float, family: str, changed: dict[str, Any]) -> dict[str, Any]:
    """Figures of the default of a family at an epsilon; 0 for the same training without noise or clipping."""
    data, guarantee, space = private(adult(), epsilon or EPSILONS[-1], family)
    config = parse_config(get("family", family)(), space.default(family) | changed)
    clock = time.process_time()
    noise = training_of(data, guarantee) if epsilon else None
    program = SoloProgram(
        get("family", family)(), config, data.codec.spec, data.encoded("train"), 0, private=noise
    )
    program.advance(guarantee.steps)
    spent = time.process_time() - clock

    def draw(n: int, seed: int) -> pd.DataFrame:
        rows = data.codec.decode(program.sample(n, seed), seed)
        assert isinstance(rows, pd.DataFrame)
        return rows

    about = (
        {"epsilon": guarantee.epsilon, "delta": guarantee.delta, "noise": guarantee.noise} if epsilon else {}
    )
    return {"family": family, **changed, **about, "train_cpu_s": round(spent, 1)} | judged(data, draw)


def judged(data: DataModule, draw: Any) -> dict[str, float]:
    """AUC and utility of generated rows, means over draws."""
    real, codec = data.split("test"), data.codec
    test, tstr = TwoSampleTestV1(), TrainOnSynthetic(TARGET)
    reference, skill = test.prepare(real, codec), tstr.prepare(real, codec)
    found: dict[str, list[float]] = {"auc": [], "tstr": []}
    for seed in range(DRAWS):
        rows = draw(len(real), seed)
        found["auc"].append((1 + test.signed(reference, rows)) / 2)
        found["tstr"].append(tstr.score(skill, rows))
    return {name: round(float(np.mean(values)), 4) for name, values in found.items()}


def marginals(python: str, epsilon: float) -> dict[str, Any]:
    """Figures of MST at an epsilon."""
    data, _, _ = private(adult(), epsilon, "autoregressive")
    train = data.split("train")
    domain: dict[str, Any] = {
        name: {"lower": RANGES[name].low, "upper": RANGES[name].high}
        if name in RANGES
        else {"categories": sorted(data.raw.samples[name].fillna("").unique().tolist())}
        for name in train
    }
    with tempfile.TemporaryDirectory() as folder:
        rows, told, out = (Path(folder) / name for name in ("rows.csv", "domain.json", "drawn.csv"))
        train.to_csv(rows, index=False)
        told.write_text(json.dumps(domain))
        clock = time.perf_counter()
        command = [
            python,
            "benchmarks/privacy_marginals.py",
            str(epsilon),
            str(DELTA),
            *map(str, (rows, told, out)),
        ]
        subprocess.run(command, check=True)
        spent = time.perf_counter() - clock
        drawn = pd.read_csv(out, keep_default_na=False, na_values=[""])[list(train)]
    for name in RANGES:
        drawn[name] = drawn[name].round().astype(train[name].dtype)

    def draw(n: int, seed: int) -> pd.DataFrame:
        return drawn.sample(n, random_state=seed).reset_index(drop=True)

    return {"epsilon": epsilon, "delta": DELTA, "train_wall_s": round(spent, 1)} | judged(data, draw)


def canaries(epsilon: float, repeats: int = 5) -> dict[str, Any]:
    """AUC of a membership attack on planted rows; epsilon 0 for the same steps without noise and clipping."""
    aucs = [_attacked(epsilon, seed) for seed in range(repeats)]
    return {
        "epsilon": epsilon,
        "auc": round(float(np.mean(aucs)), 4),
        "each": [round(auc, 4) for auc in aucs],
    }


def _attacked(epsilon: float, seed: int) -> float:
    """Train on a table with planted rows, and attack."""
    from autogen.privacy.accountant import Use, calibrate
    from autogen.training.private.gradients import PrivateTraining

    draw = np.random.default_rng(seed)
    common = np.repeat(draw.integers(LEVELS, size=(TABLE, 1)), COLUMNS, axis=1)  # all columns are equal
    inside, outside = draw.integers(LEVELS, size=(2, PLANTED, COLUMNS))
    frame = pd.DataFrame(np.concatenate([common, inside]).astype(str)).add_prefix("c")
    codec = open_data(frame).kind
    raw = codec.read(frame, {})
    encoder = codec.fit(raw, np.arange(len(frame)))
    family = get("family", "autoregressive")()
    steps, rate = 200, 0.2
    settings = {"model.net": "mlp", "model.width": 32, "training.dropout": 0.0, "training.shuffled": 0.0}
    more = {
        "training.steps": steps,
        "training.batch_size": 128,
        "training.lr": 5e-3,
        "training.rank_swap": 0.0,
    }
    config = parse_config(family, {"family": "autoregressive", **settings, **more, "training.clip": 1.0})
    noise = None
    if epsilon:
        multiplier = calibrate(lambda sigma: [Use(sigma, rate, steps)], epsilon, 1e-5)
        noise = PrivateTraining(multiplier, rate, np.arange(len(frame)))
    program = SoloProgram(family, config, encoder.spec, encoder.encode(frame), seed, private=noise)
    program.advance(steps)
    scores = []
    for rows in (inside, outside):
        cells = encoder.encode(pd.DataFrame(rows.astype(str)).add_prefix("c"))
        batch = {name: torch.from_numpy(array) for name, array in cells.items()}
        with torch.no_grad():
            scores.append(family.log_likelihood(program.model.eval(), batch, KeyedNoise(0)).numpy())
    members = np.repeat([1, 0], PLANTED)
    return float(roc_auc_score(members, np.concatenate(scores)))


def record(name: str, figures: Any) -> None:
    """Add figures to those that are there."""
    path = RESULTS / "privacy.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    kept = {key: known[key] for key in ("adult", "mst", "canary") if key in known}
    save("privacy", kept | {name: [*kept.get(name, []), figures] if name != "canary" else figures})


def main() -> None:
    """Run the part that the command line names."""
    torch.set_num_threads(1)
    part, *rest = sys.argv[1:]
    if part == "canary":
        record("canary", {"without privacy": canaries(0.0), "epsilon 1": canaries(1.0)})
    elif part == "mst":
        for epsilon in map(float, rest[1:] or EPSILONS):
            record("mst", marginals(rest[0], epsilon))
    else:
        family = "vae" if part == "vae" else "autoregressive"
        for epsilon in map(float, rest or EPSILONS):
            record("adult", ours(epsilon, family, {}))


if __name__ == "__main__":
    main()
