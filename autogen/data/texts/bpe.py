"""Byte-pair encoding, learned from the training texts; the door to tokenizers.

Byte-pair encoding after Sennrich 2016 (https://arxiv.org/abs/1508.07909), on the bytes of UTF-8 as in
Radford 2019, so that every text has tokens and comes back exactly. The library learns and applies the
merges. A run saves only the merges, as pairs of numbers, and decoding needs no library.
"""

import json
import os
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from autogen.errors import DataError

BYTES = 256
#: Smallest and largest default vocabulary, and the bytes of a corpus per token of it.
LEAST, MOST, BYTES_A_TOKEN = 512, 4096, 400
#: Largest vocabulary that a user can set.
LIMIT = 65_536
#: Maximum length of a token in bytes: it allows a line of dashes, but no sentence of Chinese.
_LONGEST = 32


class BytePairs:
    """Byte-pair tokenizer: texts to tokens and back.

    Tokens 0..255 are the bytes; each merge adds the next token, unless its bytes have one already.

    Args:
        pairs: merges, (first, second), in the order in which they apply.

    Attributes:
        pieces: bytes of each token.

    Raises:
        DataError: a pair names a token that no earlier merge made.
    """

    def __init__(self, pairs: Sequence[Sequence[int]]) -> None:
        self.pieces = [bytes([value]) for value in range(BYTES)]
        self.pairs = [tuple(pair) for pair in pairs]
        known = set(self.pieces)
        for pair in self.pairs:
            if len(pair) != 2 or not all(type(n) is int and 0 <= n < len(self.pieces) for n in pair):
                raise DataError(f"expected a pair of two earlier tokens; got {pair!r:.40}")
            joined = self.pieces[pair[0]] + self.pieces[pair[1]]
            if joined not in known:
                self.pieces.append(joined)
                known.add(joined)
        self._tokenizer: Any = None

    @classmethod
    def learn(cls, texts: Iterable[str], size: int) -> "BytePairs":
        """Learn merges: join the most frequent pair of tokens inside of words, again and again.

        Args:
            texts: training texts; the same texts give the same merges.
            size: maximum size of the vocabulary.
        """
        library = _library()
        learner = library.Tokenizer(library.models.BPE())
        learner.pre_tokenizer = library.pre_tokenizers.ByteLevel(add_prefix_space=False)
        trainer = library.trainers.BpeTrainer(
            vocab_size=size,
            min_frequency=2,
            show_progress=False,
            initial_alphabet=list(_LETTERS),
            max_token_length=_LONGEST,
        )
        learner.train_from_iterator(texts, trainer)
        # Merges name tokens by their letters; number them in the order in which tokens come into being.
        found = json.loads(learner.to_str())["model"]["merges"]
        number = {letter: value for value, letter in enumerate(_LETTERS)}
        pairs = []
        for first, second in found:
            pairs.append((number[first], number[second]))
            number.setdefault(first + second, len(number))
        return cls(pairs)

    def flat(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Tokenize N texts: tokens of all texts in a row, int64, and the length of each, int64 (N,)."""
        if self._tokenizer is None:
            self._tokenizer = self._applied()
        whole = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        rows = [found.ids for found in self._tokenizer.encode_batch(whole)]
        lengths = np.array([len(row) for row in rows], dtype=np.int64)
        return np.array([token for row in rows for token in row], dtype=np.int64), lengths

    def text(self, tokens: Sequence[int]) -> bytes:
        """Join the bytes of tokens."""
        return b"".join(self.pieces[token] for token in tokens)

    def _applied(self) -> Any:
        library = _library()
        words = ["".join(_LETTERS[value] for value in piece) for piece in self.pieces]
        merges = [(words[first], words[second]) for first, second in self.pairs]
        model = library.models.BPE(vocab={word: n for n, word in enumerate(words)}, merges=merges)
        tokenizer = library.Tokenizer(model)
        tokenizer.pre_tokenizer = library.pre_tokenizers.ByteLevel(add_prefix_space=False)
        return tokenizer


def usual_size(total: int) -> int:
    """Compute the default size of the vocabulary for ``total`` bytes of text: a power of two, 512 to 4096."""
    wanted = max(1, total // BYTES_A_TOKEN)
    return int(np.clip(1 << (wanted.bit_length() - 1), LEAST, MOST))


def _letters() -> str:
    """List the character that the library uses for each byte: itself if printable, else one above 255."""
    printed = [33 <= value <= 126 or (161 <= value <= 255 and value != 173) for value in range(BYTES)]
    above = accumulate(not is_printed for is_printed in printed)
    pairs = zip(range(BYTES), printed, above, strict=True)
    return "".join(chr(value if is_printed else 255 + place) for value, is_printed, place in pairs)


_LETTERS = _letters()


def _library() -> Any:
    """Import the tokenizers library on one thread, since a worker has one core."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        import tokenizers
    except ImportError as error:
        raise DataError("tokens = 'bpe' needs tokenizers; run pip install tokenizers") from error
    return tokenizers
