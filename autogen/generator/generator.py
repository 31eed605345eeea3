"""Trained generator for its user: sample, impute, complete, save, load."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

import autogen
from autogen import registry
from autogen.data.codec import Codec
from autogen.data.kind import DataKind
from autogen.data.specs import Samples, Spec
from autogen.documents import parse_json
from autogen.errors import RunError, UserError, reason, suggesting, told
from autogen.families.base import FamilyConfig, HasLikelihood, ModelFamily, numbers_in
from autogen.families.based import HasBase, codec_of
from autogen.files import near_path, read_file, write
from autogen.generator.arguments import checked_draw, seed_of, whole
from autogen.generator.checks import check_settings, check_size, check_spec
from autogen.generator.codec_document import check_codec, check_document
from autogen.generator.conditioning import Condition, ConditionalSampler
from autogen.hpo.trial import Config, derived_seed
from autogen.threads import torch_threads
from autogen.training.checkpoint import MODEL, load_weights, write_tensors
from autogen.training.noise import KeyedNoise
from autogen.training.solo import build_model
from autogen.training.worker.efficiency import COUNTING, Drawing, Efficiency
from autogen.training.worker.trial_folder import CONFIG, read_config, write_config
from autogen.training.worker.work import typed

DATA = "data.json"
#: Largest data.json that is read: 256 MiB.
MOST_BYTES = 2**28
_FORMAT = 1
_ROWS = 256  # of a pass that measures likelihoods


class GeneratedModel:
    """Trained generator.

    Args:
        config: Config of the model.
        codec: Turns encoded samples into the user's kind of data; of a model with a base, the data set's.
        weights: File with the trained weights, or its bytes.
        device: Device to draw on.

    Attributes:
        family: Name of the model family.
        config: Config of the trial.
        codec: Codec of the data.
        spec: Spec of the encoded data.
        note: Reservation about the model, in one sentence; empty for none.

    Raises:
        RunError: the weights cannot be read, or are another model's; or a setting is out of bounds.
    """

    def __init__(self, config: Config, codec: Codec, weights: Path | bytes, device: str = "cpu") -> None:
        self.family = str(config["family"])
        self.config = dict(config)
        self.note = ""
        self._family, self._settings = typed(config)
        if isinstance(weights, Path):
            check_settings(self._settings)
        self.codec = codec = codec_of(self._family, self._settings, codec)
        if isinstance(weights, Path):
            check_spec(codec.spec)
            check_size(self._family, self._settings, codec.spec, weights)
        self._model = build_model(self._family, self._settings, codec.spec, seed=0)
        load_weights(weights, self._model)
        self._model.to(device).eval().requires_grad_(False)
        self._source = ConditionalSampler(self._family, self._model, codec)

    @classmethod
    def of_trial(cls, folder: str | Path, codec: Codec) -> "GeneratedModel":
        """Load the model of a complete trial from its folder.

        Raises:
            RunError: a file is missing or damaged.
        """
        folder = Path(folder)
        return cls(read_config(folder / CONFIG), codec, folder / MODEL)

    @classmethod
    def load(cls, folder: str | Path, *, data: Path | None = None) -> "GeneratedModel":
        """Load a saved model; nothing in the folder is run as code.

        Args:
            folder: Folder of the model.
            data: File of its codec; default data.json in the folder.

        Raises:
            RunError: a file is missing, damaged, not autogen's, or a newer autogen's.
        """
        folder = Path(folder)
        if not folder.is_dir():
            near = "" if folder.exists() else near_path(folder)
            hint = f"; did you mean {near!r}?" if near else ""
            raise RunError(f"{folder} is not a folder with a saved model; one holds {MODEL} and {DATA}{hint}")
        try:
            return cls.of_trial(folder, read_codec(data or folder / DATA))
        except RunError:
            raise
        except OSError as error:
            raise RunError(f"cannot read {error.filename or folder}: {reason(error)}") from error
        except Exception as error:  # whatever a damaged or hostile file makes a family or a codec fail with
            raise RunError(f"{folder} holds a model that this autogen cannot load: {told(error)}") from error

    @property
    def module(self) -> nn.Module:
        """Trained network, in eval mode and without gradients; what ``family_object`` samples from."""
        return self._model

    @property
    def family_object(self) -> ModelFamily:
        """Family of the model, which builds and samples ``module``."""
        return self._family

    @property
    def settings(self) -> FamilyConfig:
        """Config of the model as the dataclasses of its family."""
        return self._settings

    @property
    def spec(self) -> Spec:
        """Spec of the encoded data."""
        return self.codec.spec

    @property
    def parameters(self) -> int:
        """Number of trained parameters."""
        return numbers_in(self._model)

    @suggesting("sample")
    def sample(
        self,
        n: int = 1,
        seed: int | None = None,
        condition: Condition | None = None,
        *,
        random_state: int | None = None,
    ) -> Samples:
        """Draw n samples of the user's kind of data; equal arguments give equal samples.

        Args:
            n: Number of samples, at least 1.
            seed: Seed of the draws; default 0.
            condition: Condition on all samples: values by column of a table, ``{"label": name}`` for images
                with classes.
            random_state: Another name of ``seed``.

        Returns:
            Tables: a DataFrame of n rows. Images: uint8 (n, H, W, C). Texts and music: a list of n.

        Raises:
            SettingsError: an argument is of another type, or n is below 1.
            DataError: the data has no such column, value or class, or the model cannot keep to it.
        """
        drawn = self.stream(n, seed_of(seed, random_state), condition=condition)
        return kind_named(self.codec.kind).concatenate(list(drawn))

    def draw(self, n: int, seed: int = 0) -> Samples:
        """Draw the samples of ``sample(n, seed)`` as metrics take them, before they get the user's format.

        Args:
            n: At least 1.
            seed: Random seed of the draw.
        """
        blocks = enumerate(self._source.blocks(n, seed))
        drawn = [self._source.decode(block, derived_seed(seed, "decode", place)) for place, block in blocks]
        return kind_named(self.codec.kind).concatenate(drawn)

    def stream(
        self, n: int, seed: int = 0, chunk: int | None = None, condition: Condition | None = None
    ) -> Iterator[Samples]:
        """Draw the samples of ``sample(n, seed, condition)`` in pieces of at most ``chunk`` rows.

        Args:
            n: Number of samples in all, at least 1.
            seed: Seed of the draws.
            chunk: Rows of a piece; ``None`` for as many as are drawn at once.
            condition: Condition on all samples, as of ``sample``.

        Raises:
            SettingsError: n or chunk is no whole number or below 1, or the condition is no dictionary.
            DataError: the condition cannot be met.
        """
        checked_draw(n, chunk, condition)
        seed = whole("seed", seed, 0)
        kind, source, first = kind_named(self.codec.kind), self._source, 0
        for block, drawn in enumerate(source.blocks(n, seed, condition)):
            samples = source.decode(drawn, derived_seed(seed, "decode", block))
            samples = self.codec.to_original_format(self.codec.renumber_ids(samples, first, n, seed))
            first += (rows := len(samples))
            for start in range(0, rows, chunk or rows):
                yield kind.take(samples, np.arange(start, min(start + (chunk or rows), rows)))

    def impute(self, rows: Samples, seed: int = 0) -> Samples:
        """Fill the missing cells of a table's rows; the others stay as they are.

        Args:
            rows: Rows with the columns of the data; a column that is not there counts as missing.
            seed: Seed of the draws.

        Raises:
            DataError: the data is no table, or the model cannot draw cells given others.
        """
        seed = whole("seed", seed, 0)
        parts = [self._source.decode(block, seed) for block in self._source.impute(rows, seed)]
        if not parts:
            return rows
        filled = self.codec.to_original_format(kind_named(self.codec.kind).concatenate(parts))
        others = filled.columns.difference(rows.columns, sort=False)
        return filled.set_axis(rows.index)[[*rows.columns, *others]]

    def complete(self, prompts: Sequence[Any], seed: int = 0) -> list[Any]:
        """Complete texts or music; equal arguments give equal samples.

        Args:
            prompts: Beginnings of texts or pieces; a model of one long text reads their last half block.
            seed: Seed of the draws.

        Returns:
            What follows each text; whole pieces of music, which begin with the prompts.

        Raises:
            DataError: the model completes neither, or a prompt leaves no room.
        """
        return [one for block in self._source.complete(prompts, whole("seed", seed, 0)) for one in block]

    def infill(self, samples: Sequence[Sequence[Any]], seed: int = 0) -> list[Any]:
        """Fill gaps of texts or music, and return them whole; what is known stays exactly as it is.

        Args:
            samples: Parts of each: str, and gaps in tokens or ``None`` for any number; pieces, and ticks.
            seed: Seed of the draws.

        Raises:
            DataError: the model cannot fill gaps, or a sample has none, or is too long.
        """
        return list(self._source.infill(samples, whole("seed", seed, 0)))

    @property
    def completes(self) -> bool:
        """True if the model draws what is not given after what is; others meet conditions by rejection."""
        return self._source.supports_completion()

    @property
    def exact(self) -> bool:
        """True if the family has an exact likelihood."""
        return isinstance(self._family, HasLikelihood) and self._family.exact

    def log_likelihood(self, samples: Samples) -> np.ndarray:
        """Compute the log-likelihood of each encoded sample, in nats: float64 (N,).

        Raises:
            UserError: the family does not know it exactly.
            MetricError: the tokenizer of the model's base does not keep a text.
        """
        if not (isinstance(self._family, HasLikelihood) and self._family.exact):
            raise UserError(f"only autoregressive models know an exact log_likelihood, not {self.family}")
        if isinstance(self._family, HasBase):
            self._family.check_kept(self.codec, samples)
        arrays = self.codec.encode(samples)
        rows, parts = len(next(iter(arrays.values()))), []
        for start in range(0, rows, _ROWS):
            batch = {name: torch.from_numpy(array[start : start + _ROWS]) for name, array in arrays.items()}
            parts.append(self._family.log_likelihood(self._model, batch, KeyedNoise(0)).double().numpy())
        return np.concatenate(parts)

    def efficiency(self, threads: int = 1, counting: float = COUNTING) -> Efficiency:
        """Measure size, operations, time and memory of sampling; takes about a second for small models.

        Args:
            threads: Number of torch threads during the measurement.
            counting: Seconds in which operations and memory must be counted; otherwise they are ``None``.
        """
        with torch_threads(threads):
            return Drawing(self._family, self._settings, self._model, self.spec).measure(counting)

    def cost(self, name: str, train_seconds: float = 0.0, threads: int = 1) -> float:
        """Measure one of the costs ``latency``, ``params``, ``flops``, ``memory`` and ``throughput``."""
        with torch_threads(threads):
            return Drawing(self._family, self._settings, self._model, self.spec).cost(name, train_seconds)

    def save(self, folder: str | Path) -> None:
        """Save the model to a folder that ``load`` reads on any machine.

        Raises:
            RunError: the folder cannot be written.
        """
        folder = Path(folder)
        write_codec(folder, self.codec)
        write_config(folder / CONFIG, self.config)
        write_tensors(folder / MODEL, self._model.state_dict(), {"kind": self.codec.kind})

    def __repr__(self) -> str:
        return f"GeneratedModel({self.family}, {self.codec.kind}, {self.parameters:,} parameters)"


def kind_named(name: str) -> DataKind:
    """A kind of data by its registered name."""
    kind: DataKind = registry.get("data", name)()
    return kind


def write_codec(folder: Path, codec: Codec, **about: str) -> None:
    """Write what a saved model knows of its data, and no row of it.

    Args:
        folder: Folder of the model.
        codec: Codec of the data.
        about: Further entries of the file.

    Raises:
        RunError: the folder cannot be written.
    """
    found = {"format": _FORMAT, "autogen": autogen.__version__, "kind": codec.kind} | about
    write(folder / DATA, json.dumps(found | {"codec": codec.to_json()}))


def read_codec(path: Path) -> Codec:
    """Rebuild the codec that ``save`` wrote.

    Raises:
        RunError: the file is missing, damaged, a newer autogen's, or describes what no data has.
    """
    if not path.is_file():
        raise RunError(f"{path} does not exist; a saved model has it")
    try:
        about = parse_json(read_file(path, MOST_BYTES, links=True))
        if about["format"] > _FORMAT:
            raise RunError(
                f"{path} was written by autogen {about['autogen']}, this is {autogen.__version__}; upgrade"
            )
        kind = kind_named(about["kind"])
        check_document(about["codec"])
        codec = kind.codec.from_json(about["codec"])
        check_codec(codec)
        return codec
    except UserError:
        raise
    except OSError as error:
        raise RunError(f"cannot read {path}: {reason(error)}") from error
    except Exception as error:  # whatever a damaged or hostile file makes a codec fail with
        raise RunError(f"{path} is damaged or was not written by autogen ({told(error)})") from error
