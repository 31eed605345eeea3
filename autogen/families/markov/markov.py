"""Variable-order Markov models: each token given the longest frequent context before it.

Interpolated n-grams are hard to beat on small sets of texts and tunes, and are counted in seconds, so they
are the first trial of a search on them. Beside the fixed order of the baseline, contexts are here as long as
they are frequent (Rissanen 1983; Ron 1996, https://doi.org/10.1007/BF00114008), and their smoothing is
searched (Begleiter 2004, https://doi.org/10.1613/jair.1491, compares such models). Piano rolls are read as
notes. A step of training counts a further share of the rows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from autogen.data.specs import FrameSpec, SequenceSpec, Spec
from autogen.errors import SpaceError
from autogen.families.base import (
    Batch,
    FamilyConfig,
    HasConditioning,
    IsGrown,
    ModelFamily,
    Noise,
    Phase,
    Steps,
    bounded,
)
from autogen.families.markov.alphabet import BEGIN, Tokens
from autogen.families.markov.counts import Counting, count
from autogen.families.markov.model import MarkovModel
from autogen.families.markov.timed_notes import UNITS
from autogen.families.nets.augmentation.transposition import transposed

COUNTS = ("distinct", "all")
ENDS = ("context", "length")
#: Rows from which the mean length of all is told.
_LOOKED_AT = 1000


@dataclass(frozen=True)
class MarkovSettings:
    """Which contexts there are, and how they are smoothed.

    Attributes:
        order: Tokens of the longest context and the one after it.
        fewest: Occurrences that a context needs.
        discount: Factor on the estimated discounts of Kneser-Ney smoothing; more is smoother.
        counts: ``distinct``: tokens after a short context count once for each longer context (Kneser-Ney).
            ``all``: as often as they occur (absolute discounting, Ney 1994).
        ends: What ends a row. ``context``: an end is drawn as any token, so that rows of many tokens have
            geometric lengths. ``length``: the length is drawn from those of training, and the row ends at the
            next place where rows of training do.
        units: What is read of music that is encoded as tokens. ``tokens``: these, of bars, shifts, pitches
            and durations. ``notes``: of each note the gap to the one before, its duration and its pitch.
    """

    order: int = bounded(7, 1, 100)
    fewest: int = 10
    discount: float = 0.6
    counts: str = "distinct"
    ends: str = "context"
    units: str = "tokens"


@dataclass(frozen=True)
class MarkovTraining(Steps):
    """What is counted.

    Attributes:
        steps: Shares that the rows are counted in.
        most_tokens: Most tokens that are counted, about.
        transpose: Semitones up to which music is also counted higher or lower: two random transpositions of
            each row for each semitone.
    """

    steps: int = 1
    most_tokens: int = 4_000_000
    transpose: int = 0


class Markov(ModelFamily, HasConditioning, IsGrown):
    """Smoothed counts of contexts of variable length."""

    model_config = MarkovSettings
    training_config = MarkovTraining
    specs = (SequenceSpec, FrameSpec)

    def build(self, config: FamilyConfig, spec: Spec) -> nn.Module:
        """A ``MarkovModel`` without counts, which takes all tokens for equally likely.

        Raises:
            SpaceError: the data is no sequences, or a setting has a value that it cannot have.
        """
        if not isinstance(spec, SequenceSpec | FrameSpec):
            raise SpaceError("the family markov models texts and music, and this data is neither")
        _check(config)
        return MarkovModel(spec, config.model.units)

    def phases(self, config: FamilyConfig) -> Sequence[Phase]:
        """None: contexts are counted."""
        return ()

    def grow(
        self, model: nn.Module, config: FamilyConfig, train: Batch, step: int, noise: Noise
    ) -> Iterator[None]:
        """Count a share of the rows, those of the steps before with them."""
        assert isinstance(model, MarkovModel)
        training: MarkovTraining = config.training
        order = _chosen(model, train, training.most_tokens // (1 + 2 * training.transpose))
        share = min(1.0, (step + 1) / training.steps)
        some = _rows(train, order[: max(1, round(share * len(order)))])
        copies = [some]
        for _ in range(2 * training.transpose):
            copies.append(dict(transposed(some, model.spec, noise, float(training.transpose))))
            yield
        seen = {name: torch.cat([part[name] for part in copies]) for name in some}
        tokens, lengths = model.alphabet.tokens(seen)
        settings: MarkovSettings = config.model
        how = Counting(settings.order, settings.fewest, settings.discount, settings.counts == "distinct")
        orders = count(tokens, lengths, model.alphabet.levels, BEGIN, how)
        by_length = settings.ends == "length" and not model.alphabet.stream
        model.set(orders, model.alphabet.longest(lengths), lengths if by_length else None)
        yield

    def sample(self, model: nn.Module, n: int, noise: Noise) -> dict[str, Tensor]:
        """Draw n samples, token by token."""
        assert isinstance(model, MarkovModel)
        return model.draw(n, noise)

    def supports_completion(self, model: nn.Module) -> bool:
        """For sequences whose tokens are read as they are."""
        assert isinstance(model, MarkovModel)
        return isinstance(model.alphabet, Tokens)

    def complete(self, model: nn.Module, given: Batch, noise: Noise) -> dict[str, Tensor]:
        """Continue openings."""
        assert isinstance(model, MarkovModel)
        return model.draw(len(given["tokens"]), noise, given["tokens"])


def _rows(train: Batch, places: Tensor) -> dict[str, Tensor]:
    return {name: tensor[places] for name, tensor in train.items()}


def _chosen(model: MarkovModel, train: Batch, tokens: int) -> Tensor:
    """Choose random rows, always the same ones, that have about so many tokens; at least one."""
    rows = len(next(iter(train.values())))
    order = torch.randperm(rows, generator=torch.Generator().manual_seed(0))
    lengths = model.alphabet.tokens(_rows(train, order[:_LOOKED_AT]))[1]
    return order[: max(1, int(tokens / lengths.mean()))]


def _check(config: FamilyConfig) -> None:
    """Refuse settings that nothing can be counted with."""
    model: MarkovSettings = config.model
    training: MarkovTraining = config.training
    choices = (("counts", model.counts, COUNTS), ("ends", model.ends, ENDS), ("units", model.units, UNITS))
    for key, value, known in choices:
        if value not in known:
            raise SpaceError(f"model.{key} must be one of {', '.join(known)}, not {value!r}")
    for key, number, least in (
        ("model.fewest", model.fewest, 1),
        ("training.most_tokens", training.most_tokens, 1),
        ("training.transpose", training.transpose, 0),
    ):
        if number < least:
            raise SpaceError(f"{key} must be at least {least}, not {number}")
    if not model.discount > 0:
        raise SpaceError(f"model.discount must be above 0, not {model.discount}")
