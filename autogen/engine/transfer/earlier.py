"""Models of an earlier run that training may start from, and the rows that they were trained on."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from autogen.data.codec import Codec
from autogen.data.module import DataModule, Earlier
from autogen.data.open import open_data
from autogen.documents import parse_json
from autogen.engine.run_folder import RunFolder
from autogen.engine.settings import MOST_BYTES, Settings
from autogen.engine.transfer.models import EarlierModel, loaded, models_of, stepwise, trainable
from autogen.errors import RunError, UserError, reason
from autogen.files import near_path, read_file, write
from autogen.generator.baseline import is_baseline
from autogen.generator.delivered import check_model
from autogen.generator.generator import DATA, GeneratedModel, read_codec, write_codec
from autogen.generator.trial_folder import split_trial
from autogen.hpo.trial import Config
from autogen.training.checkpoint import MODEL, read_tensors
from autogen.training.initial import InitialWeights
from autogen.training.worker.trial_folder import CONFIG, write_config
from autogen.verdict.measuring.sources import Champion

#: File of a run that names the models in its folder ``start``.
START = "start.json"
#: Folder beside it with the delivered model of a run that is updated.
DELIVERED = "delivered"
_FORMAT = 1


@dataclass(frozen=True)
class EarlierRun:
    """Models that training may start from.

    Attributes:
        source: Run, trial or folder, as the user named it.
        codec: Codec of the data that they were trained on.
        models: Models by family, one each.
        digests: Hashes of the rows that they were trained on.
        notes: What is not known about these rows, one per sentence.
        champion: Delivered model of a run that is updated; ``None`` for none.
    """

    source: str
    codec: Codec
    models: Mapping[str, EarlierModel]
    digests: frozenset[bytes] = frozenset()
    notes: tuple[str, ...] = field(default=())
    champion: Champion | None = None

    @property
    def data(self) -> Earlier:
        """What new data must keep to: the codec, and rows for the train split alone."""
        return Earlier(self.codec, self.digests, complete=not self.notes)

    def hashes(self) -> dict[str, str]:
        """Compute the SHA-256 of each model's file of weights, by family."""
        return {family: model.sha256 for family, model in self.models.items()}

    @property
    def configs(self) -> dict[str, Config]:
        """Configs of the models, by family; that of the delivered one among them."""
        found = {family: model.config for family, model in self.models.items()}
        return found | ({self.champion.family: self.champion.config} if self.champion else {})

    def weights(self) -> dict[str, InitialWeights]:
        """Read the weights of the models, by family."""
        spec, names = self.codec.spec, self.codec.code_names()
        return {
            family: InitialWeights(
                {name: tensor.numpy() for name, tensor in read_tensors(model.folder / MODEL)[0].items()},
                spec,
                names,
            )
            for family, model in self.models.items()
        }

    def save(self, folder: Path, data: DataModule) -> None:
        """Copy the models to a run's folder, which can then be resumed without the earlier run.

        Args:
            folder: Folder to write.
            data: Data of the new run; of the rows that the models were trained on its own are noted.
        """
        for family, model in self.models.items():
            (folder / family).mkdir(parents=True, exist_ok=True)
            write_config(folder / family / CONFIG, model.config)
            write(folder / family / MODEL, (model.folder / MODEL).read_bytes())
        write_codec(folder, self.codec)
        if self.champion:
            copied = folder / DELIVERED
            copied.mkdir(exist_ok=True)
            write_config(copied / CONFIG, self.champion.config)
            write(copied / MODEL, (self.champion.folder / MODEL).read_bytes())
            write_codec(copied, self.champion.codec)
        known = self.digests & {*data.kind.known_digests(data.raw)}
        about = {
            "format": _FORMAT,
            "source": self.source,
            "models": {family: {"trial": model.trial} for family, model in self.models.items()},
            "sha256": self.hashes(),
            "rows": sorted(digest.hex() for digest in known),
            "notes": list(self.notes),
        }
        write(folder / START, json.dumps(about) + "\n")


