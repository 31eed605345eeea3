"""Gaps of music in the representation notes: what flow puts into two bars of pieces that it never saw.

    python -m benchmarks.infilling     two minutes of one core

A flow with the defaults of ``music_tiny`` is trained on notes for the given seconds of the processor. Of each
piece of the test split with at least five bars two bars in the middle are cut out and filled. Told are the
share of drawn notes, and of those that were cut out, that agree in onset and pitch (their harmonic mean, F1),
and in onset alone; the same for two other stand-ins: the two bars before the gap, copied, and the same bars
of another test piece. ``notes`` is the mean number of notes in a gap, ``tokens_used`` the share of the drawn
tokens that became a part of a note.
"""

import json
from typing import Any

import numpy as np
import torch

from autogen.data.music.codecs import NoteCodec
from autogen.data.music.notes import Piece, excerpt
from autogen.data.music.openings import with_gaps
from autogen.data.open import open_data
from autogen.generator.conditioning import ConditionalSampler
from benchmarks.anchors.public import FOLDER
from benchmarks.flow import SPLIT, trained
from benchmarks.results import save

SETS = {"nottingham": "music/nottingham_abc/data.abc.gz"}
SECONDS, BARS, MOST, SEED = 60.0, 2, 60, 0


def agreement(real: list[Piece], made: list[Piece], columns: list[int]) -> float:
    """F1 of notes that agree in some columns: 0 onset, 2 pitch."""
    both = found = wanted = 0
    for one, other in zip(real, made, strict=True):
        own, drawn = ({tuple(note) for note in piece.notes[:, columns].tolist()} for piece in (one, other))
        both, found, wanted = both + len(own & drawn), found + len(drawn), wanted + len(own)
    return round(2 * both / max(1, found + wanted), 3)


def told(real: list[Piece], made: list[Piece]) -> dict[str, float]:
    """Agreement of what stands in gaps with what was cut out."""
    notes = round(float(np.mean([len(piece) for piece in made])), 2)
    return {"f1": agreement(real, made, [0, 2]), "f1_onset": agreement(real, made, [0]), "notes": notes}


def figures(name: str) -> dict[str, Any]:
    """Figures of a set."""
    data = open_data(str(FOLDER / SETS[name]), seed=SPLIT, options={"representation": "notes"})
    program, about = trained(data, "flow", "music_tiny", SECONDS, longer=True)
    program.weights()
    codec, test = data.codec, data.split("test")
    assert isinstance(codec, NoteCodec)
    cuts = [(piece, piece.length // piece.bar // 2 * piece.bar) for piece in test]
    cuts = [(piece, at) for piece, at in cuts if piece.length >= (BARS + 3) * piece.bar][:MOST]
    parts = [
        [excerpt(piece, 0, at), BARS * piece.bar, excerpt(piece, at + BARS * piece.bar, piece.length)]
        for piece, at in cuts
    ]
    parts = [own if own[2].length else own[:2] for own in parts]
    spans = [(at, at + BARS * piece.bar) for piece, at in cuts]
    sampler = ConditionalSampler(program.family, program.average, codec)
    whole = sampler.infill(parts, SEED)
    made = [excerpt(piece, *span) for piece, span in zip(whole, spans, strict=True)]
    real = [excerpt(piece, *span) for (piece, _), span in zip(cuts, spans, strict=True)]
    before = [excerpt(p, max(0, at - BARS * p.bar), at) for p, at in cuts]
    hidden = (~with_gaps(codec, parts, SEED, list).known).sum()
    used = 2 * sum(map(len, made)) + sum(len(np.unique(p.notes[p.notes[:, 0] % p.bar > 0, 0])) for p in made)
    return about | {
        "pieces": len(cuts),
        "tokens_used": round(float(used / hidden), 3),
        "infilled": told(real, made),
        "two bars before": told(real, before),
        "bars of another piece": told(real, real[1:] + real[:1]),
        "real": told(real, real),
    }


def main() -> None:
    """Train, fill and write down."""
    torch.set_num_threads(1)
    found: dict[str, Any] = {}
    for name in SETS:
        found[name] = figures(name)
        print(name, json.dumps(found[name]), flush=True)
        save("infilling", {"bars": BARS, "sets": found})


if __name__ == "__main__":
    main()
