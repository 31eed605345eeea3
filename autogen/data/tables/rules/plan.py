"""Plan of derivation: which columns are modeled, which are derived from which, and in which order.

Several rules may determine one column only if they cannot disagree: because what one looks up by determines
what the other does, or because all columns are functions of one column, so that samples combine only cells
that stand together in a training row. Where a cell on the left is missing, the next of these rules speaks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from autogen.data.tables.rules.parse import BindingRule
from autogen.errors import DataError

#: A column that bounds another one, and whether equal cells break the bound.
Bound = tuple[str, bool]


@dataclass(frozen=True)
class Plan:
    """How columns are derived from each other.

    Attributes:
        order: names of all columns; a column comes after those that it is derived from.
        lookups: sets of columns that a column is looked up by, the first that has no missing cell.
        lows: earlier columns that a column must not be below.
        highs: earlier columns that a column must not be above.
        above: for each column those that must not be below it, directly or by other rules.
        leaders: earlier column in whose rows a column is missing.
        together: for each column those that are missing in the same rows.
    """

    order: tuple[str, ...]
    lookups: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    lows: Mapping[str, tuple[Bound, ...]] = field(default_factory=dict)
    highs: Mapping[str, tuple[Bound, ...]] = field(default_factory=dict)
    above: Mapping[str, tuple[Bound, ...]] = field(default_factory=dict)
    leaders: Mapping[str, str] = field(default_factory=dict)
    together: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def make_plan(names: Sequence[str], rules: Sequence[BindingRule]) -> Plan:
    """Plan how samples keep all rules.

    Args:
        names: names of the columns, in the table's order.
        rules: rules that all training rows keep.

    Raises:
        DataError: the rules contradict each other, go round in a circle, or cannot be kept together.
    """
    lookups, each = _lookups([rule for rule in rules if rule.kind == "determines"])
    less = _less([rule for rule in rules if rule.kind == "ordered"])
    sources = {name: {by for one in each.get(name, ()) for by in one} for name in names}
    for low, high in less:
        if low in lookups and high in lookups:
            _refuse_unless_one_root(lookups, (low, high), f"{low} <= {high}")
        elif high in lookups:
            sources[low].add(high)
        else:
            sources[high].add(low)
    order = _sorted(names, sources, rules)
    leaders: dict[str, str] = {}
    together: dict[str, tuple[str, ...]] = {}
    for group in _groups(rule for rule in rules if rule.kind == "missing"):
        leader, followers = _leader([name for name in order if name in group], lookups)
        together |= {name: tuple(sorted(group - {name})) for name in group}
        for name in followers:
            leaders[name] = leader
            sources[name].add(leader)
    order = _sorted(names, sources, rules)
    place = {name: i for i, name in enumerate(order)}
    lows: dict[str, list[Bound]] = {}
    highs: dict[str, list[Bound]] = {}
    above: dict[str, list[Bound]] = {}
    for (low, high), strict in less.items():
        above.setdefault(low, []).append((high, strict))
        later, earlier, side = (high, low, lows) if place[low] < place[high] else (low, high, highs)
        side.setdefault(later, []).append((earlier, strict))
    for name in lows.keys() & highs.keys() - lookups.keys():
        if all(any(strict for _, strict in side[name]) for side in (lows, highs)):
            raise DataError(
                f"column {name!r} lies strictly between other columns of which some are looked up, so that "
                f"no value may be left for it; write <= instead of <, or leave a rule out."
            )
    return Plan(order, each, _frozen(lows), _frozen(highs), _frozen(above), leaders, together)


def _frozen(found: Mapping[str, list[Bound]]) -> dict[str, tuple[Bound, ...]]:
    return {name: tuple(sorted(bounds)) for name, bounds in found.items()}


def _lookups(
    rules: Sequence[BindingRule],
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[tuple[str, ...], ...]]]:
    """Choose the columns that are looked up; the other rules must follow.

    Returns:
        For each column that is looked up the columns of its first rule, and those of all its rules.

    Raises:
        DataError: a rule does not follow.
    """
    found: dict[str, tuple[str, ...]] = {}
    others = []
    for rule in rules:
        if rule.right in found or rule.right in _ancestors(found, rule.left):
            others.append(rule)
        else:
            found[rule.right] = rule.left
    each = {name: [by] for name, by in found.items()}
    for rule in others:
        roots = {root_of(found, name) for name in rule.columns}
        known = _determined(found, rule.left)
        if len(roots) > 1 and not set(found.get(rule.right, (rule.right,))) <= known:
            by = ", ".join(found.get(rule.right, rule.left))
            raise DataError(
                f"column {rule.right!r} cannot be looked up by {by} and keep the rule {rule.text!r} too, "
                f"since samples combine cells anew; leave one of the rules out."
            )
        # A rule that leads back (zip -> city beside city -> zip) holds by itself: the rows were checked.
        linked = {name: tuple(one for by in sets for one in by) for name, sets in each.items()}
        if rule.right not in _ancestors(linked, rule.left):
            each[rule.right].append(rule.left)
    return found, {name: tuple(by) for name, by in each.items()}


def _ancestors(lookups: Mapping[str, tuple[str, ...]], names: Iterable[str]) -> set[str]:
    """Return some columns with all those that they are looked up by, directly or not."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += lookups.get(name, ())
    return found


