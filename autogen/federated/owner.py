"""An owner of rows: it answers a server's requests with sketches, updates and scores, and never with rows."""

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from autogen.data.codec import Codec
from autogen.data.module import DataModule
from autogen.data.open import codec_from_json
from autogen.data.specs import Arrays, TableSpec
from autogen.errors import AutogenError, DataError, Diverged, RunError, told
from autogen.families.base import FamilyConfig, IsGrown
from autogen.families.counted import GrowsFromCounts
from autogen.federated.config import local, of_model, sketching
from autogen.federated.counting.sums import packed_counts
from autogen.federated.local import Pull, Step, global_model, learned, likelihoods, place, train_locally
from autogen.federated.messages import Message
from autogen.generator.checks import check_settings
from autogen.generator.codec_document import check_codec, check_document
from autogen.generator.generator import write_codec
from autogen.hpo.trial import Config, derived_seed
from autogen.threads import torch_threads
from autogen.training.checkpoint import MODEL, write_tensors
from autogen.training.grown import GrownProgram
from autogen.training.solo import SoloProgram
from autogen.training.worker.trial_folder import CONFIG, write_config
from autogen.training.worker.work import typed

#: Rows below which a value of a column is not told, unless the owner says otherwise.
THRESHOLD = 10
#: Times at which a model that an owner trains alone is scored; the best one counts.
_LOOKS = 4


class CodecLost(RunError):  # noqa: N818 - the codec is lost, not the program wrong
    """An owner that was started again during a study has not got the codec yet."""