def find_earlier(source: str) -> EarlierRun:
    """Find the models that ``--init-from`` names.

    Args:
        source: Run, ``RUN:TRIAL``, or folder of a model. Of a run they are the best model of each family.

    Raises:
        RunError: there is no model that training can start from.
    """
    try:
        path, trial = split_trial(source)
        found = path.is_dir()
    except (OSError, ValueError):  # a name that no file can have
        found = False
    if not found and Path(source).is_file():
        raise RunError(
            f"init_from names a file: {source:.200}; give a run, RUN:TRIAL, or the folder of a model that "
            "autogen wrote"
        )
    if not found:
        near = near_path(Path(re.sub(r":\d+$", "", source)))
        hint = f". Did you mean {near!r}?" if near else ""
        raise RunError(
            f"init_from names no folder: {source:.200}; give a run, RUN:TRIAL, or the folder of a model{hint}"
        )
    if (path / "study.toml").exists():
        run = RunFolder(path)
        models = {str(model.config["family"]): model for model in models_of(run, trial)}
        stored = (run.trials / DATA, run.best / DATA)  # the first versions wrote the second one alone
        codec, whole = read_codec(next((path for path in stored if path.exists()), stored[0])), False
    else:
        _refuse_no_model(path)
        data = path / DATA if (path / DATA).exists() else path.parent / DATA
        model = GeneratedModel.load(path, data=data)
        models, codec = {model.family: EarlierModel(model.config, path)}, model.codec
        run, whole = RunFolder(_run_of(path)), path.name == "refit"
    kept = trainable(source, models)
    for one in kept.values():  # what does not fit its weights is refused, before anything is built from it
        check_model(one.folder)
        GeneratedModel(one.config, codec, one.folder / MODEL)
    digests, notes = _trained_on(run, whole, frozenset())
    return EarlierRun(source, codec, kept, digests, tuple(notes))


def earlier_of(settings: Settings) -> EarlierRun | None:
    """Find the earlier models that settings name; ``None`` for none."""
    if settings.update:
        return find_updated(RunFolder.open(Path(settings.update)))
    return find_earlier(settings.init_from) if settings.init_from else None


def find_updated(run: RunFolder) -> EarlierRun:
    """Find what an update of a run starts from: models, the delivered one, and the rows of their training.

    Families that are fitted, not trained by steps, have no model to start from, but may be delivered.

    Raises:
        RunError: the run has no result, its data is not as it was, or a model is damaged.
    """
    run.read_result()
    found = {str(model.config["family"]): model for model in models_of(run, None)}
    kept = stepwise(found)
    for model in kept.values():
        check_model(model.folder)
    champion = None if is_baseline(run.best) else champion_in(run.best)
    digests, notes = _trained_on(run, False, frozenset(), strict=True)
    codec = read_codec(run.trials / DATA)
    return EarlierRun(str(run.path), codec, kept, digests, tuple(notes), champion)


def champion_in(folder: Path) -> Champion:
    """Read a delivered model, so that a damaged one is refused."""
    return Champion(folder, GeneratedModel.load(folder).config, read_codec(folder / DATA))


def stored_earlier(folder: Path) -> EarlierRun:
    """Read what ``EarlierRun.save`` wrote.

    Raises:
        RunError: a file is missing or damaged, or was changed since.
    """
    try:
        about = parse_json(read_file(folder / START, MOST_BYTES))
        _refuse_unknown(folder / START, about)
        models = {family: (folder / family, entry["trial"]) for family, entry in about["models"].items()}
        found = EarlierRun(
            about["source"],
            read_codec(folder / DATA),
            {family: loaded(*model, folder / DATA) for family, model in models.items()},
            frozenset(map(bytes.fromhex, about["rows"])),
            tuple(about["notes"]),
            champion_in(folder / DELIVERED) if (folder / DELIVERED).exists() else None,
        )
        changed = found.hashes() != about["sha256"]
    except UserError:
        raise
    except OSError as error:
        raise RunError(
            f"cannot read {error.filename or folder}: {reason(error)}; put it back from a copy of the run, "
            "or start a new run"
        ) from error
    except Exception as error:  # whatever a damaged or hostile file makes the reading fail with
        raise RunError(f"{folder / START} is damaged; copy the run again") from error
    if changed:
        raise RunError(f"a model in {folder} has changed since the run began; copy the run again")
    return found


def _refuse_unknown(path: Path, about: Mapping[str, Any]) -> None:
    """Raise ``RunError`` if start.json is of a later version, or a family in it is named like a path."""
    if about["format"] > _FORMAT:
        raise RunError(f"{path} has format {about['format']}, and this autogen reads {_FORMAT}; upgrade it")
    for family in about["models"]:
        if family in ("", ".", "..") or {*family} & {*"/\\:"}:
            raise RunError(f"{path} names a family {family!r:.80}, which is none; copy the run again")