def _determined(lookups: Mapping[str, tuple[str, ...]], names: Iterable[str]) -> set[str]:
    """Return some columns with all those that are looked up by them."""
    found = set(names)
    while more := {name for name, by in lookups.items() if set(by) <= found} - found:
        found |= more
    return found


def root_of(lookups: Mapping[str, tuple[str, ...]], name: str) -> str:
    """Return the column of which a column is a function, by lookups by one column each; itself if none."""
    while len(lookups.get(name, ())) == 1:
        name = lookups[name][0]
    return name


def _refuse_unless_one_root(lookups: Mapping[str, tuple[str, ...]], names: Sequence[str], rule: str) -> None:
    if len({root_of(lookups, name) for name in names}) > 1:
        shown = " and ".join(f"{name!r} (by {', '.join(lookups[name])})" for name in names)
        raise DataError(
            f"the columns {shown} are looked up by different columns, so {rule!r} cannot be kept too; "
            f"leave one of the rules out."
        )


def _less(rules: Sequence[BindingRule]) -> dict[tuple[str, str], bool]:
    """List all pairs of columns (low, high), also those that follow, with whether they must differ.

    Raises:
        DataError: the rules go round in a circle.
    """
    found: dict[tuple[str, str], bool] = {}
    for rule in rules:
        pair = (rule.left[0], rule.right)
        found[pair] = found.get(pair, False) or rule.strict
    names = sorted({name for pair in found for name in pair})
    for middle, low, high in product(names, repeat=3):
        if (low, middle) in found and (middle, high) in found:
            strict = found[low, middle] or found[middle, high]
            found[low, high] = found.get((low, high), False) or strict
    for rule in rules:
        if (rule.right, rule.left[0]) in found:
            texts = [one.text for one in rules if (one.right, one.left[0]) in found]
            raise DataError(
                f"the rules {' and '.join(map(repr, texts))} go round in a circle, so that all their columns "
                f"would be equal; leave one of them out."
            )
    return found


def _groups(rules: Iterable[BindingRule]) -> list[set[str]]:
    """Join columns that are missing in the same rows to groups."""
    groups: list[set[str]] = []
    for rule in rules:
        joined = set(rule.columns).union(*(group for group in groups if group & set(rule.columns)))
        groups = [group for group in groups if not group & joined] + [joined]
    return groups


def _leader(members: Sequence[str], lookups: Mapping[str, tuple[str, ...]]) -> tuple[str, list[str]]:
    """Choose the column that says in which rows the others are missing, and those that have to follow it.

    Args:
        members: columns that are missing in the same rows, in the order of derivation.
        lookups: columns that a column is looked up by.

    Raises:
        DataError: two of them are looked up by different columns.
    """
    fixed = [name for name in members if name in lookups]
    leader = members[0]
    if fixed:
        texts = [f"{name} missing" for name in fixed]
        _refuse_unless_one_root(lookups, fixed, " <-> ".join(texts))
        root = root_of(lookups, fixed[0])
        leader = root if root in members else fixed[0]
    return leader, [name for name in members if name != leader]


def _sorted(
    names: Sequence[str], sources: Mapping[str, set[str]], rules: Sequence[BindingRule]
) -> tuple[str, ...]:
    """Sort columns so that each comes after its sources, and else in the table's order."""
    order: list[str] = []
    waiting = list(names)
    while waiting:
        ready = next((name for name in waiting if sources[name] <= set(order)), None)
        if ready is None:
            texts = [repr(rule.text) for rule in rules if set(rule.columns) <= set(waiting)]
            raise DataError(
                f"the rules {' and '.join(texts)} derive columns from each other in a circle; leave one of "
                f"them out."
            )
        waiting.remove(ready)
        order.append(ready)
    return tuple(order)