class Owner:
    """Owner of a table, text or pictures; whatever it answers is listed in docs/how-to/federated.md.

    Args:
        name: Name that the server knows it by.
        data: Its data, split into train, tune, select and test.
        threshold: Least number of rows of what its sketches tell.
        out: Folder for the model that the study ends with; ``None`` to keep none.
    """

    def __init__(
        self, name: str, data: DataModule, threshold: int = THRESHOLD, out: Path | None = None
    ) -> None:
        self.name, self.data, self.threshold, self.out = name, data, threshold, out
        sketching(data.kind)
        self._codec: Codec | None = None
        self._encoded: dict[str, Arrays] = {}
        self._base: dict[str, np.ndarray] = {}

    def answer(self, request: Message) -> Message:
        """Do what a server asks, with one thread; a failure is an answer that says why, in one line."""
        with torch_threads(1):
            return self._answer(request)

    def _answer(self, request: Message) -> Message:
        """Do what a server asks."""
        try:
            match request.act:
                case "sketch":
                    return Message("sketch", self._sketch())
                case "codec":
                    return Message("codec", self._take_codec(request.about["codec"]))
                case "train":
                    return self._train(request)
                case "count":
                    return Message("count", {}, self._count(request))
                case "score":
                    return Message("score", _numbers(self._score(request)))
                case "compare":
                    return Message("compare", _numbers(self._compare(request)))
                case "end":
                    return Message("end", self._end(request))
            raise RunError(f"an owner does not know the request {request.act!r:.40}")
        except CodecLost as error:
            return Message("failed", {"reason": str(error), "needs": "codec"})
        except AutogenError as error:
            return Message("failed", {"reason": told(error)})
        except Exception as error:  # whatever a hostile or damaged request makes it fail with
            # not its text, which may quote a cell
            return Message("failed", {"reason": f"{type(error).__name__} at the request {request.act}"})

    def _sketch(self) -> dict[str, Any]:
        kind, data = sketching(self.data.kind), self.data
        found = kind.sketch(data.raw, data.rows["train"], self.threshold)
        return {"kind": data.kind.name, "rows": len(data.rows["train"]), "sketch": found}

    def _take_codec(self, record: Any) -> dict[str, Any]:
        """Encode the rows with the codec of all owners, and count them."""
        check_document(record)
        codec = codec_from_json(record)
        check_codec(codec)
        self._codec = codec
        data = replace(self.data, codec=codec)
        self._encoded = {name: data.encoded(name) for name in ("train", "tune", "test")}
        marginals = Marginals(codec.spec, self._encoded["train"])
        self._base = {name: marginals.nats(self._encoded[name]) for name in ("tune", "test")}
        return {"rows": {name: len(one) for name, one in self.data.rows.items()}}

    @property
    def codec(self) -> Codec:
        """Codec of all owners. Raises ``CodecLost`` before it was sent."""
        if self._codec is None:
            raise CodecLost("it was started again and needs the codec of all owners")
        return self._codec

    def _train(self, request: Message) -> Message:
        codec, about = self.codec, request.about
        family, config, rounds = local(about["config"])
        seed, number = int(about["seed"]), int(about["round"])
        control = rounds.strategy == "scaffold"
        step = Step(seed, self.own_seed(seed), number, rounds.local_steps, control)
        weights = part(request.tensors, "weights")
        proximal = rounds.proximal if rounds.strategy == "fedprox" else 0.0
        pull = Pull(proximal, weights if proximal else {}, part(request.tensors, "tilt"))
        train = self._encoded["train"]
        delta, variate = train_locally(family, config, codec.spec, train, weights, step, pull)
        return Message(
            "train",
            {"rows": len(self.data.rows["train"])},
            {f"delta.{name}": one for name, one in delta.items()}
            | {f"control.{name}": one for name, one in variate.items()},
        )

    def _count(self, request: Message) -> dict[str, Tensor]:
        """Count groups of rows for a model that grows from counts."""
        codec, about = self.codec, request.about
        family, config, _ = local(about["config"])
        if not isinstance(family, GrowsFromCounts):
            raise RunError(f"{about['config']['family']} does not grow from counts")
        train, seed = self._encoded["train"], self.own_seed(int(about["seed"]))
        question, step = request.tensors, int(about["step"])
        found = family.counts(config, codec.spec, train, question, least=self.threshold, seed=seed, step=step)
        return packed_counts(found)

    def _score(self, request: Message) -> dict[str, Any]:
        """Compute the mean gain on the tune split: nats a row above independent columns."""
        gains = self._nats(request, "tune") - self._base["tune"]
        return {"rows": len(gains), "gain": float(gains.mean())}

    def _nats(self, request: Message, split: str) -> np.ndarray:
        """Compute the log-likelihood of each row of a split under the model of a request: float64 (N,)."""
        codec = self.codec
        family, config, _ = local(request.about["config"])
        weights, seed = part(request.tensors, "weights"), int(request.about["seed"])
        return likelihoods(family, config, codec.spec, weights, self._encoded[split], seed)

    def _compare(self, request: Message) -> dict[str, Any]:
        """Score the model on the test split beside one that this owner trains alone with as many steps."""
        joint = self._nats(request, "test") - self._base["test"]
        config, seed = request.about["config"], int(request.about["seed"])
        weights, own = self.train_alone(config, seed), self.own_seed(seed)
        family, settings, _ = local(config)
        found = likelihoods(family, settings, self.codec.spec, weights, self._encoded["test"], own)
        alone = found - self._base["test"]
        difference = joint - alone
        error = float(difference.std(ddof=1) / math.sqrt(len(difference)))
        return {
            "rows": len(joint),
            "joint": float(joint.mean()),
            "alone": float(alone.mean()),
            "difference": float(difference.mean()),
            "error": error,
        }

    def own_seed(self, seed: int) -> int:
        """Return the seed of this owner's batches and noise in a trial."""
        return derived_seed(seed, "owner", self.name)

    def train_alone(self, config: Config, seed: int) -> dict[str, Tensor]:
        """Train by this owner's rows alone, with as many steps as it takes in all rounds.

        Args:
            config: Config of the trial.
            seed: Seed of the trial; the model is built with ``own_seed``.

        Returns:
            Parameters by name: of a few states on the way, those that are best on the tune rows.
        """
        codec = self.codec
        family, settings, _ = local(config)
        own, train = self.own_seed(seed), self._encoded["train"]
        program: SoloProgram | GrownProgram
        if isinstance(family, IsGrown):
            program = GrownProgram(family, settings, codec.spec, train, own)
        else:
            averaged = typed(of_model(config))[1].training.ema
            settings = FamilyConfig(settings.model, replace(settings.training, ema=averaged))
            program = SoloProgram(family, settings, codec.spec, train, own)
        names = set(learned(program.average))
        found: list[tuple[float, dict[str, Tensor]]] = []
        for look in range(1, _LOOKS + 1):
            program.advance(max(1, settings.training.steps * look // _LOOKS))
            weights = {name: one.clone() for name, one in program.weights().items() if name in names}
            tuned = likelihoods(family, settings, codec.spec, weights, self._encoded["tune"], own)
            found.append((float(tuned.mean()), weights))
        return max(found, key=lambda pair: pair[0])[1]

    def _end(self, request: Message) -> dict[str, Any]:
        """Save the model of the study, if there is one and it is wanted."""
        if self.out and request.tensors:
            about, weights = request.about, part(request.tensors, "weights")
            save_model(self.out, about["config"], self.codec, int(about["seed"]), weights)
        return {}


def _numbers(found: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of numbers. Raises ``Diverged`` if one is NaN or infinite."""
    if bad := [name for name, value in found.items() if not math.isfinite(value)]:
        raise Diverged(f"its {bad[0]} is {found[bad[0]]}")
    return found


class Marginals:
    """Independent columns: the codes of each column by their frequency, positions evenly in their bins.

    Args:
        spec: Spec of the rows.
        train: Encoded training rows.
    """

    def __init__(self, spec: Any, train: Arrays) -> None:
        if not isinstance(spec, TableSpec):
            raise DataError("federated learning is for tables; the codec of all owners is of other data")
        self._nats = []
        for place_, column in enumerate(spec.columns):
            counts = np.bincount(train["codes"][:, place_], minlength=column.levels) + 1.0
            self._nats.append(np.log(counts / counts.sum()))

    def nats(self, rows: Arrays) -> np.ndarray:
        """Compute the log-likelihood of encoded rows, in nats: float64 (N,)."""
        codes = rows["codes"]
        return np.asarray(sum(nats[codes[:, i]] for i, nats in enumerate(self._nats)))


def part(tensors: Mapping[str, Tensor], section: str) -> dict[str, Tensor]:
    """Return the tensors of one section of a message, without its name."""
    lead = f"{section}."
    return {name.removeprefix(lead): one for name, one in tensors.items() if name.startswith(lead)}


def save_model(folder: Path, config: Config, codec: Codec, seed: int, weights: Mapping[str, Tensor]) -> None:
    """Save a model as ``autogen.load`` reads it.

    Args:
        folder: Folder of the model.
        config: Config of the trial.
        codec: Codec of all owners.
        seed: Seed of the trial.
        weights: Parameters by name.

    Raises:
        RunError: the folder cannot be written, or the weights are another model's.
    """
    family, settings, _ = local(config)
    check_settings(settings)
    model = global_model(family, settings, codec.spec, seed)
    place(model, weights)
    write_codec(folder, codec)
    write_config(folder / CONFIG, of_model(config))
    write_tensors(folder / MODEL, model.state_dict(), {"kind": codec.kind})
