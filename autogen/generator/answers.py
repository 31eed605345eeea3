"""Answers that a run's own model writes to a table of prompts, so that they can be judged."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from autogen.errors import DataError
from autogen.generator.load import load
from autogen.judging.tables import column_of, read_table, text_of

#: The column of the answers.
GENERATED = "generated"


def answered(
    run: Path | str, prompts: Path | str, columns: Mapping[str, str | None], seed: int = 0
) -> pd.DataFrame:
    """Let a run's best model go on with each prompt of a table.

    Args:
        run: A run folder, or the folder of a model of texts that can go on with one.
        prompts: A .csv or .jsonl file.
        columns: Names of the columns ``prompt`` and ``question``; the prompt is the question's text where no
            column holds prompts.
        seed: Of the draws.

    Returns:
        The table with a column ``generated``: what was written after the prompt, spaces around it left out.

    Raises:
        DataError: the table cannot be read, lacks the prompts, or has answers of that name already.
        UserError: the model cannot go on with texts.
    """
    table = read_table(Path(prompts))
    named = {role: column_of(table, role, columns.get(role)) for role in ("prompt", "question")}
    column = named["prompt"] or named["question"]
    if column is None:
        raise DataError(
            f"prompts stand in a column prompt or question, or name it: --prompt; "
            f"the table has {', '.join(map(str, table.columns))}"
        )
    if GENERATED in table.columns:
        raise DataError(f"{prompts} has a column {GENERATED} already; the model's answers would go there")
    written = load(run).complete([text_of(value) for value in table[column]], seed)
    return table.assign(**{GENERATED: [text.strip() for text in written]})
