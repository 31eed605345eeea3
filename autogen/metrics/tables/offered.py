"""Found rules that can be made binding as they are: every real row keeps them, and samples can."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from autogen.data.module import DataModule, unseen_rows
from autogen.data.tables.codec import TableCodec
from autogen.data.tables.reading.column_types import ColumnType
from autogen.data.tables.rules.check import broken, refuse_unsuited, repeats, values_of
from autogen.data.tables.rules.parse import BindingRule
from autogen.data.tables.rules.plan import make_plan
from autogen.errors import DataError
from autogen.metrics.tables.rules import Rule, find_rules


def found_rules(data: DataModule) -> list[str]:
    """Find rules between the columns of a table, as ``--rule`` takes them, the hardest to keep first.

    Args:
        data: data set of a table.
    """
    if len(data.codec.encoders) < 2:  # type: ignore[attr-defined]
        return []
    codec: TableCodec = data.codec  # type: ignore[assignment]
    rules = find_rules(data.split("train"), unseen_rows(data), codec)
    return list(offered(rules, data.raw.samples, codec).values())


def offered(rules: Sequence[Rule], frame: pd.DataFrame, codec: TableCodec) -> dict[str, str]:
    """Choose the rules that can be made binding together, beside those that are.

    Args:
        rules: from ``find_rules``, those that are wanted most first.
        frame: all real rows.
        codec: codec of the data set.

    Returns:
        The rule as ``--rule`` takes it, by its text in words.
    """
    forms = [encoder.form for encoder in codec.encoders]
    values = values_of({name: frame[name] for name in codec.names}, forms)
    accepted, found = list(codec.derivation.rules), {}
    for rule in rules:
        first, second = rule.columns
        binding = BindingRule(rule.kind, (first,), second)
        if any(_about(binding) == _about(other) for other in accepted):
            continue
        if _can_bind(binding, [*accepted, binding], forms, frame) and not broken(binding, values).any():
            accepted.append(binding)
            found[rule.text] = binding.text
    return found


def _about(rule: BindingRule) -> tuple[str, tuple[str, ...]]:
    """Name what a rule is about; that two columns are missing together says the same in either order."""
    return rule.kind, tuple(sorted(rule.columns)) if rule.kind == "missing" else rule.columns


def _can_bind(
    rule: BindingRule, together: Sequence[BindingRule], forms: Sequence[ColumnType], frame: pd.DataFrame
) -> bool:
    """Tell if samples can keep a rule beside others; numbers that determine others become categories."""
    keys = rule.left if rule.kind == "determines" else ()
    kinds = [
        replace(form, kind="categorical")
        if form.name in keys and form.kind in ("integer", "continuous") and repeats(frame[form.name])
        else form
        for form in forms
    ]
    try:
        refuse_unsuited([rule], kinds)
        make_plan([form.name for form in forms], together)
    except DataError:
        return False
    return bool(np.all([name in frame for name in rule.columns]))
