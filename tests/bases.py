"""Tiny pre-trained language models that tests make: a tokenizer, seconds of training, ``save_pretrained``."""

import random
from functools import cache
from pathlib import Path
from typing import Any

import torch

CONTEXT = 48
_STEPS, _ROWS, _VOCABULARY = 60, 32, 300
_SYLLABLES = ["ka", "lo", "mi", "ren", "sta", "ve", "tor", "an", "bel", "du", "fin", "go"]


@cache
def corpus(kind: str, size: int = 400, seed: int = 0) -> tuple[str, ...]:
    """Make different texts: syllables in the order of the list (``old``), or reversed (``new``).

    Args:
        kind: ``old``, which bases are trained on, or ``new``.
        size: Number of texts.
        seed: Seed of the draws.
    """
    rng = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < size:
        places = sorted(rng.sample(range(len(_SYLLABLES)), rng.randint(2, 5)), reverse=kind == "new")
        found["".join(_SYLLABLES[place] for place in places)] = None
    return tuple(found)


def make_base(folder: Path, kind: str) -> Path:
    """Train a base on the old texts and save it.

    Args:
        folder: Folder to write.
        kind: ``gpt2``, whose token before a text is that of its end, or ``llama``.
    """
    import transformers

    transformers.utils.logging.disable_progress_bar()
    tokenizer = _tokenizer(transformers, begin=kind == "llama")
    torch.manual_seed(0)
    model = _model(transformers, kind, tokenizer)
    texts = corpus("old")
    rows = tokenizer(
        [tokenizer.bos_token + text + tokenizer.eos_token for text in texts],
        padding=True,
        padding_side="right",
        return_tensors="pt",
    )
    labels = rows["input_ids"].masked_fill(rows["attention_mask"] == 0, -100)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    generator = torch.Generator().manual_seed(0)
    for _ in range(_STEPS):
        some = torch.randint(0, len(texts), (_ROWS,), generator=generator)
        loss = model(input_ids=rows["input_ids"][some], labels=labels[some]).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _tokenizer(transformers: Any, begin: bool) -> Any:
    import tokenizers

    learned = tokenizers.Tokenizer(tokenizers.models.BPE())
    learned.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    learned.decoder = tokenizers.decoders.ByteLevel()
    specials = ["<end>", "<pad>", *(["<begin>"] if begin else [])]
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        special_tokens=specials,
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    learned.train_from_iterator(corpus("old"), trainer)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=learned,
        eos_token="<end>",
        bos_token="<begin>" if begin else "<end>",
        pad_token="<pad>",
    )


def _model(transformers: Any, kind: str, tokenizer: Any) -> Any:
    ends = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id}
    if kind == "gpt2":
        shape = {"n_positions": CONTEXT, "n_embd": 32, "n_layer": 2, "n_head": 2}
        config = transformers.GPT2Config(vocab_size=len(tokenizer), **shape, **ends)
        return transformers.GPT2LMHeadModel(config).eval()
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 2}
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer) + 4, max_position_embeddings=CONTEXT, **shape, **heads, **ends
    )
    return transformers.LlamaForCausalLM(config).eval()
