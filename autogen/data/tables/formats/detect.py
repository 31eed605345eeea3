"""The format of a column that was read from texts: of its numbers, its durations or its truth values."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.tables.formats.durations import DurationFormat, detect_durations
from autogen.data.tables.formats.number_detection import detect_number_format
from autogen.data.tables.formats.number_format import NumberFormat
from autogen.data.tables.formats.text_format import TextFormat, TruthFormat

#: Words for true and false, as pandas reads them.
TRUTH_WORDS = (("True", "False"), ("true", "false"), ("TRUE", "FALSE"))
#: Numbers that need no reader: no sign but a minus, no leading zeros, no more than a float or 64 bits hold.
_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,17})?")


def are_plain(texts: Iterable[str]) -> bool:
    """Tell if all texts are numbers that no reader could take for anything else."""
    return all(map(_PLAIN.fullmatch, texts))


def detect_format(
    cells: pd.Series, column: pd.Series, of_frame: bool = False
) -> tuple[TextFormat | None, list[str]]:
    """Detect the format in which most cells of a column are written, and note it.

    There is none if pandas reads the cells as these values by itself and writes them so.

    Args:
        cells: N texts.
        column: the N values that they were read as; missing for texts that are none.
        of_frame: True if the texts are those of a frame, which are texts in samples too; default False.
    """
    present = cells[column.notna()].astype(str)
    if pd.api.types.is_bool_dtype(column.dtype):
        words = next((pair for pair in TRUTH_WORDS if present.isin(pair).all()), TRUTH_WORDS[0])
        return (None if words == TRUTH_WORDS[0] else TruthFormat(str(cells.dtype), *words)), []
    codes, uniques = pd.factorize(present)
    if not of_frame and are_plain(uniques):
        return None, []
    durations = detect_durations(list(uniques), np.bincount(codes), str(cells.dtype))
    if durations is not None:
        return durations, [
            f"Samples of column {cells.name!r} are durations, written like {durations.format(94_000)}."
        ]
    return detect_number_format(cells, column, of_frame)


def text_format_from_json(record: Mapping[str, Any]) -> TextFormat:
    """Rebuild a format from its fields."""
    made = TruthFormat if "true" in record else DurationFormat if "style" in record else NumberFormat
    return made(**record)
