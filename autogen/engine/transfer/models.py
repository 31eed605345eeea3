"""Models of an earlier run, and which of them training may start from."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autogen import registry
from autogen.engine.run_folder import RunFolder
from autogen.errors import RunError, resume_command
from autogen.families.base import Training
from autogen.families.based import HasBase
from autogen.generator.baseline import is_baseline
from autogen.generator.generator import DATA, GeneratedModel
from autogen.hpo.study.journal import read
from autogen.hpo.study.state import replayed
from autogen.hpo.trial import Config
from autogen.training.checkpoint import MODEL


@dataclass(frozen=True)
class EarlierModel:
    """Trained model of an earlier run.

    Attributes:
        config: Its config.
        folder: Folder of its weights.
        trial: Number of its trial; ``None`` if it is not known.
    """

    config: Config
    folder: Path
    trial: int | None = None

    @property
    def sha256(self) -> str:
        """SHA-256 of the file of the weights."""
        return hashlib.sha256((self.folder / MODEL).read_bytes()).hexdigest()


def loaded(folder: Path, trial: int | None, data: Path | None = None) -> EarlierModel:
    """Read a model, so that a damaged one is refused."""
    return EarlierModel(GeneratedModel.load(folder, data=data).config, folder, trial)


def models_of(run: RunFolder, trial: int | None) -> Iterator[EarlierModel]:
    """List the models of a run, the worst first, so that of each family the best one is left."""
    state = replayed(read(run.journal), run.journal)
    if state is None:
        raise RunError(
            f"{run.path} has no complete trial to start from; resume it: {resume_command(run.path)}"
        )
    ended = {
        one.task.number: one for one in state.complete() if (run.trial(one.task.number) / MODEL).exists()
    }
    if trial is not None:
        if trial not in ended:
            known = ", ".join(map(str, sorted(ended))) or "none"
            raise RunError(f"trial {trial} of {run.path} has no model; complete trials have one: {known}")
        yield EarlierModel(ended[trial].task.config, run.trial(trial), trial)
        return
    for number, record in reversed(ended.items()):
        if not record.suspect:
            yield EarlierModel(record.task.config, run.trial(number), number)
    if (run.best / MODEL).exists() and not is_baseline(run.best) and _of_its_codec(run):
        yield loaded(run.best, _delivered(run))


def _of_its_codec(run: RunFolder) -> bool:
    """Tell if the delivered model has the codec of the run's trials: a model that an update kept has not."""
    own, shared = run.best / DATA, run.trials / DATA
    return not (own.exists() and shared.exists()) or own.read_bytes() == shared.read_bytes()


def _delivered(run: RunFolder) -> int | None:
    """Trial of the delivered model; ``None`` if result.json does not say."""
    try:
        return run.read_result().best.trial
    except RunError:
        return None


def trainable(source: str, models: Mapping[str, EarlierModel]) -> dict[str, EarlierModel]:
    """Keep the models that training can start from. Raises ``RunError`` if there are none."""
    kept = stepwise(models)
    if not models:
        raise RunError(
            f"{source} has no complete trial that was not suspected of copying; name one: {source}:TRIAL"
        )
    if not kept and any(_by_steps(family) for family in models):
        raise RunError(
            f"{source} has {', '.join(models)}: an adapted base model is no start; export it with --hf, "
            "merge it if it is an adapter (PeftModel.merge_and_unload, save_pretrained) and name that "
            "folder: --pretrained FOLDER"
        )
    if not kept:
        raise RunError(
            f"{source} has {', '.join(models)}: families that are fitted, not trained by steps, have no "
            "weights to start from; name a run with another family, or RUN:TRIAL"
        )
    return kept


def stepwise(models: Mapping[str, EarlierModel]) -> dict[str, EarlierModel]:
    """Keep the models of families that are trained by gradient steps, all weights of their own."""
    return {
        name: model
        for name, model in models.items()
        if _by_steps(name) and not issubclass(registry.get("family", name), HasBase)
    }


def _by_steps(family: str) -> bool:
    return issubclass(registry.get("family", family).training_config, Training)
