"""Flow matching and masked diffusion on one core, beside the defaults of the autoregressive family.

    python -m benchmarks.flow [digits|fashion_mnist|adult|names|jsb ...]     20 minutes of one core for all
    python -m benchmarks.flow few_steps [digits|adult|names|fashion_mnist ...]     20 minutes of one core
    python -m benchmarks.flow bandit [digits|names ...]     9 minutes of two cores
    python -m benchmarks.flow equal [names|jsb ...]     4 minutes of one core
    python -m benchmarks.flow samples [digits|fashion_mnist|names|jsb ...]     3 minutes of one core

Both families have the defaults of the search space; but the number of steps of the flow is what the given
seconds of the processor allow, and the autoregressive model, on three sets, is cut to as many seconds.
Scored are samples against the test split, by the metric of the kind of data: kernel distance of images, AUC
of boosted trees on rows (.5 is perfect), bits of a reverse n-gram for texts and music. Seconds are those that
the process had, other jobs left out. For images and tables a line a number of sampling steps shows what
latency buys. ``few_steps`` trains a model with and without distillation for the same seconds of the
processor, and scores both by number of sampling steps, with the milliseconds of a sample that is drawn alone
and among 64; texts are not distilled. ``bandit`` searches all families of the space with two workers, and
tells what share of the trials that began in the first and in the last third of its time, and of the workers'
seconds, each family had, and whose complete trial was best. ``equal`` trains the autoregressive model for the
seconds that the flow in the results had, so for more steps than its defaults have. ``samples`` trains flows
for half a minute and writes what they draw to ``docs/gallery/flow-SET``. Figures of sets that are not named
stay as they are in ``results/flow.json``.
"""

import json
import math
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

import autogen
from autogen import registry
from autogen.data.module import DataModule
from autogen.data.open import open_data
from autogen.families.base import ModelFamily, parse_config
from autogen.families.flow.masked import MaskedSequences
from autogen.hpo.space import SearchSpace
from autogen.hpo.study.events import Ask, End, Finalists, Rung
from autogen.hpo.study.journal import read
from autogen.hpo.trial import State
from autogen.metrics.lookup import metric_for
from autogen.metrics.tables.two_sample.c2st_v1 import TwoSampleTestV1
from autogen.training.lookup import program_for
from autogen.training.program import ModelProgram
from autogen.training.worker.efficiency import Drawing
from benchmarks.anchors.public import FOLDER
from benchmarks.results import FOLDER as RESULTS
from benchmarks.results import save

#: Set to its search space and seconds of training, and the figure that the family was meant to reach.
SETS: dict[str, tuple[str, float, float | None]] = {
    "digits": ("image_tiny", 90, 0.05),
    "fashion_mnist": ("image", 600, 0.09),
    "adult": ("tabular", 110, 0.60),
    "names": ("text_tiny", 120, None),
    "jsb": ("music_tiny", 120, None),
}
STEPS = {"image": (2, 4, 8), "tabular": (5,)}
#: Sets on which the autoregressive family is trained, too.
BESIDE = ("digits", "names", "jsb")
#: Sets of ``few_steps``, with the seconds of training of each model, and the share of its steps that distill.
FEW_STEPS, SHARE = {"digits": 60.0, "adult": 60.0, "names": 45.0, "fashion_mnist": 180.0}, 0.6
#: Sets of ``bandit``, with the families of their spaces; the seconds and workers of each search.
BANDIT = {
    "digits": ("autoregressive", "flow", "gan", "mixture", "vae"),
    "names": ("autoregressive", "flow", "gan", "markov", "vae"),
}
BUDGET, WORKERS = 270, 2
#: Sets of ``equal``.
EQUAL = ("names", "jsb")
#: Sets of ``samples``: the seconds of training, and the number and format of the samples that are shown.
SAMPLES = {
    "digits": (30.0, 64, "png"),
    "fashion_mnist": (30.0, 64, "png"),
    "names": (30.0, 40, "txt"),
    "jsb": (20.0, 4, "png"),
}
GALLERY = RESULTS.parents[1] / "docs" / "gallery"
FILES = {"names": "text/names/data.txt.gz", "jsb": "music/jsb_chorales/data.json.gz"}
SEED, SPLIT = 0, 0
#: Draws of samples that a score is the mean of; the others are slow to draw or to score.
DRAWS = {"image": 2, "tabular": 1, "text": 1, "music": 1}
_TIMED = 10  # steps that the pace is measured by, after two others
_DRAWN = 12  # draws of which the fastest is the latency


