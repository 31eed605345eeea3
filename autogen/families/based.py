"""Capability of families whose models adapt a pre-trained one, their base, from a folder of its own."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from torch import nn

from autogen.data.codec import Codec
from autogen.data.specs import Samples, Spec
from autogen.families.base import FamilyConfig, ModelFamily
from autogen.hpo.trial import Config

#: Key of a config that names the folder of the base, as ``settings_for`` sets it.
BASE = "model.base"


class HasBase(ABC):
    """Capability of a family: its models adapt a base.

    The config names the folder of the base and the digest of its content. The state of a model is what
    training changed. Each method raises ``RunError`` if the base is missing or has changed, and
    ``SpaceError`` if it reads no data of this kind.

    Attributes:
        base_keys: Keys of a config that ``settings_for`` sets.
        libraries: Distributions that read a base and compute with it.
    """

    base_keys: ClassVar[tuple[str, ...]]
    libraries: ClassVar[tuple[str, ...]]

    @abstractmethod
    def settings_for(
        self, folder: Path, codec: Codec, samples: Samples, free: float = math.inf, train: Samples = None
    ) -> Config:
        """Load and check a base, and derive the constants of all configs that adapt it to a data set.

        Args:
            folder: Folder of the base.
            codec: Codec of the data set.
            samples: All samples of the data set.
            free: Bytes of memory that it may take.
            train: Samples that whatever is fitted is fitted on; ``None`` for all.

        Returns:
            Settings by key, those of ``base_keys``; ``BASE`` is among them.
        """

    @abstractmethod
    def notes(self, config: FamilyConfig, codec: Codec, samples: Samples) -> Sequence[str]:
        """Say what the base is and what that means for this data set, one per sentence."""

    @abstractmethod
    def codec(self, config: FamilyConfig, codec: Codec) -> Codec:
        """Make the codec that the base reads, on top of that of the data set."""

    @abstractmethod
    def check_kept(self, codec: Codec, samples: Samples) -> None:
        """Refuse samples that codes of ``codec`` do not keep: the codes' likelihood is not theirs.

        Raises:
            MetricError: one is changed or cut.
        """

    @abstractmethod
    def base_numbers(self, config: FamilyConfig) -> int:
        """Count the numbers of the base."""

    @abstractmethod
    def needed_bytes(self, config: FamilyConfig, spec: Spec) -> int:
        """Estimate the bytes that a trial needs, for encoded data of this spec."""

    @abstractmethod
    def save_base_format(self, model: nn.Module, config: FamilyConfig, folder: Path) -> str:
        """Write a trained model in the format of its base, for other programs.

        Args:
            model: The model.
            config: Its settings.
            folder: Folder to write to, which exists.

        Returns:
            Python code that opens the folder, and the base's name and digest, as Markdown.
        """


def codec_of(family: ModelFamily, config: FamilyConfig, codec: Codec) -> Codec:
    """Return the codec of a model: that of the data set, or the base's on top of it."""
    return family.codec(config, codec) if isinstance(family, HasBase) else codec


def base_warning(folder: str) -> str:
    """Warn of what a base may have seen, in one clause.

    Args:
        folder: Folder of the base.
    """
    return (
        f"test samples may have been in the pre-training data of the base model {Path(folder).name}: then "
        "scores "
        "of models that adapt it are too good, and the memorization test, which knows this run's training "
        "rows alone, finds no copies of others"
    )
