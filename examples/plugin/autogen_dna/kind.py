"""DNA: a list of strands, str of A, C, G and T, from FASTA files."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autogen.data.declaration import Declaration, Preview
from autogen.data.kind import DataKind, RawData
from autogen.errors import DataError, reason
from autogen_dna.codec import BASES, DnaCodec

#: Most bases of a strand unless the option ``length`` says otherwise.
LENGTH = 64


class Dna(DataKind):
    """Strands of DNA. Option: ``length``, the most bases of a strand (4..1024); longer ones are cut."""

    name = "dna"
    suffixes = (".fasta", ".fa")
    unit = "strand"
    codec = DnaCodec
    settings = ("length",)
    declaration = Declaration(
        metric="kmers",
        features="kmers",
        spaces=("dna", "dna_tiny"),
        baselines={
            "train_copy": "autogen.families.baselines.base:TrainCopy",
            "composition": "autogen_dna.baselines:Composition",
            "markov": "autogen_dna.baselines:Markov",
        },
        distance="autogen_dna.features:KmerDistance",
        likelihood="autogen_dna.preview:bits_a_base",
        preview=Preview(".txt", shown=8, pairs=4, marginals="autogen_dna.preview:marginals"),
        plural="strands",
        file="samples.fasta",
        limits="It imitates the letters of strands; what they would do in a cell it does not know.",
    )

    def recognizes(self, source: Any) -> bool:
        """Whether a path has one of the suffixes."""
        return isinstance(source, (str, Path)) and str(source).lower().endswith(self.suffixes)

    def read(self, source: Any, options: Mapping[str, Any]) -> RawData:
        """Read strands; those with other letters are left out."""
        length = options.get("length") or LENGTH
        if not isinstance(length, int) or not 4 <= length <= 1024:
            raise DataError(f"length must be a whole number of bases from 4 to 1024; got {length!r}.")
        strands = [strand.upper() for strand in (source if isinstance(source, list) else _read(Path(source)))]
        known = [strand[:length] for strand in strands if strand and set(strand) <= set(BASES)]
        if not known:
            raise DataError(f"{source} holds no strand of A, C, G and T.")
        odd = len(strands) - len(known)
        notes = (f"{odd} strands with letters other than A, C, G, T were left out.",) if odd else ()
        return RawData(known, notes)

    def take(self, samples: Sequence[str], rows: np.ndarray) -> list[str]:
        """The strands with these indices."""
        return [samples[row] for row in rows]

    def concatenate(self, parts: Sequence[Sequence[str]]) -> list[str]:
        """All strands in order."""
        return [strand for part in parts for strand in part]

    def digests(self, samples: Sequence[str]) -> list[bytes]:
        """A hash of each strand's letters."""
        return [hashlib.blake2b(strand.encode(), digest_size=16).digest() for strand in samples]

    def fit(self, raw: RawData, rows: np.ndarray) -> DnaCodec:
        """All that is fitted is the room that the longest strand needs."""
        return DnaCodec(1 + max(map(len, raw.samples)))

    def save(self, samples: Sequence[str], path: Path, codec: Any = None) -> None:
        """Write ``.fasta``, or ``.txt`` with a strand a line."""
        if path.suffix == ".fasta":
            lines = [f">strand {number}\n{strand}" for number, strand in enumerate(samples)]
        elif path.suffix == ".txt":
            lines = list(samples)
        else:
            raise DataError(f"strands are written to .fasta or .txt; got {path.name!r}.")
        try:
            path.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
        except OSError as error:
            raise DataError(f"{path} cannot be written: {reason(error)}.") from error


def _read(path: Path) -> list[str]:
    """Strands of a FASTA file: each begins after a line with ``>``."""
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read as FASTA: {error}.") from error
    if not text.startswith(">"):
        raise DataError(f"{path} is no FASTA: its first line does not begin with '>'.")
    return ["".join(part.split("\n")[1:]).replace("\r", "") for part in text[1:].split("\n>")]