def opened(name: str) -> DataModule:
    """Data of a set, split by the seed of all runs."""
    if name == "digits":
        return open_data("digits", seed=SPLIT)
    if name == "fashion_mnist":
        with np.load(FOLDER / "images" / "fashion_mnist" / "data.npz", allow_pickle=False) as file:
            return open_data(np.asarray(file["x_train"][:4000]), seed=SPLIT)
    if name == "adult":
        frame = pd.read_csv(FOLDER / "tabular" / "adult" / "data.csv.gz").drop(columns=["split"])
        return open_data(frame, seed=SPLIT, options={"target": "income"})
    return open_data(str(FOLDER / FILES[name]), seed=SPLIT)


def trained(
    data: DataModule, family: str, space: str, seconds: float, longer: bool = False, distill: float = 0.0
) -> tuple[ModelProgram, dict[str, Any]]:
    """A family's defaults, trained for at most so many seconds of the processor, and what that took.

    Args:
        data: Data of the set.
        family: Name of the family.
        space: Name of the search space.
        seconds: Seconds of the processor.
        longer: Whether more steps than the defaults' are done if there is time.
        distill: Share of the steps, the last ones, that distill a flow.
    """
    made: ModelFamily = registry.get("family", family)()
    config = SearchSpace.load(space).default(family)

    def program(**settings: float) -> ModelProgram:
        given = parse_config(made, config | {f"training.{key}": value for key, value in settings.items()})
        return program_for(made, given, data.codec.spec, data.encoded("train"), SEED)

    def pace(**settings: float) -> float:
        timed = program(**settings)
        timed.advance(2)
        began = time.process_time()
        timed.advance(2 + _TIMED)
        return (time.process_time() - began) / _TIMED

    a_step = (1 - distill) * pace() + (distill and distill * pace(distill=1.0))
    steps = max(20, int(seconds / a_step))
    steps = steps if longer else min(steps, int(config["training.steps"]))
    trained = program(steps=steps, **({"distill": distill} if distill else {}))
    began = time.process_time()
    trained.advance(steps)
    took = time.process_time() - began
    weights = sum(parameter.numel() for parameter in trained.average.parameters())
    return trained, {"family": family, "steps": steps, "train_s": round(took, 1), "parameters": weights}


def scored(data: DataModule, program: ModelProgram, draws: int | None = None) -> dict[str, float]:
    """Mean score of draws of as many samples as the test split has, and seconds of a draw."""
    kind, test = data.kind.name, data.split("test")
    metric = TwoSampleTestV1() if kind == "tabular" else metric_for(data.kind.declaration.metric, kind)
    reference = metric.prepare_with(test, data.codec, data.split("train"))
    scores, seconds = [], []
    for seed in range(draws or DRAWS[kind]):
        began = time.process_time()
        arrays = program.sample(len(test), seed)
        seconds.append(time.process_time() - began)
        samples = data.codec.decode(arrays, seed)
        if isinstance(metric, TwoSampleTestV1):
            scores.append((1 + metric.signed(reference, samples)) / 2)
        else:
            scores.append(metric.score(reference, samples))
    return {"score": round(float(np.mean(scores)), 4), "sample_s": round(float(np.mean(seconds)), 2)}


def by_steps(data: DataModule, program: ModelProgram) -> list[dict[str, float]]:
    """Score and latency of a model of images or rows by number of sampling steps."""
    if data.kind.name not in STEPS:
        return []
    found, model = [], program.average
    usual = model.settings
    for steps in STEPS[data.kind.name]:
        model.settings = replace(usual, sampling_steps=steps)  # type: ignore[type-var]
        found.append({"sampling_steps": steps} | scored(data, program, draws=1))
    model.settings = usual
    return found


def milliseconds(drawing: Drawing, n: int) -> float:
    """Milliseconds of the processor for one of n samples that are drawn together: the least of some draws."""
    seconds = []
    for _ in range(_DRAWN):
        began = time.process_time()
        drawing(n)
        seconds.append(time.process_time() - began)
    return round(1e3 * min(seconds) / n, 3)


def few_steps(name: str) -> dict[str, Any]:
    """Score and latency by number of sampling steps, of a flow with and without distillation."""
    space, found = SETS[name][0], {}
    data = opened(name)
    shares = {"plain": 0.0} | ({"distilled": SHARE} if data.kind.name in STEPS else {})
    for kind, share in shares.items():
        program, told = trained(data, "flow", space, FEW_STEPS[name], longer=True, distill=share)
        program.weights()
        model: Any = program.average
        by_number: list[dict[str, float]] = []
        for steps in (1, 2, 4, 8, program.config.model.sampling_steps):
            if isinstance(model, MaskedSequences):
                model.steps = steps
            else:
                model.settings = replace(model.settings, sampling_steps=steps, few_steps=steps)
            drawing = Drawing(program.family, program.config, model, program.spec)
            line = {"steps": steps, "score": scored(data, program)["score"]}
            by_number.append(line | {"ms": milliseconds(drawing, 1), "ms_of_64": milliseconds(drawing, 64)})
            print(name, kind, json.dumps(by_number[-1]), flush=True)
        found[kind] = told | {"distill": share, "by_sampling_steps": by_number}
    return found


