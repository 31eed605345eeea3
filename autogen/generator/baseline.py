"""A baseline as its user holds it, where none of the searched models beats it: sample, save, load."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import torch

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.documents import parse_json
from autogen.errors import RunError, UserError, reason, suggesting, told
from autogen.families.baselines.base import Baseline, HasState
from autogen.families.baselines.lookup import baselines_for
from autogen.files import read_file
from autogen.generator.arguments import checked_draw, seed_of, whole
from autogen.generator.conditioning import Condition
from autogen.generator.generator import DATA, MOST_BYTES, kind_named, read_codec, write_codec
from autogen.generator.instead import CONDITION, CONTINUE, IMPUTE
from autogen.training.checkpoint import MODEL, read_tensors, write_tensors
from autogen.training.worker.trial_folder import CONFIG, write_config


def _of_networks(name: str) -> property:
    """Attribute that a baseline lacks, for the one reason that it is no network."""

    def missing(self: "BaselineModel") -> NoReturn:
        raise AttributeError(
            f"{self.family} is a baseline and no network, so it has no {name!r}; a searched model "
            'has: result.model_of(7), or autogen.load("RUN:7")'
        )

    return property(missing)


class BaselineModel:
    """A fitted baseline that draws the user's kind of data.

    Args:
        name: Name of the baseline.
        baseline: The baseline, fitted or restored.
        codec: Codec of the data.
        instead: Names a model of its run that does what it cannot; see ``autogen.generator.instead``.

    Attributes:
        family: Name of the baseline.
        config: The name alone.
        codec: Codec of the data.
        exact: False, since baselines have no exact likelihood.
        completes: False, since baselines draw nothing from what is given.
        note: Reservation about the model, in one sentence; empty for none.
    """

    exact = completes = False
    note = ""
    module, family_object = _of_networks("module"), _of_networks("family_object")
    settings, spec = _of_networks("settings"), _of_networks("spec")
    efficiency, cost = _of_networks("efficiency"), _of_networks("cost")

    def __init__(
        self, name: str, baseline: Baseline, codec: Codec, instead: Callable[[str], str] = lambda _what: ""
    ) -> None:
        self.family = name
        self.config: dict[str, Any] = {"family": name}
        self.codec = codec
        self._baseline, self._instead = baseline, instead

    @property
    def parameters(self) -> int:
        """Number of fitted values."""
        return sum(array.size for array in self._state().values())

    def draw(self, n: int, seed: int = 0) -> Samples:
        """Draw n samples as metrics take them."""
        return self._baseline.sample(n, np.random.default_rng(seed))

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
            condition: Must be ``None``: no baseline can keep to one.
            random_state: Another name of ``seed``.

        Returns:
            Tables: a DataFrame of n rows. Images: uint8 (n, H, W, C). Texts and music: a list of n.

        Raises:
            UserError: an argument is of another type, or there is a condition, which no baseline can keep to.
        """
        return next(self.stream(n, seed_of(seed, random_state), condition=condition))

    def stream(
        self, n: int, seed: int = 0, chunk: int | None = None, condition: Condition | None = None
    ) -> Iterator[Samples]:
        """Draw the samples of ``sample(n, seed)`` in pieces of at most ``chunk`` rows."""
        checked_draw(n, chunk, condition)
        seed = whole("seed", seed, 0)
        if condition is not None:
            self._refuse(CONDITION)
        kind = kind_named(self.codec.kind)
        samples = self.codec.to_original_format(self.codec.renumber_ids(self.draw(n, seed), 0, n, seed))
        for start in range(0, n, chunk or n):
            yield kind.take(samples, np.arange(start, min(start + (chunk or n), n)))

    def impute(self, rows: Samples, seed: int = 0) -> NoReturn:
        """Refused: baselines draw whole rows. Raises ``UserError``."""
        self._refuse(IMPUTE)

    def complete(self, prompts: Any, seed: int = 0) -> NoReturn:
        """Refused: baselines draw whole texts. Raises ``UserError``."""
        self._refuse(CONTINUE)

    def infill(self, samples: Any, seed: int = 0) -> NoReturn:
        """Refused: baselines draw whole samples. Raises ``UserError``."""
        self._refuse("fill gaps")

    def log_likelihood(self, samples: Samples) -> NoReturn:
        """Refused. Raises ``UserError``."""
        self._refuse("tell the likelihood of a sample")

    def save(self, folder: str | Path) -> None:
        """Save it to a folder that ``autogen.load`` reads on any machine; no row of the data is in it.

        Raises:
            RunError: the folder cannot be written, or it holds rows of the data.
        """
        folder = Path(folder)
        tensors = {name: torch.from_numpy(np.ascontiguousarray(a)) for name, a in self._state().items()}
        write_codec(folder, self.codec, baseline=self.family)
        write_config(folder / CONFIG, self.config)
        write_tensors(folder / MODEL, tensors, {"kind": self.codec.kind, "baseline": self.family})

    @classmethod
    def load(cls, folder: str | Path, instead: Callable[[str], str] = lambda _what: "") -> "BaselineModel":
        """Load a saved baseline; nothing in the folder is run as code.

        Args:
            folder: Folder of the baseline.
            instead: As of the class.

        Raises:
            RunError: a file is missing, damaged, not autogen's, or a newer autogen's.
        """
        folder = Path(folder)
        try:
            return cls._load(folder, instead)
        except UserError:
            raise
        except OSError as error:
            raise RunError(f"cannot read {error.filename or folder}: {reason(error)}") from error
        except Exception as error:  # whatever a damaged or hostile file makes a baseline fail with
            raise RunError(f"{folder} holds a model that this autogen cannot load: {told(error)}") from error

    @classmethod
    def _load(cls, folder: Path, instead: Callable[[str], str]) -> "BaselineModel":
        tensors, about = read_tensors(folder / MODEL)
        codec, name = read_codec(folder / DATA), str(about.get("baseline"))
        baseline = baselines_for(codec.kind)[name]()
        if not isinstance(baseline, HasState):
            raise RunError(f"{folder} holds the baseline {name}, which this autogen cannot load; upgrade it")
        try:
            baseline.restore({key: tensor.numpy() for key, tensor in tensors.items()}, codec)
        except (KeyError, IndexError, ValueError) as error:
            raise RunError(f"{folder / MODEL} is damaged: it lacks {error}") from error
        return cls(name, baseline, codec, instead)

    def _state(self) -> dict[str, np.ndarray]:
        if not isinstance(self._baseline, HasState):
            raise RunError(f"{self.family} holds rows of the data, so it is not saved")
        return self._baseline.state()

    def _refuse(self, what: str) -> NoReturn:
        way = self._instead(what) or "a searched model may: autogen run ... --models-only"
        raise UserError(f"the baseline {self.family} cannot {what}; {way}")

    def __repr__(self) -> str:
        return f"BaselineModel({self.family}, {self.codec.kind})"


def is_baseline(folder: Path) -> bool:
    """Tell if a folder holds a saved baseline."""
    try:
        return "baseline" in parse_json(read_file(folder / DATA, MOST_BYTES, links=True))
    except (OSError, ValueError, TypeError):
        return False
