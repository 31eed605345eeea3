"""Relations between the columns of a table, and how well generated rows preserve them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from autogen.data.specs import Samples
from autogen.data.tables.codec import TableCodec
from autogen.data.tables.encoders import Categories
from autogen.data.tables.rules.check import (
    BindingCheck,
    check_binding,
    refuse_unsuited,
    values_of_features,
)
from autogen.data.tables.rules.parse import parse_rules
from autogen.errors import MetricError
from autogen.metrics.tables.features import table_features
from autogen.metrics.tables.offered import offered
from autogen.metrics.tables.pairs import PairComparison, compare_pairs
from autogen.metrics.tables.rules import RuleCheck, check_rules, find_rules
from autogen.metrics.tables.tstr import Utility, utility

#: Pairs of columns that are reported, and rows on which the utility is measured.
WORST, UTILITY_ROWS = 10, 2000


@dataclass(frozen=True)
class Relations:
    """Evidence of how well generated rows preserve relations; it never selects a model.

    Attributes:
        pairs: Associations of all pairs of columns, the most different pair first.
        rules: Rules that hold in real rows, the most broken first; binding ones are left out.
        binding: Binding rules.
        utility: Skill (TSTR) of a predictor trained on generated rows; ``None`` without a target, or if it
            cannot be measured.
    """

    pairs: PairComparison
    rules: tuple[RuleCheck, ...]
    utility: Utility | None
    binding: tuple[BindingCheck, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Convert to JSON values, rounded to four digits."""
        worst = [
            {
                "columns": list(pair.columns),
                "real": _rounded(pair.real),
                "holdout": _rounded(pair.holdout),
                "synthetic": _rounded(pair.synthetic),
                "distance": _rounded(pair.distance),
                "holdout_distance": _rounded(pair.holdout_distance),
            }
            for pair in self.pairs.pairs[:WORST]
        ]
        rules = [
            {
                "rule": check.rule.text,
                "kind": check.rule.kind,
                "columns": list(check.rule.columns),
                "support": check.rule.support,
                "by_chance": _rounded(check.rule.by_chance),
                "holdout": _rounded(check.holdout),
                "synthetic": None if check.synthetic is None else _rounded(check.synthetic),
                "rows": check.rows,
                "binding": check.binding,
            }
            for check in self.rules
        ]
        return {
            "columns": list(self.pairs.columns),
            "differences": np.round(self.pairs.differences(), 4).tolist(),
            "pairs": worst,
            "rules": rules,
            "binding": [check.to_json() for check in self.binding],
            "utility": None if self.utility is None else self.utility.to_json(),
        }


def find_relations(
    train: Samples,
    holdout: Samples,
    synthetic: Samples,
    codec: TableCodec,
    target: str = "",
    rules: Sequence[str] = (),
    compared: tuple[Samples, Samples] | None = None,
) -> Relations:
    """Compare generated rows with real ones by pairs of columns, rules and utility.

    Args:
        train: Real rows in which rules are looked for.
        holdout: Real rows that nothing was fitted on.
        synthetic: Generated rows.
        codec: Codec of the data set.
        target: Column to predict for the utility; empty for none.
        rules: Rules that are checked like binding ones; those of the codec by default.
        compared: Real and generated rows for the utility, those of the metric ``tstr``; by default those of
            holdout and synthetic.

    Raises:
        DataError: a text is no rule, or names columns that it cannot be about.
    """
    given = parse_rules(rules, codec.names, "the table")
    refuse_unsuited(given, [encoder.form for encoder in codec.encoders], enforced=False)
    binding = check_binding(given or codec.derivation.rules, *_values((train, holdout, synthetic), codec))
    known = {_about(check.rule.kind, check.rule.columns) for check in binding}
    found = [
        rule for rule in find_rules(train, holdout, codec) if _about(rule.kind, rule.columns) not in known
    ]
    real = pd.concat([pd.DataFrame(train), pd.DataFrame(holdout)], ignore_index=True)
    ready = offered(found, real, codec)
    taught = None
    if target:
        try:
            real_rows, made = compared or (holdout[:UTILITY_ROWS], synthetic[:UTILITY_ROWS])
            taught = utility(real_rows, made, codec, target, train)
        except MetricError:  # a target that nothing predicts, or too few rows
            taught = None
    return Relations(
        compare_pairs(train, holdout, synthetic, codec),
        tuple(
            replace(check, binding=ready.get(check.rule.text, ""))
            for check in check_rules(found, holdout, synthetic, codec)
        ),
        taught,
        binding,
    )


def _about(kind: str, columns: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Name what a rule is about; that two columns are missing together says the same in either order."""
    return kind, tuple(sorted(columns)) if kind == "missing" else columns


def _values(sides: Sequence[Samples], codec: TableCodec) -> list[dict[str, np.ndarray]]:
    """Convert the rows of each side to numbers that rules can be checked on.

    Features have one number for all values that the codec does not know. Here each has its own: rows with
    different new keys must not count as rows with one key.
    """
    found = [values_of_features(table_features(side, codec), codec.encoders) for side in sides]
    plain = [codec.from_original_format(side) for side in sides]
    for encoder in codec.encoders:
        if not isinstance(encoder, Categories):
            continue
        name, first = encoder.form.name, len(encoder.values)
        new = [values[name] == first for values in found]
        texts = [side[name].astype(object).to_numpy()[rows] for side, rows in zip(plain, new, strict=True)]
        numbers: dict[str, int] = {}
        for values, rows, cells in zip(found, new, texts, strict=True):
            values[name][rows] = [first + numbers.setdefault(str(cell), len(numbers)) for cell in cells]
    return found


def _rounded(value: float) -> float:
    return round(float(value), 4)
