"""Relations between the columns of a table, and how well generated rows preserve them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from autogen.data.specs import Samples
from autogen.data.tables.codec import TableCodec
from autogen.errors import MetricError
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
        rules: Rules that hold in real rows, the most broken first.
        utility: Skill (TSTR) of a predictor trained on generated rows; ``None`` without a target, or if it
            cannot be measured.
    """

    pairs: PairComparison
    rules: tuple[RuleCheck, ...]
    utility: Utility | None

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
            }
            for check in self.rules
        ]
        return {
            "columns": list(self.pairs.columns),
            "differences": np.round(self.pairs.differences(), 4).tolist(),
            "pairs": worst,
            "rules": rules,
            "utility": None if self.utility is None else self.utility.to_json(),
        }


def find_relations(
    train: Samples, holdout: Samples, synthetic: Samples, codec: TableCodec, target: str = ""
) -> Relations:
    """Compare generated rows with real ones by pairs of columns, rules and utility.

    Args:
        train: Real rows in which rules are looked for.
        holdout: Real rows that nothing was fitted on.
        synthetic: Generated rows.
        codec: Codec of the data set.
        target: Column to predict for the utility; empty for none.
    """
    rules = find_rules(train, holdout, codec)
    taught = None
    if target:
        try:
            taught = utility(holdout[:UTILITY_ROWS], synthetic[:UTILITY_ROWS], codec, target)
        except MetricError:  # a target that nothing predicts, or too few rows
            taught = None
    return Relations(
        compare_pairs(train, holdout, synthetic, codec),
        check_rules(rules, holdout, synthetic, codec),
        taught,
    )


def _rounded(value: float) -> float:
    return round(float(value), 4)
