"""Rules that hold in a table, found in the train split, and the share of rows that violate each.

Three kinds: X determines Y (a functional dependency), A <= B (quantities of one unit, dates), and Y is
missing exactly where X has certain values. Many pairs of columns are looked at, so a rule counts only where

* at most 0.5 % of the train rows that it applies to violate it;
* at most 1 % of at least 20 unseen real rows that it applies to violate it;
* shuffled columns would violate it in at least 5 % of the rows (every column determines a constant one);
* so few unseen rows would violate it by chance with a probability of at most 0.01, divided by the number of
  candidates (Bonferroni);
* a value of X has at least two train rows on average, else X is an identifier and determines all.

A rule does not apply to rows whose X occurs less than twice in train.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from autogen.data.specs import Samples
from autogen.data.tables.codec import TableCodec
from autogen.data.tables.encoders import Categories
from autogen.metrics.tables.features import comparable, table_features
from autogen.metrics.tables.two_sample.screening import never_larger

TRAIN_BROKEN, HOLDOUT_BROKEN = 0.005, 0.01
LEAST_ROWS, LEAST_BY_CHANCE = 20, 0.05
ALPHA = 0.01
#: Train rows that are searched, and rules that are kept at most, those hardest to keep by chance first.
MOST_ROWS, MOST_RULES = 20_000, 40
#: Most values of a column that may determine where another is missing, and fewest rows of each value.
MOST_VALUES, ROWS_A_VALUE = 20, 5

RuleKind = Literal["determines", "ordered", "missing"]
#: A float that equals itself, for missing cells.
_MISSING = -1e300


@dataclass(frozen=True)
class Rule:
    """Rule on two columns.

    Attributes:
        kind: ``determines``: the first determines the second; ``ordered``: the first is never larger;
            ``missing``: the second is missing exactly where the first has one of some values.
        columns: Names of the two columns.
        text: The rule in words.
        support: Number of train rows that it applies to.
        by_chance: Share of these rows that would violate it if the columns were shuffled.
        places: Indices of the two columns among the modeled ones.
        values: Values of the first column that it applies to, ascending, (V,); empty for ``ordered``.
        answers: Value of the second column for each of these, (V,), or for ``missing`` 1 if missing, else 0.
    """

    kind: RuleKind
    columns: tuple[str, str]
    text: str
    support: int
    by_chance: float
    places: tuple[int, int]
    values: np.ndarray
    answers: np.ndarray

    def broken(self, features: np.ndarray) -> np.ndarray:
        """Check which rows of (N, D) violate the rule, bool (M,): one for each row that it applies to."""
        first, second = (features[:, place] for place in self.places)
        if self.kind == "ordered":
            present = ~np.isnan(first) & ~np.isnan(second)
            return np.asarray(first[present] > second[present])
        filled = _filled(first)
        where = np.minimum(self.values.searchsorted(filled), len(self.values) - 1)
        known = self.values[where] == filled
        actual = np.isnan(second) if self.kind == "missing" else _filled(second)
        return np.asarray(self.answers[where[known]] != actual[known])


@dataclass(frozen=True)
class RuleCheck:
    """Share of rows that violate a rule.

    Attributes:
        rule: Rule that was checked.
        holdout: Share of violations among the unseen real rows that the rule applies to.
        synthetic: Share of violations among the generated rows that it applies to; ``None`` without any.
        rows: Number of generated rows that it applies to.
        binding: The rule as ``--rule`` takes it; empty if it cannot be made binding.
    """

    rule: Rule
    holdout: float
    synthetic: float | None
    rows: int
    binding: str = ""


def find_rules(train: Samples, holdout: Samples, codec: TableCodec) -> tuple[Rule, ...]:
    """Find the rules that hold in train and in unseen real rows, the hardest to keep by chance first.

    Args:
        train: Real rows in which rules are looked for.
        holdout: Real rows which must keep them too.
        codec: Codec of the data set.

    Raises:
        MetricError: a column is missing, or holds an infinite number.
    """
    features, unseen = (table_features(side, codec) for side in (train, holdout))
    features = features[np.random.default_rng(0).permutation(len(features))[:MOST_ROWS]]
    candidates = _Candidates(features, codec)
    found = [*candidates.determining(), *candidates.ordered(), *candidates.missing()]
    proven = [rule for rule in found if _proven(rule, unseen, max(1, candidates.tried))]
    proven = _without_implied(proven)
    return tuple(sorted(proven, key=lambda rule: (-rule.by_chance, rule.text))[:MOST_RULES])


def check_rules(
    rules: Sequence[Rule], holdout: Samples, synthetic: Samples, codec: TableCodec
) -> tuple[RuleCheck, ...]:
    """Count the unseen real and the generated rows that break each rule, the most broken first.

    Args:
        rules: From ``find_rules``.
        holdout: Unseen real rows.
        synthetic: Generated rows.
        codec: Codec of the data set.
    """
    unseen, made = (table_features(side, codec) for side in (holdout, synthetic))
    found = []
    for rule in rules:
        real, fake = rule.broken(unseen), rule.broken(made)
        share = float(fake.mean()) if len(fake) else None
        found.append(RuleCheck(rule, float(real.mean()) if len(real) else 0.0, share, len(fake)))
    return tuple(sorted(found, key=lambda check: -(check.synthetic or 0.0)))


class _Candidates:
    """Rules that nearly all train rows keep.

    Args:
        features: Train rows, (N, D).
        codec: Codec of the data set.
    """

    def __init__(self, features: np.ndarray, codec: TableCodec) -> None:
        self.features, self.codec = features, codec
        self.names = list(codec.names)
        uniques = [
            np.unique(_filled(column), return_inverse=True, return_counts=True) for column in features.T
        ]
        self.values, self.codes, self.counts = (list(part) for part in zip(*uniques, strict=True))
        self.tried = 0

    def determining(self) -> list[Rule]:
        """Find pairs of columns of which X determines Y."""
        found = []
        repeated = [len(self.features) >= 2 * len(values) and len(values) > 1 for values in self.values]
        shares = [counts / len(self.features) for counts in self.counts]
        by_chance = [1 - float((share**2).sum()) for share in shares]
        codes = np.stack(self.codes, axis=1)
        for x in (place for place, enough in enumerate(repeated) if enough):
            likely = self._may_determine(x, codes)
            for y in range(len(self.names)):
                if x != y and by_chance[y] >= LEAST_BY_CHANCE:
                    self.tried += 1
                    found += self._determines(x, y) if likely[y] else []
        return found

    def _may_determine(self, x: int, codes: np.ndarray) -> np.ndarray:
        """Tell which columns X may determine, bool (D,): a row that breaks the rule differs from two at most.

        Args:
            x: Place of X.
            codes: Codes of all columns, int64 (N, D).
        """
        ordered = codes[np.argsort(codes[:, x], kind="stable")]
        alike = ordered[1:, x] == ordered[:-1, x]
        changes = (ordered[1:] != ordered[:-1])[alike].sum(axis=0)
        support = self.counts[x][self.counts[x] >= 2].sum()
        return np.asarray(changes <= 2 * TRAIN_BROKEN * support + 1e-6)

    def _determines(self, x: int, y: int) -> list[Rule]:
        """Make the rule of two columns, if it holds; a value of X determines its most frequent Y."""
        # Sort cells by X, then by falling count: the first cell of each X is its most frequent Y.
        width = len(self.values[y])
        cells, counts = np.unique(self.codes[x] * width + self.codes[y], return_counts=True)
        order = np.lexsort((-counts, cells // width))
        cells, counts = cells[order], counts[order]
        values, first = np.unique(cells // width, return_index=True)
        rows = self.counts[x][values]
        known = rows >= 2
        support = int(rows[known].sum())
        if support < LEAST_ROWS or 1 - counts[first][known].sum() / support > TRAIN_BROKEN:
            return []
        answers = cells[first][known] % width
        shares = self.counts[y] / len(self.features)
        by_chance = float(np.average(1 - shares[answers], weights=rows[known]))
        text = f"{self.names[x]} determines {self.names[y]}"
        keys = self.values[x][values[known]]
        return self._rule("determines", x, y, text, support, by_chance, keys, self.values[y][answers])

    def ordered(self) -> list[Rule]:
        """Find pairs of quantities with A <= B."""
        found = []
        units = comparable(self.codec)
        numbers = [place for place, nominal in enumerate(self.codec.categorical) if not nominal]
        alike = Counter(units[place] for place in numbers)
        self.tried += sum(count * (count - 1) for count in alike.values())
        share = 1 - TRAIN_BROKEN - 1e-9
        for first, second in never_larger(self.features[:, numbers], LEAST_ROWS, share):
            a, b = numbers[first], numbers[second]
            if units[a] != units[b]:
                continue
            present = ~np.isnan(self.features[:, a]) & ~np.isnan(self.features[:, b])
            low, high = self.features[present, a], self.features[present, b]
            if len(low) < LEAST_ROWS or (low > high).mean() > TRAIN_BROKEN:
                continue
            shuffled = high[np.random.default_rng(1).permutation(len(high))]
            by_chance = float((low > shuffled).mean())
            text = f"{self.names[a]} <= {self.names[b]}"
            found += self._rule("ordered", a, b, text, len(low), by_chance, np.empty(0), np.empty(0))
        return found

    def missing(self) -> list[Rule]:
        """Find columns Y that are missing exactly where X has certain values (or is missing itself)."""
        found = []
        absent = np.isnan(self.features)
        for y in np.flatnonzero(absent.any(axis=0) & ~absent.all(axis=0)):
            for x in range(len(self.names)):
                if x != y and 2 <= len(self.values[x]) <= MOST_VALUES:
                    self.tried += 1
                    found += self._missing_where(x, int(y), absent[:, y])
        return found

    def _missing_where(self, x: int, y: int, absent: np.ndarray) -> list[Rule]:
        """Make the rule of two columns, if it holds."""
        known = self.counts[x] >= ROWS_A_VALUE
        share = np.bincount(self.codes[x], absent, minlength=len(known)) / self.counts[x]
        answers = (share > 0.5).astype(float)
        rows = self.counts[x] * known
        support, wrong = int(rows.sum()), float((rows * np.abs(share - answers)).sum())
        if support < LEAST_ROWS or wrong / support > TRAIN_BROKEN:
            return []
        overall, predicted = float(absent.mean()), float((rows * answers).sum() / support)
        by_chance = overall * (1 - predicted) + predicted * (1 - overall)
        names = [self._named(x, value) for value in self.values[x][known & (answers == 1)]]
        text = f"{self.names[y]} is missing exactly where {self.names[x]} is {' or '.join(names)}"
        return self._rule("missing", x, y, text, support, by_chance, self.values[x][known], answers[known])

    def _named(self, place: int, value: float) -> str:
        """Write a value as the table has it."""
        if value == _MISSING:
            return "missing"
        encoder = self.codec.encoders[place]
        if self.codec.categorical[place] and isinstance(encoder, Categories):
            return str(encoder.values[int(value)])
        return f"{value:g}"

    def _rule(
        self,
        kind: RuleKind,
        first: int,
        second: int,
        text: str,
        support: int,
        by_chance: float,
        values: np.ndarray,
        answers: np.ndarray,
    ) -> list[Rule]:
        """Make the rule; an empty list if chance alone would keep it."""
        if by_chance < LEAST_BY_CHANCE:
            return []
        columns = self.names[first], self.names[second]
        return [Rule(kind, columns, text, support, by_chance, (first, second), values, answers)]


def _proven(rule: Rule, unseen: np.ndarray, candidates: int) -> bool:
    """Test whether unseen real rows keep a rule too, beyond chance (Bonferroni over the candidates)."""
    broken = rule.broken(unseen)
    if len(broken) < LEAST_ROWS or broken.mean() > HOLDOUT_BROKEN:
        return False
    return bool(stats.binom.cdf(broken.sum(), len(broken), rule.by_chance) <= ALPHA / candidates)


def _without_implied(rules: list[Rule]) -> list[Rule]:
    """Leave out rules a <= c that follow from a <= b and b <= c."""
    edges = {rule.places for rule in rules if rule.kind == "ordered"}
    middles = {place for edge in edges for place in edge}

    def implied(a: int, c: int) -> bool:
        return any((a, b) in edges and (b, c) in edges and (c, a) not in edges for b in middles - {a, c})

    return [rule for rule in rules if rule.kind != "ordered" or not implied(*rule.places)]


def _filled(column: np.ndarray) -> np.ndarray:
    """Replace the missing cells of a column, (N,), by a value of their own."""
    return np.where(np.isnan(column), _MISSING, column)