def _refuse_no_model(path: Path) -> None:
    """Raise ``RunError`` if a folder holds no model of autogen."""
    if is_baseline(path):
        raise RunError(
            f"{path} holds a baseline, which has no weights to start from; name a trial: RUN:TRIAL"
        )
    if (path / MODEL).exists() and (path / CONFIG).exists():
        return
    pickled = sorted(
        one.name for one in path.iterdir() if one.suffix in (".bin", ".pt", ".pth", ".pkl", ".ckpt")
    )
    if (path / "config.json").is_file():  # of transformers
        raise RunError(
            f"{path} holds no model of autogen; if it is one of transformers, for texts: --pretrained {path}"
        )
    hint = f"; {pickled[0]} may run code when it is loaded, and autogen reads no such file" if pickled else ""
    raise RunError(f"{path} is neither a run nor the folder of a model: it lacks {CONFIG} and {MODEL}{hint}")


def run_of(source: str) -> Path:
    """Find the run that ``init_from`` names, or that the named model lies in; else the folder itself."""
    path, _ = split_trial(source)
    return path.absolute() if (path / "study.toml").exists() else _run_of(path).absolute()


def _run_of(path: Path) -> Path:
    """Find the run that the folder of a model lies in; the folder itself if it lies in none."""
    return next((one for one in path.absolute().parents[:2] if (one / "study.toml").exists()), path)


def _trained_on(
    run: RunFolder, whole: bool, later: frozenset[Path], strict: bool = False
) -> tuple[frozenset[bytes], list[str]]:
    """Hash the rows that the models of a run, and those that they started from, were trained on.

    Args:
        run: The run.
        whole: True for a model that was trained on all rows.
        later: Runs that started from this one, directly or not.
        strict: True to refuse a run whose own data is not as it was.

    Returns:
        The hashes, and what is not known, one per sentence.

    Raises:
        RunError: ``strict``, and the run's data is not as it was.
    """
    unknown = "whether held-out rows were among its training rows is not known"
    if not run.path.exists():
        return frozenset(), [f"There is no run in {run.path} any more: {unknown}."]
    if not run.study.exists():
        return frozenset(), [f"The earlier model lies in no run ({run.path}): {unknown}."]
    if run.path in later:
        return frozenset(), [f"{run.path} started from itself, by its study.toml: {unknown}."]
    found: frozenset[bytes] = frozenset()
    notes: list[str] = []
    try:
        settings = Settings.of(Settings.load(run.study), str(run.study))
        before = stored_earlier(run.start) if (run.start / START).exists() else None
        if began := settings.init_from or settings.update:
            source = run_of(began)
            refit = split_trial(began)[0].name == "refit"
            found, notes = _trained_on(RunFolder(source), refit, later | {run.path})
        if before:  # of the rows of a run that is gone, those that its own data has
            found, notes = found | before.digests, list(dict.fromkeys([*before.notes, *notes]))
        own = _own_rows(run, settings, before, whole or bool(settings.privacy))  # split by place then
    except UserError as error:
        why = f"The data of {run.path} cannot be read again ({reason(error)})"
    else:
        if own is not None:
            return found | own, notes
        why = f"The data of {run.path} has changed since"
    if strict:  # its model would be scored on rows that it may have been trained on
        raise RunError(f"{why}; an update needs it as it was: put it back, or start a new run")
    return found, [*notes, f"{why}: {unknown}."]


def opened(source: Any, settings: Settings, earlier: EarlierRun | None) -> DataModule:
    """Open the data of a study by its settings and the models that it starts from, if any."""
    return open_data(
        source,
        kind=settings.kind or None,
        seed=settings.seed,
        options=settings.reading,
        earlier=earlier.data if earlier else None,
        older=settings.older,
    )


def _own_rows(
    run: RunFolder, settings: Settings, before: EarlierRun | None, whole: bool
) -> frozenset[bytes] | None:
    """Hash the training rows of a run's own data; ``None`` if that has changed.

    Args:
        run: The run.
        settings: Its settings.
        before: Models that it started from; ``None`` for none.
        whole: True for all rows.
    """
    data = opened(settings.data, settings, before)
    if run.read_study().get("sha256", {}).get("data") != data.sha256:
        return None
    rows: Any = np.arange(len(data.raw.samples)) if whole else data.rows["train"]
    digests = data.kind.known_digests(data.raw)
    return frozenset(digests[row] for row in rows)
