"""Codec of texts by the tokenizer of a pre-trained model, on top of the codec of the data set."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from autogen.data.codec import Codec, HasOpenings
from autogen.data.specs import Arrays, SequenceSpec
from autogen.data.texts.chunking import cleaned, without_controls
from autogen.data.texts.codec import SPECIALS, TextCodec, opening_rows
from autogen.errors import DataError, MetricError, RunError, SpaceError
from autogen.families.pretrained.folder import Base
from autogen.families.pretrained.library import load_tokenizer


class Vocabulary:
    """Tokens of a pre-trained model.

    Args:
        base: The model.

    Attributes:
        tokenizer: Its tokenizer.
        levels: Number of tokens that the model knows.
        begin: Token before a text; that of the end where there is no other.
        end: Token after a text.

    Raises:
        RunError: the tokenizer cannot be read, or does not fit the model.
    """

    def __init__(self, base: Base) -> None:
        self.tokenizer, self.levels = load_tokenizer(base.path), base.levels
        if len(self.tokenizer) > self.levels:
            raise RunError(
                f"the tokenizer in {base.path} has {len(self.tokenizer):,} tokens, but the model knows "
                f"{self.levels:,}; save the two together again"
            )
        begin, end = self.tokenizer.bos_token_id, self.tokenizer.eos_token_id
        if end is None:
            raise RunError(
                f"the tokenizer in {base.path} has no token for the end of a text; set the one that the "
                "model was trained with: tokenizer.eos_token = ..., then tokenizer.save_pretrained(FOLDER)"
            )
        self.begin, self.end = int(end if begin is None else begin), int(end)

    def drawable(self, stream: bool) -> np.ndarray:
        """Tokens that a text may hold, bool (levels,): none without a name, no special ones but the end.

        Args:
            stream: True for blocks of a long text, which do not end.
        """
        found = np.arange(self.levels) < len(self.tokenizer)
        added = self.tokenizer.added_tokens_decoder.items()
        specials = {*self.tokenizer.all_special_ids, *(token for token, one in added if one.special)}
        found[[int(token) for token in specials if token < self.levels]] = False
        found[self.end] = not stream
        return found

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Tokenize N texts, without any token before or after them."""
        if not texts:
            return []
        whole = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        found = self.tokenizer(
            whole, add_special_tokens=False, split_special_tokens=True, return_attention_mask=False
        )
        return [list(row) for row in found["input_ids"]]

    def texts(self, rows: Sequence[Sequence[int]]) -> list[str]:
        """Join the tokens of N rows to texts; special ones are left out."""
        found: list[str] = self.tokenizer.batch_decode(
            rows, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return found


@lru_cache(maxsize=4)
def vocabulary_of(base: Base) -> Vocabulary:
    """Load the tokens of a model, once."""
    return Vocabulary(base)


class PretrainedCodec(Codec, HasOpenings):
    """Tokens of a pre-trained model: pad, begin, end and unknown of ``SequenceSpec``, then the model's own.

    A special token that is spelled out in a text is read as its characters. Texts come back as far as the
    tokenizer keeps them. It is saved as the codec of the data set: the config of a model has the rest.

    Args:
        texts: Codec of the data set.
        base: The model.
        length: T, the most tokens of a row; for documents the end included.

    Attributes:
        texts: Codec of the data set.
        reading: Codec of characters or bytes, as of ``TextCodec``.
    """

    spec: SequenceSpec

    def __init__(self, texts: TextCodec, base: Base, length: int) -> None:
        self.kind, self.texts, self.reading = texts.kind, texts, texts.reading
        self.spec = SequenceSpec(SPECIALS + base.levels, length, texts.spec.stream)
        self._vocabulary = vocabulary_of(base)

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Tokenize N texts by the model's tokens. Raises ``DataError`` for anything else."""
        if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
            raise DataError("texts must be a list of str, as in training")
        return self._vocabulary.ids(texts)

    def encode(self, samples: Sequence[str]) -> Arrays:
        """Encode N texts as ``{"tokens": int64 (N, T)}``; tokens beyond T are cut off."""
        spec = self.spec
        rows = np.full((len(samples), spec.length), spec.pad, dtype=np.int64)
        room = spec.length - (not spec.stream)
        for row, ids in zip(rows, self.ids(samples), strict=True):
            kept = ids[:room]
            row[: len(kept)] = np.array(kept, dtype=np.int64) + SPECIALS
            if not spec.stream:
                row[len(kept)] = spec.end
        return {"tokens": rows}

    def encode_openings(self, texts: Sequence[str]) -> np.ndarray:
        """Encode prompts for N texts as int64 (N, T), padded with ``pad``.

        In a stream only the last half block of a prompt is kept, to leave room for the continuation.

        Raises:
            DataError: a prompt leaves no room for a continuation.
        """
        texts = [cleaned(text)[0] for text in texts]
        tokens = [np.array(ids, dtype=np.int64) + SPECIALS for ids in self.ids(texts)]
        return opening_rows(texts, tokens, self.spec, "token")

    def decode(self, arrays: Arrays, seed: int = 0) -> list[str]:
        """Decode tokens, (N, T), to N strings, each up to the first ``end`` or ``pad``."""
        rows = np.asarray(arrays["tokens"])
        over = (rows == self.spec.end) | (rows == self.spec.pad)
        lengths = np.where(over.any(axis=1), over.argmax(axis=1), rows.shape[1])
        ids = [
            (row[:length][row[:length] >= SPECIALS] - SPECIALS).tolist()
            for row, length in zip(rows, lengths, strict=True)
        ]
        found = self._vocabulary.texts(ids)
        return [without_controls(self.texts.joined(text.encode("utf-8", "replace"))) for text in found]

    def check_kept(self, texts: Sequence[str]) -> None:
        """Check that texts are what their rows of tokens say.

        Raises:
            MetricError: a text is longer than a row, or does not come back from its tokens.
        """
        ids = self.ids(texts)
        room = self.spec.length - (not self.spec.stream)
        for row, (text, back) in enumerate(zip(texts, self._vocabulary.texts(ids), strict=True)):
            if back != text or len(ids[row]) > room:
                why = f"has more than {room} tokens" if back == text else "is changed by the tokenizer"
                raise MetricError(
                    f"text {row + 1} {why} of the pre-trained model, which so has no likelihood of it: "
                    f"{text[:40]!r}"
                )

    def to_json(self) -> dict[str, Any]:
        """Describe the codec of the data set."""
        return self.texts.to_json()

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Codec:
        """Rebuild the codec of the data set, on top of which a model has its own."""
        return TextCodec.from_json(record)


def of_texts(codec: Codec) -> TextCodec:
    """Return the codec of the data set.

    Raises:
        SpaceError: the data is no text.
    """
    found = codec.texts if isinstance(codec, PretrainedCodec) else codec
    if not isinstance(found, TextCodec):
        raise SpaceError(f"pre-trained models are language models, for texts; this is {codec.kind} data")
    return found
