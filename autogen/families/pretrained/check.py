"""A look at the model of a base before the first trial: are all weights there, and does it read forwards?"""

from functools import lru_cache

import torch

from autogen.errors import RunError, reason
from autogen.families.pretrained.codec import vocabulary_of
from autogen.families.pretrained.folder import Base
from autogen.families.pretrained.library import load_model

#: Largest change of a logit by a token after it, as a share of the largest logit: rounding.
_ROUNDING = 1e-5
_TOKENS = 12


@lru_cache(maxsize=8)
def check_model(base: Base) -> None:
    """Load a base and refuse one whose likelihood would be wrong.

    Raises:
        RunError: weights are missing, it computes no logits, or its logits depend on later tokens.
    """
    model = load_model(base.path)
    known = vocabulary_of(base).drawable(stream=True).nonzero()[0]
    length = min(_TOKENS, base.positions or _TOKENS)
    if len(known) < 2 or length < 2:
        raise RunError(f"{base.path} holds a model of {len(known)} tokens and {length} places; take another")
    first = known[torch.linspace(0, len(known) - 1, length).long().numpy()]
    rows = torch.from_numpy(first).repeat(2, 1)
    rows[1, -1] = int(known[0])  # the other row ends with the last of them
    try:
        with torch.no_grad():
            logits = model(input_ids=rows, use_cache=False).logits[:, :-1].float()
    except Exception as error:  # whatever an architecture asks for beside tokens
        raise RunError(
            f"{base.architecture} in {base.path} computes no logits of tokens alone ({reason(error)}); take "
            "another model"
        ) from error
    if not float((logits[0] - logits[1]).abs().max()) <= _ROUNDING * float(logits.abs().max()):
        raise RunError(
            f"{base.architecture} in {base.path} has bidirectional attention, so it has no likelihood; "
            "take a model that was trained to predict the next token (for one of BERT's kind that was, set "
            '"is_decoder": true in its config.json)'
        )
