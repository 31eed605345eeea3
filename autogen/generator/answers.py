"""Answers of a run's own model to a table of prompts, to be judged."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from autogen.errors import DataError
from autogen.generator.load import load
from autogen.judging.tables import column_of, read_table, text_of

#: The column of the answers.
GENERATED = "generated"


def answered(
    run: Path | str,
    prompts: Path | str,
    columns: Mapping[str, str | None],
    seed: int = 0,
    n: int | None = None,
) -> pd.DataFrame:
    """Let a run's best model complete each prompt of a table.

    Args:
        run: Run folder, or folder of a text model that can complete prompts.
        prompts: A .csv or .jsonl file.
        columns: Names of the columns ``prompt`` and ``question``; without a column of prompts, questions are
            prompts.
        seed: Seed of the draws.
        n: Most prompts, the first ones; default all.

    Returns:
        These rows of the table with a column ``generated``: the completion, without spaces around it.

    Raises:
        DataError: the table cannot be read, lacks the prompts, or has a column ``generated`` already.
        UserError: the model cannot complete texts.
    """
    table = read_table(Path(prompts)).iloc[:n]
    named = {role: column_of(table, role, columns.get(role)) for role in ("prompt", "question")}
    column = named["prompt"] or named["question"]
    if column is None:
        raise DataError(
            f"prompts must be in a column named prompt or question, but the table has "
            f"{', '.join(map(str, table.columns))}; name theirs with --prompt"
        )
    if GENERATED in table.columns:
        raise DataError(f"{prompts} has a column {GENERATED} already, where the answers would go; rename it")
    written = load(run).complete([text_of(value) for value in table[column]], seed)
    return table.assign(**{GENERATED: [text.strip() for text in written]})
