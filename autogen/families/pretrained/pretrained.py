"""Pre-trained language models for texts: a base from a folder, adapted to the data.

The base knows its language before training begins, so that few texts go a long way. It reads texts by its own
tokenizer; the likelihood is that of these tokens, a lower bound of the texts' where a text has several
segmentations, and there is none of texts that the tokenizer does not keep.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

from autogen.data.codec import Codec
from autogen.data.specs import Samples, SequenceSpec, Spec
from autogen.data.texts.codec import SPECIALS
from autogen.errors import DataError, SettingsError, SpaceError
from autogen.families.base import (
    Batch,
    FamilyConfig,
    HasConditioning,
    HasLikelihood,
    IsDataParallel,
    ModelFamily,
    Noise,
    Phase,
    Scalars,
    Training,
    bounded,
)
from autogen.families.based import BASE, HasBase, base_warning
from autogen.families.pretrained.adapters import adapted
from autogen.families.pretrained.check import check_model
from autogen.families.pretrained.codec import PretrainedCodec, of_texts, vocabulary_of
from autogen.families.pretrained.folder import Base, find_base, numbers_in, open_base
from autogen.families.pretrained.library import NEEDED, load_model, save_sampling
from autogen.families.pretrained.model import AdaptedModel
from autogen.hpo.trial import Config

#: Learning rate of trained weights of the base, as a share of that of low-rank matrices, which begin at zero.
_BASE_LR = 0.1
_NUMBER = 4  # bytes
_OPENING = """```python
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

model = AutoModelForCausalLM.from_pretrained("FOLDER")
tokenizer = AutoTokenizer.from_pretrained("FOLDER")
sampling = GenerationConfig.from_pretrained("FOLDER")
begin = torch.tensor([[sampling.bos_token_id]])
ids = model.generate(begin, attention_mask=torch.ones_like(begin), generation_config=sampling)
print(tokenizer.decode(ids[0], skip_special_tokens=True))
```"""
#: Numbers that a layer keeps for each token and feature: 17 by Korthikanti 2022 (arxiv.org/abs/2205.05198),
#: of GPT-2 more, measured in float32.
_ACTIVATIONS = 24
_LOGITS = 4  # logits of a token, their softmax, the gradients of both


@dataclass(frozen=True)
class PretrainedModel:
    """The base, and how it is adapted.

    Attributes:
        base: Folder of the base; ``--pretrained`` sets it.
        sha256: Digest of the base's content; a study sets it.
        length: Most tokens of a text, its end included; a study sets it.
        adaptation: ``lora``: low-rank matrices beside layers; ``last``: the last layers; ``full``: all.
        rank: LoRA: rank of the matrices.
        alpha: LoRA: their scale, times the rank.
        targets: LoRA: layers of ``attention``, or ``all`` but the output.
        layers: ``last``: number of layers that are trained.
        temperature: Sampling temperature; below 1 the likely becomes likelier.
        top_p: Nucleus of sampling: only the likeliest tokens that hold this share together are drawn.
    """

    base: str = ""
    sha256: str = ""
    length: int = 0
    adaptation: str = "lora"
    rank: int = 16
    alpha: int = 32
    targets: str = "all"
    layers: int = 1
    temperature: float = bounded(1.0, 0, 1000)
    top_p: float = bounded(1.0, 1e-6, 1)


@dataclass(frozen=True)
class PretrainedTraining(Training):
    """Training settings of a pre-trained model; ``last`` and ``full`` train at a tenth of ``lr``.

    Attributes:
        tokens: Maximum number of tokens in a step; the batch's last rows are skipped.
        checkpointing: True to compute layers twice instead of keeping their activations: slower, less memory.
    """

    tokens: int = 1024
    checkpointing: bool = False


class Pretrained(ModelFamily, HasLikelihood, HasConditioning, HasBase, IsDataParallel):
    """Causal language models of transformers, adapted by maximum likelihood."""

    model_config = PretrainedModel
    training_config = PretrainedTraining
    specs = (SequenceSpec,)
    base_keys = (BASE, "model.sha256", "model.length")
    libraries = NEEDED
    exact = True

    def build(self, config: FamilyConfig, spec: Spec) -> nn.Module:
        """Build an ``AdaptedModel``.

        Raises:
            SpaceError: the data is no text, or a setting has a value that it cannot have.
            RunError: the base is missing or has changed.
        """
        model: PretrainedModel = config.model
        base = _base(config)
        if not isinstance(spec, SequenceSpec) or spec.levels != SPECIALS + base.levels:
            raise SpaceError("pre-trained models are for texts, which their own tokenizer reads")
        if base.positions and spec.length > base.positions:
            raise SpaceError(
                f"{base.name} reads at most {base.positions} tokens of a text, and rows have {spec.length}"
            )
        net = adapted(
            load_model(base.path), model.adaptation, model.rank, model.alpha, model.targets, model.layers
        )
        vocabulary = vocabulary_of(base)
        return AdaptedModel(
            net,
            spec,
            (vocabulary.begin, vocabulary.end),
            vocabulary.drawable(spec.stream),
            _rows(config, spec),
            (model.temperature, model.top_p),
            config.training.checkpointing,
        )

    def phases(self, config: FamilyConfig) -> Sequence[Phase]:
        """Return one phase: maximum likelihood."""
        scale = 1.0 if config.model.adaptation == "lora" else _BASE_LR
        return (Phase("likelihood", negative_nats, lr_scale=scale),)

    def sample(self, model: nn.Module, n: int, noise: Noise) -> dict[str, Tensor]:
        """Draw n rows of tokens: ``tokens``, int64 (n, T)."""
        assert isinstance(model, AdaptedModel)
        return model.draw(n, noise)

    def supports_completion(self, model: nn.Module) -> bool:
        """Tell that openings can be continued."""
        return True

    def complete(self, model: nn.Module, given: Batch, noise: Noise) -> dict[str, Tensor]:
        """Continue openings; see ``HasConditioning.complete``."""
        assert isinstance(model, AdaptedModel)
        return model.draw(len(given["tokens"]), noise, given["tokens"])

    def log_likelihood(self, model: nn.Module, batch: Batch, noise: Noise) -> Tensor:
        """Compute the log-likelihood of the tokens of each row, the end included, in nats: (B,)."""
        assert isinstance(model, AdaptedModel)
        return model.log_likelihood(batch["tokens"])

    def settings_for(
        self, folder: Path, codec: Codec, samples: Samples, free: float = math.inf, train: Samples = None
    ) -> Config:
        """Check a base and find the length of the data's longest text in its tokens.

        Raises:
            RunError: the folder holds no base that can be used.
            SettingsError: it does not fit into memory.
            SpaceError: the data is no text.
            DataError: a text is too long for the base.
        """
        # before its files are hashed, which takes minutes
        if (needed := _NUMBER * numbers_in(folder)) > free:
            raise SettingsError(
                f"the model of --pretrained needs {needed / 1e9:.2g} GB, but {free / 1e9:.2g} GB are free; "
                "take a smaller one, or a machine with more memory"
            )
        base, texts = open_base(folder.absolute()), of_texts(codec)
        check_model(base)
        ids = vocabulary_of(base).ids(samples)
        lengths = [len(row) for row in ids]
        worst = max(range(len(lengths)), key=lengths.__getitem__)
        length = max(2, lengths[worst] + (not texts.spec.stream))
        if base.positions and length > base.positions:
            room = base.positions - (not texts.spec.stream)
            fit = vocabulary_of(base).texts([row[:room] for row in ids if len(row) > room])
            size = min(len(text) if texts.symbols is not None else len(text.encode()) for text in fit)
            raise DataError(
                f"{base.name} reads at most {base.positions} tokens of a text, but text {worst + 1} has "
                f"{length}; cut the texts, try --option length={max(1, size)}, or take a base model that "
                "reads more"
            )
        return {BASE: str(base.path), "model.sha256": base.sha256, "model.length": length}

    def notes(self, config: FamilyConfig, codec: Codec, samples: Samples) -> Sequence[str]:
        """Say what the base is, that it may know the test texts, and whether its tokens keep texts."""
        base, some = _base(config), list(samples)
        vocabulary = vocabulary_of(base)
        ids = vocabulary.ids(some)
        found = vocabulary.texts(ids)
        changed = sum(one != other for one, other in zip(found, some, strict=True))
        size = sum(map(len, some)) / max(1, sum(map(len, ids)))
        warning = base_warning(str(base.path))
        about = [
            f"The family pretrained adapts {base.describe()}; a token of it has {size:.1f} characters here.",
            f"{warning[:1].upper()}{warning[1:]}.",
        ]
        if changed:
            about.append(
                f"The tokenizer of {base.name} changes {changed} of {len(some)} texts: a model that adapts "
                "it has no likelihood (bits per byte) of a split with such a text."
            )
        return about

    def codec(self, config: FamilyConfig, codec: Codec) -> Codec:
        """Make the codec of the base's tokenizer on top of that of the data set."""
        model: PretrainedModel = config.model
        if model.length < 2:
            raise SpaceError("model.length must be at least 2; a study sets it with --pretrained FOLDER")
        return PretrainedCodec(of_texts(codec), _base(config), model.length)

    def check_kept(self, codec: Codec, samples: Samples) -> None:
        """Refuse texts that do not come back from their tokens; see ``HasBase.check_kept``."""
        assert isinstance(codec, PretrainedCodec)
        codec.check_kept(samples)

    def base_numbers(self, config: FamilyConfig) -> int:
        """Count the weights of the base."""
        return _base(config).numbers

    def needed_bytes(self, config: FamilyConfig, spec: Spec) -> int:
        """Estimate the bytes of a trial: weights, what is trained of them, and a step's activations."""
        assert isinstance(spec, SequenceSpec)
        model: PretrainedModel = config.model
        base = _base(config)
        share = {"full": 1.0, "last": min(1.0, model.layers / base.depth)}.get(model.adaptation, 0.0)
        weights = base.numbers * (1 + 4 * share)  # average, gradient and two moments of what is trained
        tokens = _rows(config, spec) * spec.length
        layers = 1 if config.training.checkpointing else base.depth
        step = tokens * (_ACTIVATIONS * layers * base.width + _LOGITS * base.levels)
        return int(_NUMBER * (weights + step))

    def save_base_format(self, model: nn.Module, config: FamilyConfig, folder: Path) -> str:
        """Write the model as ``save_pretrained`` does, for LoRA as an adapter of peft, with its tokenizer."""
        assert isinstance(model, AdaptedModel)
        base = _base(config)
        model.save(folder)
        vocabulary = vocabulary_of(base)
        vocabulary.tokenizer.save_pretrained(str(folder))
        save_sampling(
            folder,
            temperature=config.model.temperature,
            top_p=config.model.top_p,
            bos_token_id=vocabulary.begin,
            eos_token_id=vocabulary.end,
            pad_token_id=vocabulary.end,
            max_length=config.model.length + 1,  # of the data, and the token before
            suppress_tokens=(~vocabulary.drawable(model.spec.stream)).nonzero()[0].tolist() or None,
        )
        what = f"All weights are here. They began as {base.describe()}."
        if config.model.adaptation == "lora":
            what = (
                f"It is an adapter for peft. It needs its base model, {base.describe()}, where "
                "`adapter_config.json` says: change `base_model_name_or_path` there if you move it."
            )
        first = vocabulary.tokenizer.convert_ids_to_tokens(vocabulary.begin)
        how = (
            f"The token `{first}` (number {vocabulary.begin}) stands first, before each text and opening: "
            "put it there. `generation_config.json` has the sampling of autogen."
        )
        return f"{what}\n\n{how}\n\n{_OPENING}"


def negative_nats(model: nn.Module, batch: Batch, noise: Noise, _scalars: Scalars) -> Tensor:
    """Compute the mean negative log-likelihood of a token, in nats: a scalar.

    Args:
        model: Model that ``Pretrained.build`` returned.
        batch: ``tokens``, int64 (B, T).
        noise: Source of the random draws.
    """
    assert isinstance(model, AdaptedModel)
    return -model.nats_a_token(batch["tokens"], noise)


def _base(config: FamilyConfig) -> Base:
    model: PretrainedModel = config.model
    if not model.base:
        raise SpaceError("the family pretrained needs a model in a folder: --pretrained FOLDER")
    return find_base(str(Path(model.base)), model.sha256)


def _rows(config: FamilyConfig, spec: SequenceSpec) -> int:
    """Count the rows of a training step."""
    training: PretrainedTraining = config.training
    return max(1, min(training.batch_size, training.tokens // spec.length))