def bandit(name: str) -> dict[str, Any]:
    """Search a set, and tell what the bandit made of its families."""
    with tempfile.TemporaryDirectory() as folder:
        result = autogen.search(
            str(FOLDER / FILES[name]) if name in FILES else name,
            space=SETS[name][0],
            families=BANDIT[name],
            budget=BUDGET,
            workers=WORKERS,
            seed=SEED,
            out=Path(folder) / name,
        )
        told = bandit_told(result.folder.journal)
        return {"seconds": BUDGET, "workers": WORKERS} | told | {"returned": result.best.family}


def bandit_told(journal: Path) -> dict[str, Any]:
    """Shares and scores of a search's families, from its journal; lower scores are better."""
    events = read(journal)
    families = {event.n: str(event.config["family"]) for event in events if isinstance(event, Ask)}
    asked = {event.n: event.t for event in events if isinstance(event, Ask)}
    over = min([event.t for event in events if isinstance(event, Finalists)], default=events[-1].t)
    ended = {event.n: min(event.t, over) for event in events if isinstance(event, End)}
    scores = {event.n: event.score for event in events if isinstance(event, Rung)}
    complete = [event.n for event in events if isinstance(event, End) and event.state is State.COMPLETE]
    best: dict[str, float] = {}
    for n in complete:
        best[families[n]] = round(min(scores[n], best.get(families[n], math.inf)), 4)
    began = min(asked.values())
    third = (over - began) / 3
    spans = {"first_third": (began, began + third), "last_third": (over - third, over), "all": (began, over)}
    told: dict[str, Any] = {"trials": len(asked), "search_s": round(over - began, 1)}
    for name, (first, last) in spans.items():
        some = [families[n] for n, at in asked.items() if first <= at <= last]
        seconds = dict.fromkeys(sorted({*families.values()}), 0.0)
        for n, at in asked.items():
            seconds[families[n]] += max(0.0, min(ended.get(n, over), last) - max(at, first))
        total = sum(seconds.values())
        told[name] = {
            family: {
                "trials": round(some.count(family) / max(1, len(some)), 3),
                "seconds": round(own / total, 3),
            }
            for family, own in seconds.items()
        }
    return told | {"complete": best, "best": min(best, key=lambda family: best[family])}


def equal(name: str) -> dict[str, Any]:
    """Train the autoregressive family's defaults for the seconds that the flow in the results had."""
    data, flow = opened(name), json.loads((RESULTS / "flow.json").read_text())["sets"][name]["flow"]
    program, told = trained(data, "autoregressive", SETS[name][0], flow["train_s"], longer=True)
    return told | scored(data, program)


def samples(name: str) -> dict[str, Any]:
    """Train a flow, and write the first that it draws, none chosen, to the gallery."""
    data, (seconds, n, suffix) = opened(name), SAMPLES[name]
    program, told = trained(data, "flow", SETS[name][0], seconds, longer=True)
    drawn = data.codec.decode(program.sample(n, SEED), SEED)
    data.kind.save(drawn, GALLERY / f"flow-{name}.{suffix}", data.codec)
    return told


def figures(name: str) -> dict[str, Any]:
    """Figures of the family, and of the autoregressive one, on a set."""
    space, seconds, goal = SETS[name]
    data = opened(name)
    program, told = trained(data, "flow", space, seconds, longer=True)
    told |= scored(data, program)
    print(name, json.dumps(told), flush=True)
    steps = by_steps(data, program)
    found = {"space": space, "goal": goal, "flow": told, "by_sampling_steps": steps}
    if name in BESIDE:
        other, beside = trained(data, "autoregressive", space, seconds)
        found["autoregressive"] = beside | scored(data, other)
    return found


def main() -> None:
    """Train, score and write down the sets that are named, or all."""
    torch.set_num_threads(1)
    modes = {"few_steps": few_steps, "bandit": bandit, "equal": equal, "samples": samples}
    mode = sys.argv[1] if sys.argv[1:] and sys.argv[1] in modes else ""
    usual: dict[str, Iterable[str]] = {
        "few_steps": FEW_STEPS,
        "bandit": BANDIT,
        "equal": EQUAL,
        "samples": SAMPLES,
    }
    names = sys.argv[1 + bool(mode) :] or list(usual.get(mode, SETS))
    path = Path(RESULTS / "flow.json")
    for name in names:
        found = modes[mode](name) if mode else figures(name)
        kept: dict[str, Any] = json.loads(path.read_text())["sets"] if path.exists() else {}
        before = kept.get(name, {})
        if mode:
            kept[name] = before | {mode: found}
        else:
            kept[name] = found | {key: before[key] for key in before if key in modes}
        print(name, json.dumps(found), flush=True)
        save("flow", {"protocol": "defaults of the space, one thread, seconds of the process", "sets": kept})


if __name__ == "__main__":
    main()
