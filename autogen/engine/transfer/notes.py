"""What a study says of the earlier models that its training could start from: in notes and in the result."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from torch import nn

from autogen.data.codec import Codec
from autogen.data.module import DataModule
from autogen.data.specs import Spec
from autogen.data.split import OLDER
from autogen.documents import parse_json
from autogen.engine.settings import MOST_BYTES
from autogen.engine.transfer.earlier import EarlierRun
from autogen.engine.transfer.space import KEY
from autogen.errors import AutogenError, RunError, UserError, reason
from autogen.files import read_file
from autogen.hpo.study.state import StudyState
from autogen.hpo.trial import Config
from autogen.report.result import Answer, Drift
from autogen.report.typed_json import read, written
from autogen.training.initial import EARLIER, FRESH, InitialWeights, take_over
from autogen.training.solo import build_model
from autogen.training.worker.work import typed
from autogen.verdict.contenders import ContenderResult
from autogen.verdict.measuring.sources import CHAMPION

#: What the memorization test cannot find, whatever is known of the earlier rows.
UNSEEN = (
    "The memorization test compares samples with this run's own rows: copies of rows that only the earlier "
    "model was trained on are not found."
)


def notes_on(earlier: EarlierRun, data: DataModule, older: bool) -> Iterator[str]:
    """Say which models training may start from, what new ones take over, and what is not known.

    Args:
        earlier: Earlier models.
        data: New data.
        older: True if older data was read along with it.
    """
    if older:
        train, out = data.rows["train"], len(data.rows[OLDER])
        assert data.raw.batches is not None
        old = int((data.raw.batches[train] < data.raw.batches.max()).sum())
        yield (
            f"This run updates {earlier.source}: of the older data, its {old} training {data.kind.unit}s are "
            f"trained on too, and {out} held-out ones are not used; only new ones score models."
        )
        if not old:
            yield (
                "Warning: no older row was recognized as one that the earlier run trained on, since the new "
                "data changes how columns are read; so only new ones are trained on."
            )
    codec = data.codec
    weights, hashes = earlier.weights(), earlier.hashes()
    for name, model in earlier.models.items():
        trial = "" if model.trial is None else f"trial {model.trial}, "
        try:
            taken = _taken(model.config, weights[name], codec)
        except UserError as error:
            taken = f"its architecture does not fit this data ({reason(error)})"
        yield f"Training may start from {earlier.source} ({name}, {trial}sha256 {hashes[name]}): {taken}."
    yield from earlier.notes
    if not older:
        yield UNSEEN


def _taken(config: Config, weights: InitialWeights, codec: Codec) -> str:
    """Describe what a model of the new data takes over from an earlier one of this config."""
    family, settings = typed(config)

    def build(spec: Spec) -> nn.Module:
        return build_model(family, settings, spec, seed=0)

    return take_over(build(codec.spec), weights, codec.spec, codec.code_names(), build).describe()


def start_section(
    earlier: EarlierRun, state: StudyState, chosen: ContenderResult, drift: dict[str, Any] | None
) -> dict[str, Any]:
    """Compose the section ``start`` of result.json.

    Args:
        earlier: Earlier models.
        state: State of the search.
        chosen: Contender that is delivered.
        drift: What an update found of the new data before; ``None`` for a study that is none.
    """
    scores: dict[str, list[float]] = {}
    for trial in state.complete():  # the best first
        config = trial.task.config
        if config["family"] in earlier.models and trial.score is not None and not trial.suspect:
            scores.setdefault(str(config.get(KEY, FRESH)), []).append(trial.score)
    return {
        "source": earlier.source,
        "sha256": earlier.hashes(),
        "used": _answer(chosen) == "tuned",
        "trials": {start: len(found) for start, found in scores.items()},
        "tune": {start: found[0] for start, found in scores.items()},
    } | ({"update": {"run": earlier.source, "answer": _answer(chosen), "drift": drift}} if drift else {})


def _answer(chosen: ContenderResult) -> Answer:
    """Name what an update returns."""
    if chosen.entry.role != "finalist":
        return "old" if chosen.name == CHAMPION else "baseline"
    return "tuned" if chosen.entry.config.get(KEY) == EARLIER else "fresh"


def read_drift(path: Path) -> dict[str, Any] | None:
    """Read what an update found of the new data before; ``None`` for a study that is none.

    Raises:
        RunError: the file is damaged.
    """
    if not path.exists():
        return None
    try:
        return written(read(Drift, parse_json(read_file(path, MOST_BYTES))))
    except (OSError, ValueError, AutogenError) as error:
        raise RunError(
            f"{path} cannot be read: {reason(error)}; copy it again, or start a new run"
        ) from error
