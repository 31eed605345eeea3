"""A study made up by hand, of the shape that the report is fed with."""

import dataclasses
import random
import struct
import zlib
from typing import Any

from autogen.hpo.objective import Objective
from autogen.report.contents import Marginal, Nearest, Relations, ReportData, Rows, Tune
from autogen.report.page.page import render
from autogen.report.result import Result

#: Kinds of data that ``example`` knows.
KINDS = ("image", "tabular", "text", "music")
METRIC = "kd[random_conv-v1]"
RUNGS = (45, 134, 400)


def png(width: int = 160, height: int = 80, seed: int = 0) -> bytes:
    """A gray picture of noise."""
    draw = random.Random(seed)
    rows = b"".join(b"\0" + bytes(draw.randrange(256) for _ in range(width)) for _ in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def trial(number: int, draw: random.Random) -> dict[str, Any]:
    """One made-up trial: a good VAE has a middling learning rate and many latent dimensions."""
    family = ("vae", "gan", "autoregressive")[number % 3]
    lr = 10 ** draw.uniform(-4, -2)
    config: dict[str, Any] = {"family": family, "training.lr": lr, "training.steps": 400}
    config["model.width"] = draw.choice([64, 128, 256])
    config["training.optimizer"] = draw.choice(["adam", "adamw"])
    base = {"vae": 0.020, "gan": 0.035, "autoregressive": 0.016}[family]
    level = base * (1 + 3 * abs(lr - 1e-3) ** 0.5 + draw.random()) * (1.5 - config["model.width"] / 512)
    curve = [(step, level * (400 / step) ** 0.6) for step in RUNGS]
    made = {"number": number, "family": family, "config": config, "reason": "", "seconds": 2 + draw.random()}
    made |= {"steps": RUNGS[-1]}
    if number % 17 == 9:
        reason = "loss of phase critic is not finite at step 61"
        return made | {"state": "failed", "curve": curve[:1], "score": None, "reason": reason}
    if number > 5 and draw.random() < 0.55:
        kept = curve[: draw.choice([1, 1, 2])]
        reason = f"worse than its peers after {kept[-1][0]} of 400 steps"
        return made | {"state": "pruned", "curve": kept, "score": None, "reason": reason}
    return made | {"state": "complete", "curve": curve, "score": curve[-1][1]}


def finalist(of: dict[str, Any], mean: float, p_value: float | None) -> dict[str, Any]:
    spread = 0.0011
    entry = {key: of[key] for key in ("family", "config", "seconds")} | {"trial": of["number"], "mean": mean}
    entry |= {"low": mean - spread, "high": mean + spread, "calibrated": 1 - mean / 0.06}
    entry |= {"scores": [mean + spread * shift for shift in (-0.7, -0.2, 0.1, 0.3, 0.5)]}
    return entry if p_value is None else entry | {"p_value": p_value, "separated": p_value < 0.05}


def baseline(name: str, mean: float, share: float, p_value: float | None) -> dict[str, Any]:
    role = "control" if name.startswith("copy") else "baseline"
    entry = {"name": name, "role": role, "mean": mean, "low": mean - 0.0008, "high": mean + 0.0008}
    entry |= {"calibrated": 1 - mean / 0.06, "trivial": name.startswith("independent")}
    entry |= {
        "memorisation": {"share": share, "p_value": 1e-9 if share > 0.6 else 0.4, "passed": share < 0.55}
    }
    return entry if p_value is None else entry | {"p_value": p_value, "separated": p_value < 0.05}


def relations() -> Relations:
    """Three columns of which a model has lost one pair and broken one rule."""
    pair = {"columns": ["zip", "city"], "real": 0.98, "holdout": 0.97, "synthetic": 0.41}
    other = {"columns": ["zip", "age"], "real": 0.02, "holdout": 0.03, "synthetic": 0.02}
    distances = {"distance": 0.5, "holdout_distance": 0.12}
    rule = {"kind": "determines", "support": 1200, "by_chance": 0.8, "rows": 500}
    return Relations(
        columns=["zip", "city", "age"],
        differences=[[0.0, -0.57, 0.0], [-0.57, 0.0, 0.01], [0.0, 0.01, 0.0]],
        pairs=[pair | distances, other | distances],
        rules=[
            rule
            | {
                "rule": "zip determines city",
                "columns": ["zip", "city"],
                "holdout": 0.002,
                "synthetic": 0.53,
            },
            rule
            | {"rule": "signup <= login", "columns": ["signup", "login"], "kind": "ordered"}
            | {"holdout": 0.0, "synthetic": 0.0},
        ],
        utility={"target": "age", "measure": "R2", "real": 0.8, "synthetic": 0.6, "ratio": 0.75}
        | {"chance": 0.0, "above_chance": 0.75},
    )


def study(verdict: str = "winner", trials: int = 60, seed: int = 0) -> ReportData:
    draw = random.Random(seed)
    made = [trial(number, draw) for number in range(trials)]
    done = sorted((t for t in made if t["state"] == "complete"), key=lambda t: t["score"])
    families = {t["family"]: t for t in reversed(done)}
    first, second, third = sorted(families.values(), key=lambda t: t["score"])
    rival = 0.004 if verdict == "winner" else 0.31
    kde, p_value = (0.0165, 0.2) if verdict == "baseline" else (0.06, 1e-5)
    result = {
        "schema": 1,
        "verdict": verdict,
        "claim": "model",
        "objective": {
            "name": METRIC,
            "version": 1,
            "direction": "minimize",
            "feature_space": "random_conv-v1",
            "split_sha256": {"test": "9f3c1e5b0d" * 6},
        },
        "best": {"trial": first["number"], "family": first["family"], "config": first["config"]},
        "test": {"mean": 0.0171, "low": 0.0160, "high": 0.0182, "seeds": 5}
        | {"calibrated": 0.715, "calibrated_low": 0.697, "calibrated_high": 0.733},
        "tied": [first["number"]] if verdict == "winner" else [first["number"], second["number"]],
        "data": {"rows": {"train": 1079, "tune": 239, "select": 240, "test": 239}},
        "warnings": ["3 of 60 trials failed; the report gives the reasons"],
        "finalists": [
            finalist(first, 0.0171, None),
            finalist(second, 0.0193, rival),
            finalist(third, 0.0312, 1e-6),
        ],
        "baselines": [
            baseline("copy of train", 0.0004, 0.93, None),
            baseline("pixelwise KDE", kde, 0.52, p_value),
            baseline("independent pixels", 0.21, 0.49, None),
            {
                "name": "real rows",
                "role": "ceiling",
                "mean": 0.0,
                "low": None,
                "high": None,
                "calibrated": 1.0,
            },
        ],
        "memorisation": {
            "share": 0.514,
            "p_value": 0.27,
            "passed": True,
            "found_from": 0.12,
            "samples": 163,
            "dcr": {"samples": {"p5": 11.2, "median": 17.5}, "holdout": {"p5": 11.9, "median": 17.9}},
            "nndr": {"samples": {"p5": 0.71, "median": 0.93}, "holdout": {"p5": 0.72, "median": 0.94}},
        },
        "diversity": {
            "near_duplicates": 3,
            "real_near_duplicates": 2,
            "p_value": 0.4,
            "passed": True,
            "samples": 163,
            "found_up_to": 560,
        },
        "trials": {
            state: sum(t["state"] == state for t in made) for state in ("complete", "pruned", "failed")
        }
        | {"total": len(made)},
        "configurations_tried": len(made),
        "seconds": 91.4,
        "optimism": -0.0012,
    }
    return ReportData(
        data="digits",
        objective=Objective(METRIC),
        result=Result.from_json(result),
        trials=made,
        notes=(
            "1,797 images of 8 x 8 gray pixels in 17 levels, 10 classes.",
            "Split by hash of content: 1,079 train, 239 tune, 240 select, 239 test; 12 duplicates.",
        ),
        real=png(seed=1),
        fake=png(seed=2),
        provenance={
            "Command": "autogen run digits --budget 90s",
            "Data (sha256)": "9f3c1e5b0d" * 6,
            "Seed": 0,
            "Versions": "autogen 0.1.0, torch 2.13.0, optuna 5.0.0",
        },
    )


def table_rows(shift: float) -> Rows:
    header = ("age", "workclass", "education", "hours_per_week", "income")
    rows = [
        (30 + i * 2 + shift, "Private", "Bachelors" if i % 2 else "HS-grad", 40, ">50K") for i in range(8)
    ]
    return Rows(header, rows)


def tune(seed: int = 0) -> Tune:
    """A melody of quarter notes, and the header of a MIDI file."""
    draw = random.Random(seed)
    return Tune([(0.5 * i, 0.45, draw.randrange(55, 80)) for i in range(40)], b"MThd\0\0\0\6")


def example(kind: str) -> ReportData:
    """A finished study of a kind of data, with all that its page can show."""
    near, usual = [0.1 + 0.01 * i for i in range(40)], [0.12 + 0.01 * i for i in range(40)]
    texts = Rows(["Text"], [["anna"], ["a" * 300], ["José ⏎ <b>"], ["zoë"]])
    shown = {
        "image": (png(seed=1), png(seed=2), png(seed=3)),
        "tabular": (table_rows(0), table_rows(1.25), table_rows(0.5)),
        "text": (texts, texts, texts),
        "music": ((tune(2), tune(3)), (tune(4), Tune([], b"")), (tune(), tune(1))),
    }[kind]
    marginals = [
        Marginal(f"column {i}", [1.0, 2.0, 3.0], [0.2, 0.3, 0.5], [0.3, 0.3, 0.4]) for i in range(7)
    ] + [Marginal("workclass", ["Private", "State <gov>"], [0.6, 0.4], [0.5, 0.5])]
    count = {"text": 2, "music": 1}.get(kind, 4)
    verdict = {"image": "winner", "tabular": "tie", "text": "baseline", "music": "tie"}[kind]
    page = study(verdict, trials=120)
    return dataclasses.replace(
        page,
        result=changed(page.result, **measured(page.result.to_json())),
        real=shown[0],
        fake=shown[1],
        marginals=marginals if kind == "tabular" else marginals[:1] if kind in ("text", "music") else [],
        nearest=Nearest(near, usual, count, shown[2]),
        relations=relations() if kind == "tabular" else None,
    )


def changed(result: Result, **entries: Any) -> Result:
    """A result with other entries, as these stand in result.json."""
    return Result.from_json(result.to_json() | entries)


def measured(result: dict[str, Any]) -> dict[str, Any]:
    """Entries of result.json for several objectives, efficiency and diagnostics."""

    def about(value: float) -> dict[str, float]:
        return {"mean": value, "low": 0.9 * value, "high": 1.1 * value}

    finalists = [
        entry
        | {
            "efficiency": {"parameters": 12345 * (i + 1), "latency_ms": 1.5 * i + 1, "note": None}
            | {"latency_by_batch": {"1": 2.0 + i, "8": 3.0 + i, "64": 9.0 + i}, "latency_by_length": {}}
        }
        | {"diagnostics": {"precision": about(0.8 - 0.1 * i), "recall": about(0.7)}}
        for i, entry in enumerate(result["finalists"])
    ]
    latency = "latency_ms"
    scores = [{METRIC: about(entry["mean"]), latency: about(3.0 - i)} for i, entry in enumerate(finalists)]
    return {
        "finalists": finalists,
        "objectives": [
            {"name": name, "direction": "minimize", "unit": unit}
            for name, unit in ((METRIC, ""), (latency, "ms"))
        ],
        "pareto": [
            {"trial": entry["trial"], "scores": score, "on_front": i < 2}
            for i, (entry, score) in enumerate(zip(finalists, scores, strict=True))
        ],
    }


def page_text(page: ReportData) -> str:
    """The whole page, its spaces at which no line ends as plain ones."""
    return render(page).replace("\u00a0", " ")
