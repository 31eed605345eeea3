"""The door to transformers and peft: models and tokenizers from a local folder, without code of its own.

Nothing is downloaded, no code of the folder runs, and weights are safetensors alone.
"""

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import Any

import torch
from torch import nn

from autogen.errors import RunError, SettingsError, SpaceError, UserError, reason

#: Distributions of the extra ``hf`` that this file imports.
NEEDED = ("transformers", "peft")
_LOCAL: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}


@cache
def transformers() -> Any:
    """Import transformers, offline and quiet.

    Raises:
        SettingsError: it or peft is not installed.
    """
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise SettingsError(
            f"pre-trained models need {' and '.join(missing)}; run pip install {' '.join(NEEDED)}"
        )
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when huggingface_hub is imported
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # a worker has one core
    import transformers as library

    library.utils.logging.set_verbosity_error()
    library.utils.logging.disable_progress_bar()
    return library


def causal_architectures() -> frozenset[str]:
    """List the names of the classes of causal language models that transformers has."""
    mapping = transformers().models.auto.modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    found = (names if isinstance(names, list | tuple) else [names] for names in mapping.values())
    return frozenset(name for names in found for name in names)


def load_tokenizer(folder: Path) -> Any:
    """Load the tokenizer of a folder.

    Raises:
        RunError: the library cannot read it.
    """
    library = transformers()
    try:
        return library.AutoTokenizer.from_pretrained(str(folder), **_LOCAL)
    except Exception as error:  # the library raises all sorts, whatever is wrong with a file
        raise RunError(
            f"the tokenizer in {folder} cannot be read ({_first_line(error)}); save it again with a recent "
            "transformers, as tokenizer.json"
        ) from error


def load_config(folder: Path) -> Any:
    """Load the config of the model in a folder.

    Raises:
        RunError: the library cannot read it.
    """
    library = transformers()
    try:
        return library.AutoConfig.from_pretrained(str(folder), **_LOCAL)
    except Exception as error:  # as above
        raise RunError(
            f"{folder}/config.json describes no model that transformers {library.__version__} knows "
            f"({_first_line(error)}); upgrade transformers, or take another model"
        ) from error


def load_model(folder: Path) -> Any:
    """Load the model of a folder in float32; on torch's meta device its architecture alone.

    Raises:
        RunError: the library cannot read it, or the folder lacks weights, which would be random.
    """
    auto = transformers().AutoModelForCausalLM
    try:
        if torch.get_default_device().type == "meta":
            return auto.from_config(load_config(folder), trust_remote_code=False)
        with _quiet():
            model, report = auto.from_pretrained(
                str(folder),
                use_safetensors=True,
                dtype=torch.float32,
                output_loading_info=True,
                ignore_mismatched_sizes=True,  # told below
                **_LOCAL,
            )
    except UserError:
        raise
    except Exception as error:  # as above
        raise RunError(
            f"the model in {folder} cannot be loaded ({_first_line(error)}); copy it again"
        ) from error
    for name, what in (("missing_keys", "lack"), ("mismatched_keys", "have in another shape")):
        names = sorted(one if isinstance(one, str) else str(one[0]) for one in report.get(name, ()))
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            raise RunError(
                f"the weights in {folder} {what} {names[0]}{more}, "
                f"which {type(model).__name__} needs; save the whole model again with save_pretrained"
            )
    return model


def with_lora(model: nn.Module, rank: int, alpha: int, targets: Sequence[str]) -> Any:
    """Add low-rank matrices to layers of a model; they alone are trained.

    Args:
        model: Model; changed in place.
        rank: Rank of the matrices.
        alpha: Numerator of their scale, ``alpha / rank``.
        targets: Ends of the names of the layers.

    Raises:
        SpaceError: peft cannot put them beside these layers.
    """
    transformers()
    import peft

    transposed = any(
        _is_transposed(module) for name, module in model.named_modules() if name.endswith(tuple(targets))
    )
    config = peft.LoraConfig(
        task_type="CAUSAL_LM",
        r=rank,
        lora_alpha=alpha,
        target_modules=list(targets),
        fan_in_fan_out=transposed,
    )
    try:
        with _quiet():
            return peft.get_peft_model(model, config)
    except Exception as error:  # as above
        raise SpaceError(
            f"peft puts no low-rank matrices beside the layers of {type(model).__name__} "
            f"({_first_line(error)}); search it with adaptation = last or full"
        ) from error


def matrices(model: nn.Module) -> list[str]:
    """List the names of the layers of a model that multiply by a matrix, but for its output layer."""
    last = model.get_output_embeddings()  # type: ignore[operator]
    return [
        name
        for name, module in model.named_modules()
        if module is not last and (isinstance(module, nn.Linear) or _is_transposed(module))
    ]


def cache_name(model: Any) -> str:
    """Name the argument and the output of a model that hold the keys and values of the tokens before.

    Versions of transformers differ in it; empty for a model with a state of another kind.
    """
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    known = signature(inner.forward).parameters
    return next((name for name in ("cache", "past_key_values") if name in known), "")


def compute_twice(model: Any) -> None:
    """Let a model in training keep no activations inside of its layers, and compute them again."""
    with _quiet():
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})


def save_model(model: Any, folder: Path) -> None:
    """Write a model as ``save_pretrained`` does: a whole one, or an adapter for ``peft``."""
    with _quiet():
        model.save_pretrained(str(folder))


def save_sampling(folder: Path, **settings: Any) -> None:
    """Write how samples are drawn, as ``generate`` of transformers reads it: from all tokens, by settings."""
    transformers().GenerationConfig(do_sample=True, top_k=0, **settings).save_pretrained(str(folder))


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave out warnings of the libraries about each other, which no user can act on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _is_transposed(module: nn.Module) -> bool:
    """Tell whether a layer is GPT-2's ``Conv1D``: a matrix (inputs, outputs)."""
    return isinstance(module, transformers().pytorch_utils.Conv1D)


def _first_line(error: Exception) -> str:
    """Shorten a message of the library, which may have paragraphs of advice, to its first sentence."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return reason(RuntimeError(lines[0] if lines else type(error).__name__))[:200]
