"""What a study says of the earlier models that its training could start from: in notes and in the result."""

from collections.abc import Iterator
from typing import Any

from torch import nn

from autogen.data.codec import Codec
from autogen.data.specs import Spec
from autogen.engine.transfer.earlier import EarlierRun
from autogen.engine.transfer.space import KEY
from autogen.errors import UserError, reason
from autogen.hpo.study.state import StudyState
from autogen.hpo.trial import Config
from autogen.training.initial import EARLIER, FRESH, InitialWeights, take_over
from autogen.training.solo import build_model
from autogen.training.worker.work import typed

#: What the memorization test cannot find, whatever is known of the earlier rows.
UNSEEN = (
    "The memorization test compares samples with this run's own rows: copies of rows that only the earlier "
    "model was trained on are not found."
)


def notes_on(earlier: EarlierRun, codec: Codec) -> Iterator[str]:
    """Say which models training may start from, what new ones take over, and what is not known.

    Args:
        earlier: Earlier models.
        codec: Codec of the new data.
    """
    weights, hashes = earlier.weights(), earlier.hashes()
    for name, model in earlier.models.items():
        trial = "" if model.trial is None else f"trial {model.trial}, "
        try:
            taken = _taken(model.config, weights[name], codec)
        except UserError as error:
            taken = f"its architecture does not fit this data ({reason(error)})"
        yield f"Training may start from {earlier.source} ({name}, {trial}sha256 {hashes[name]}): {taken}."
    yield from earlier.notes
    yield UNSEEN


def _taken(config: Config, weights: InitialWeights, codec: Codec) -> str:
    """Describe what a model of the new data takes over from an earlier one of this config."""
    family, settings = typed(config)

    def build(spec: Spec) -> nn.Module:
        return build_model(family, settings, spec, seed=0)

    return take_over(build(codec.spec), weights, codec.spec, codec.code_names(), build).describe()


def start_section(earlier: EarlierRun, state: StudyState, delivered: Config) -> dict[str, Any]:
    """Compose the section ``start`` of result.json.

    Args:
        earlier: Earlier models.
        state: State of the search.
        delivered: Config of the delivered model; empty for a baseline.
    """
    scores: dict[str, list[float]] = {}
    for trial in state.complete():  # the best first
        config = trial.task.config
        if config["family"] in earlier.models and trial.score is not None and not trial.suspect:
            scores.setdefault(str(config.get(KEY, FRESH)), []).append(trial.score)
    return {
        "source": earlier.source,
        "sha256": earlier.hashes(),
        "used": delivered.get(KEY) == EARLIER,
        "trials": {start: len(found) for start, found in scores.items()},
        "tune": {start: found[0] for start, found in scores.items()},
    }
