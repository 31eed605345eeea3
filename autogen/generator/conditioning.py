"""Encoded samples from a model, unconditional or conditional.

A family that can (``HasConditioning``) draws what is not given after what is. With the others, rows of a
table are drawn by rejection until enough keep to the condition, at most ``MOST_DRAWS`` for each one wanted
(and always ``FEWEST_DRAWS``). A number keeps to the condition if it lies in the bin of the given one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import nn

from autogen.data.codec import Codec, HasOpenings
from autogen.data.music.codecs import MusicCodec
from autogen.data.music.notes import Piece
from autogen.data.music.openings import openings
from autogen.data.music.openings import with_gaps as pieces_with_gaps
from autogen.data.specs import Arrays, ImageSpec, Samples, SequenceSpec
from autogen.data.tables.codec import TableCodec
from autogen.data.texts.codec import TextCodec
from autogen.data.texts.gaps import with_gaps as texts_with_gaps
from autogen.errors import DataError, agreed
from autogen.families.base import HasConditioning, ModelFamily, device_of
from autogen.hpo.trial import derived_seed
from autogen.training.drawing import block_rows, draw
from autogen.training.noise import SAMPLING, KeyedNoise

#: Values by column of a table; ``{"label": name}`` for images with classes.
Condition = Mapping[str, Any]

MOST_DRAWS = 100
FEWEST_DRAWS = 20_000
#: Draws of a row of which the one nearest to a known cell is taken that no code tells.
CANDIDATES = 16
#: Pieces of music that are drawn where none is known that tells how many notes a bar has.
EXAMPLES = 16


@dataclass(frozen=True)
class Block:
    """Encoded samples, with what was given of them.

    Attributes:
        arrays: Encoded samples, name to (b, ...).
        given: Known cells of table rows (``autogen.data.tables.conditions.PartialRows``), or ``None``.
        made: Decoded rows of a table, where they had to be looked at; else ``None``.
    """

    arrays: Arrays
    given: Any = None
    made: Any = None


@dataclass(frozen=True)
class ConditionalSampler:
    """Unconditional and conditional sampling from a model.

    Attributes:
        family: Family of the model.
        model: Model in eval mode.
        codec: Codec of the data.
    """

    family: ModelFamily
    model: nn.Module
    codec: Codec

    def blocks(self, n: int, seed: int, condition: Condition | None = None) -> Iterator[Block]:
        """Draw n samples in blocks of bounded size.

        Raises:
            DataError: the condition cannot be met.
        """
        if condition is None:
            for arrays in draw(self.family, self.model, self.codec.spec, n, seed):
                yield Block(arrays)
        elif isinstance(self.codec, TableCodec):
            yield from self._rows(self.codec, condition, n, seed)
        else:
            yield from self._images(condition, n, seed)

    def impute(self, rows: Samples, seed: int) -> Iterator[Block]:
        """Draw the missing cells of a table's rows.

        Raises:
            DataError: the data is no table, or the model cannot draw cells given others.
        """
        if not isinstance(self.codec, TableCodec):
            raise DataError(
                f"only cells of tables can be imputed; this model generates {self.codec.kind} data."
            )
        if not self.supports_completion():
            raise DataError(f"this model cannot impute: {_CANNOT}.")
        from autogen.data.tables.conditions import incomplete_rows

        yield from self._completed(self.codec, incomplete_rows(self.codec, rows), len(rows), seed)

    def complete(self, prompts: Sequence[Any], seed: int) -> Iterator[Samples]:
        """Draw what comes after the prompts of texts, or pieces of music that begin with theirs, in blocks.

        Raises:
            DataError: the data is neither, the family cannot complete it, or a prompt is none, or leaves no
                room.
        """
        codec = self.codec
        if isinstance(codec, MusicCodec):
            yield from self._pieces(codec, prompts, seed)
            return
        if not isinstance(codec, HasOpenings) or not isinstance(codec.spec, SequenceSpec):
            raise DataError(
                f"only models of texts and music complete; this model generates {codec.kind} data."
            )
        texts = None if isinstance(prompts, str) or not isinstance(prompts, Iterable) else list(prompts)
        if texts is None or not all(isinstance(one, str) for one in texts):
            raise DataError(f"prompts must be a list of texts; got {prompts!r:.80}")
        if not self.supports_completion():
            raise DataError(
                "this model cannot complete texts; search with --families autoregressive,markov,flow."
            )
        tokens = codec.encode_openings(texts)
        for place, arrays in self._in_blocks({"tokens": tokens}, seed):
            given, rows = tokens[place], arrays["tokens"]
            drawn = np.full_like(rows, codec.spec.pad)
            for row, known in enumerate((given != codec.spec.pad).sum(1)):
                drawn[row, : rows.shape[1] - known] = rows[row, known:]
            yield codec.decode({"tokens": drawn})

    def infill(self, samples: Sequence[Sequence[Any]], seed: int) -> Samples:
        """Fill the gaps of texts or pieces of music.

        Raises:
            DataError: the data is neither, the family cannot fill gaps, or a sample is none with gaps, or too
                long.
        """
        codec = self.codec
        if not isinstance(codec, TextCodec | MusicCodec):
            raise DataError(
                f"only texts and music have gaps to fill; this model generates {codec.kind} data "
                "(impute fills cells of tables)."
            )
        if not isinstance(self.family, HasConditioning) or not self.family.fills_gaps(self.model):
            raise DataError("this model cannot fill gaps; search with --families flow.")
        if not isinstance(samples, list | tuple):
            raise DataError(f"give a list of samples, each a list of its parts; got {samples!r:.80}")
        samples = [  # a gap may be a number of numpy
            [int(part) if isinstance(part, np.integer) else part for part in own]
            if isinstance(own, list | tuple)
            else own
            for own in samples
        ]
        if isinstance(codec, MusicCodec):
            return [piece for block in self._pieces(codec, samples, seed, True) for piece in block]
        gaps = texts_with_gaps(codec, samples)
        drawn = [arrays["tokens"] for _, arrays in self._in_blocks(gaps.arrays, seed)]
        return gaps.filled(codec, np.concatenate(drawn)) if drawn else []

    def _pieces(
        self, codec: MusicCodec, given: Sequence[Any], seed: int, gaps: bool = False
    ) -> Iterator[list[Piece]]:
        """Draw what is not given of pieces of music, of which openings or parts around gaps are."""
        if not self.supports_completion():
            raise DataError("this model cannot continue music; search with --families autoregressive,flow.")
        known = (
            pieces_with_gaps(codec, given, seed, cache(self._examples)) if gaps else openings(codec, given)
        )
        for place, arrays in self._in_blocks(known.arrays, seed):
            yield known.completed(codec, arrays, place)

    def _examples(self) -> list[Piece]:
        """Draw some pieces of music, always the same."""
        blocks = draw(self.family, self.model, self.codec.spec, EXAMPLES, 0)
        return [piece for arrays in blocks for piece in self.codec.decode(arrays)]

    def _in_blocks(self, given: Arrays, seed: int) -> Iterator[tuple[slice, Arrays]]:
        """Let the model complete what is given, name to (N, ...), in blocks; which rows each has."""
        size = block_rows(self.codec.spec)
        for block, start in enumerate(range(0, len(next(iter(given.values()))), size)):
            place = slice(start, start + size)
            yield place, self._drawn({name: array[place] for name, array in given.items()}, seed, block)

    def decode(self, block: Block, seed: int) -> Samples:
        """Decode a block; what was given comes out exactly as it was."""
        if block.given is None:
            return self.codec.decode(block.arrays, seed)
        if block.made is not None:
            return block.given.restore_known(self.codec.to_original_format(block.made))
        return block.given.decode(self.codec, block.arrays, seed)

    def supports_completion(self) -> bool:
        """Tell if the model draws what is not given after what is, without rejection."""
        return isinstance(self.family, HasConditioning) and self.family.supports_completion(self.model)

    def _rows(self, codec: TableCodec, condition: Condition, n: int, seed: int) -> Iterator[Block]:
        """Draw rows of a table that keep to a condition."""
        from autogen.data.tables.conditions import condition_row

        given = condition_row(codec, condition)
        if self.supports_completion():
            size = block_rows(codec.spec)
            for block, start in enumerate(range(0, n, size)):
                yield self._completion(codec, given.repeat(min(size, n - start)), seed, block)
        else:
            yield from self._kept(codec, given, condition, n, seed)

    def _completed(self, codec: TableCodec, given: Any, n: int, seed: int) -> Iterator[Block]:
        """Draw the missing cells of n rows."""
        size = block_rows(self.codec.spec)
        for block, start in enumerate(range(0, n, size)):
            yield self._completion(codec, given.take(slice(start, start + size)), seed, block)

    def _completion(self, codec: TableCodec, given: Any, seed: int, block: int) -> Block:
        """Draw what is not known of some rows, in accordance with binding rules.

        Cells by which known ones are looked up are drawn first. A known cell that is modeled as a distance
        from an unknown one has no code: of ``CANDIDATES`` draws without it the nearest one is taken.
        """
        from autogen.data.tables.rules.partial import mismatch, pulled

        rows = given.with_sources(codec, derived_seed(seed, "sources", block))
        drawn = self._drawn(rows.arrays, seed, block)
        fixed = rows.fixed(codec)
        names = pulled(codec, fixed, rows.arrays["known"])
        if not names:
            return Block(drawn, rows)
        least = mismatch(codec, drawn, fixed, names, seed)
        for again in range(1, CANDIDATES):
            other = self._drawn(rows.arrays, derived_seed(seed, "candidate", again), block)
            apart = mismatch(codec, other, fixed, names, seed)
            better = apart < least
            drawn = {name: np.where(better[:, None], other[name], array) for name, array in drawn.items()}
            least = np.minimum(apart, least)
        return Block(drawn, rows)

    @torch.no_grad()
    def _drawn(self, given: Arrays, seed: int, block: int) -> Arrays:
        """Let the model complete what is given, name to (b, ...)."""
        assert isinstance(self.family, HasConditioning)
        device = device_of(self.model)
        tensors = {name: torch.as_tensor(array, device=device) for name, array in given.items()}
        noise = KeyedNoise(seed, SAMPLING, block, device=device)
        made = self.family.complete(self.model, tensors, noise)
        return {name: tensor.cpu().numpy() for name, tensor in made.items()}

    def _kept(
        self, codec: TableCodec, given: Any, condition: Condition, n: int, seed: int
    ) -> Iterator[Block]:
        """Draw rows until n of them keep to the condition (rejection sampling)."""
        from autogen.data.tables.conditions import keeps_condition

        most, found, seen = max(FEWEST_DRAWS, MOST_DRAWS * n), 0, 0
        for arrays in draw(self.family, self.model, self.codec.spec, most, seed):
            right, made = keeps_condition(codec, arrays, given, derived_seed(seed, "condition", seen))
            rows = np.flatnonzero(right)[: n - found]
            found, seen = found + len(rows), seen + len(right)
            if len(rows):
                kept = {name: array[rows] for name, array in arrays.items()}
                yield Block(
                    kept,
                    given.repeat(len(rows)),
                    None if made is None else made.iloc[rows].reset_index(drop=True),
                )
            if found == n:
                return
        wanted = ", ".join(f"{name}={value}" for name, value in condition.items())
        raise DataError(
            f"only {found} of {seen} drawn rows {agreed(found, 'has', 'have')} {wanted}, but you asked for "
            f"{n}. Ask for fewer rows or "
            f"a weaker condition; rejection sampling is needed because {_CANNOT}."
        )

    def _images(self, condition: Condition, n: int, seed: int) -> Iterator[Block]:
        """Draw images of a class."""
        names = tuple(getattr(self.codec, "label_names", ()))
        if not isinstance(self.codec.spec, ImageSpec) or not names:
            raise DataError(
                f"this model generates {self.codec.kind} data without classes; leave the condition out."
            )
        if list(condition) != ["label"] or str(condition["label"]) not in names:
            shown = ", ".join(names[:12]) + (" ..." if len(names) > 12 else "")
            raise DataError(f"a condition on these images must be label=NAME with NAME one of {shown}.")
        if not self.supports_completion():
            raise DataError(
                "this model is not class-conditional; flows, and autoregressive models of 2 to 64 classes, "
                "are: search with --families flow,autoregressive."
            )
        label, size = names.index(str(condition["label"])), block_rows(self.codec.spec)
        for block, start in enumerate(range(0, n, size)):
            given = {"label": np.full(min(size, n - start), label, np.int64)}
            yield Block(self._drawn(given, seed, block))


_CANNOT = (
    "only trees, flows trained with known above 0 and autoregressive models trained with shuffled above 0 "
    "draw some cells given others; search with --families trees,autoregressive,flow"
)
