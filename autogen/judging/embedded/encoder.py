"""A BERT sentence encoder in plain torch; the door to tokenizers and to a user's safetensors.

It reads a folder in the layout of sentence-transformers (``config.json``, ``tokenizer.json``,
``model.safetensors``), averages the token states of the last layer and scales the mean to length one, as
Reimers 2019 (https://arxiv.org/abs/1908.10084). It runs no code of the folder.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import embedding, gelu, layer_norm, linear, normalize, scaled_dot_product_attention

from autogen.documents import parse_json
from autogen.errors import MetricError

#: Tokens per window with its [CLS] and [SEP]; longer texts are cut into several windows.
WINDOW = 256
FILES = ("config.json", "tokenizer.json", "model.safetensors")


class Encoder:
    """Encoder of texts as unit vectors.

    Args:
        folder: folder with ``config.json``, ``tokenizer.json`` and ``model.safetensors`` of a BERT model.

    Raises:
        MetricError: a file is missing, or the model is of another architecture.
    """

    def __init__(self, folder: Path) -> None:
        missing = [name for name in FILES if not (folder / name).is_file()]
        if missing:
            raise MetricError(f"an embedding folder needs {', '.join(FILES)}; {folder} has no {missing[0]}")
        try:
            self._config: dict[str, Any] = parse_json((folder / "config.json").read_text(encoding="utf-8"))
        except ValueError as error:
            raise MetricError(f"{folder / 'config.json'} is not JSON: {error}") from error
        if self._config.get("model_type") != "bert" or self._config.get("hidden_act") != "gelu":
            raise MetricError(
                f"an embedding folder needs a BERT model with gelu; {folder} holds "
                f"{self._config.get('model_type')!r}. Give its vectors as a callable instead"
            )
        self._weights = load_file(folder / "model.safetensors")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        marks = self._tokenizer.encode("").ids
        self._first, self._last = marks[0], marks[-1]
        self._window = min(WINDOW, int(self._config["max_position_embeddings"]))
        self.width: int = self._config["hidden_size"]

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Encode N texts as unit vectors, float32 (N, D); a long text averages over its windows."""
        sums = np.zeros((len(texts), self.width), dtype=np.float64)
        for owners, states, mask in self._batches(texts):
            pooled = (states[-1] * mask[..., None]).sum(1).numpy()
            np.add.at(sums, owners, pooled)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        return np.asarray(sums / np.maximum(lengths, 1e-12), dtype=np.float32)

    def layer_means(self, texts: Sequence[str], layers: Sequence[int]) -> np.ndarray:
        """Average token states of inner layers, which hold more of the form of a text than the last layer.

        Args:
            texts: N texts.
            layers: numbers of the layers; 0 for the embeddings.

        Returns:
            float32 (N, layers * D).
        """
        sums = np.zeros((len(texts), len(layers) * self.width))
        counts = np.zeros((len(texts), 1))
        for owners, states, mask in self._batches(texts, max(layers)):
            hidden = torch.cat([states[layer] for layer in layers], -1)
            np.add.at(sums, owners, (hidden * mask[..., None]).sum(1).numpy())
            np.add.at(counts, owners, mask.sum(1, keepdim=True).numpy())
        return np.asarray(sums / counts, dtype=np.float32)

    def with_tokens(self, texts: Sequence[str], layer: int) -> tuple[np.ndarray, list[np.ndarray]]:
        """Encode texts, and return unit token states of one layer, without [CLS] and [SEP].

        Args:
            texts: N texts.
            layer: number of the layer; 0 for the embeddings.

        Returns:
            Vectors as of a call, float32 (N, D), and token states of each text, float16 (T, D).
        """
        sums = np.zeros((len(texts), self.width))
        tokens: list[list[np.ndarray]] = [[] for _ in texts]
        for owners, states, mask in self._batches(texts):
            np.add.at(sums, owners, (states[-1] * mask[..., None]).sum(1).numpy())
            scaled = normalize(states[layer], dim=-1).half().numpy()
            for row, owner in enumerate(owners):
                tokens[owner].append(scaled[row, 1 : max(2, int(mask[row].sum()) - 1)])
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        return (sums / np.maximum(lengths, 1e-12)).astype(np.float32), [
            np.concatenate(rows) for rows in tokens
        ]

    def _batches(self, texts: Sequence[str], depth: int | None = None) -> Any:
        """Yield batches of similar windows: owners (B,), states per layer (B, T, D), mask (B, T)."""
        depth = self._config["num_hidden_layers"] if depth is None else depth
        windows = [
            (owner, window)
            for owner, encoding in enumerate(
                self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
            )
            for window in self._cut(encoding.ids)
        ]
        # Windows of one batch are padded to the longest: sorting keeps the padding small.
        windows.sort(key=lambda pair: len(pair[1]))
        for start in range(0, len(windows), 64):
            batch = windows[start : start + 64]
            longest = len(batch[-1][1])
            ids = torch.zeros((len(batch), longest), dtype=torch.long)
            mask = torch.zeros((len(batch), longest))
            for row, (_, window) in enumerate(batch):
                ids[row, : len(window)] = torch.tensor(window)
                mask[row, : len(window)] = 1
            with torch.inference_mode():
                yield [owner for owner, _ in batch], self._states(ids, mask, depth), mask

    def _cut(self, ids: list[int]) -> list[list[int]]:
        inner = self._window - 2
        pieces = [ids[start : start + inner] for start in range(0, len(ids), inner)] or [[]]
        return [[self._first, *piece, self._last] for piece in pieces]

    def _states(self, ids: Tensor, mask: Tensor, depth: int) -> list[Tensor]:
        """Compute token states, (B, T, D) each: the embeddings, then the outputs of ``depth`` layers."""
        place = self._weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        kind = self._weights["embeddings.token_type_embeddings.weight"][0]
        hidden = embedding(ids, self._weights["embeddings.word_embeddings.weight"]) + place + kind
        states = [self._norm(hidden, "embeddings.LayerNorm")]
        seen = mask[:, None, None, :].bool()
        for number in range(depth):
            states.append(self._layer(states[-1], seen, f"encoder.layer.{number}"))
        return states

    def _layer(self, hidden: Tensor, seen: Tensor, name: str) -> Tensor:
        heads = self._config["num_attention_heads"]

        def split(part: str) -> Tensor:
            projected = self._linear(hidden, f"{name}.attention.self.{part}")
            return projected.view(*projected.shape[:2], heads, -1).transpose(1, 2)

        mixed = scaled_dot_product_attention(split("query"), split("key"), split("value"), attn_mask=seen)
        joined = self._linear(mixed.transpose(1, 2).flatten(2), f"{name}.attention.output.dense")
        hidden = self._norm(hidden + joined, f"{name}.attention.output.LayerNorm")
        wide = gelu(self._linear(hidden, f"{name}.intermediate.dense"))
        return self._norm(hidden + self._linear(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _linear(self, hidden: Tensor, name: str) -> Tensor:
        return linear(hidden, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _norm(self, hidden: Tensor, name: str) -> Tensor:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        return layer_norm(hidden, (self.width,), weight, bias, self._config["layer_norm_eps"])
