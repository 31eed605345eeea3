"""Relations between the columns of a table on the page: rules and pairs of columns."""

from collections.abc import Mapping, Sequence
from typing import Any

from autogen.errors import agreed, counted
from autogen.report.columns import rule_option
from autogen.report.contents import ReportData
from autogen.report.figures.relations import heat_map
from autogen.report.markup import Content, folded, table, tag
from autogen.report.page.figure import drawn

#: Number of rules that show at once; the rest is folded.
RULES = 12
#: Share of generated rows, beyond that of hold-out rows, above which a broken rule is marked.
MARKED = 0.01


def relations(page: ReportData) -> list[Content]:
    """Rules, whose violations every reader understands, then pairs."""
    found = page.relations
    if found is None:
        return []
    return [
        *_binding(found.binding),
        *_rules(found.rules, further=bool(found.binding)),
        drawn(heat_map(found), "pairs"),
        _pairs(found.pairs),
    ]


def _binding(rules: Sequence[Mapping[str, Any]]) -> list[Content]:
    """Rules that every generated row keeps, with the count that shows it."""
    if not rules:
        return []
    broken = sum((rule["synthetic"] or 0.0) > 0 for rule in rules)
    words = f"{counted(len(rules), 'binding rule')}; the generated rows {_kept(broken, len(rules))}"
    words += ", which is a fault of autogen." if broken else "."
    header = ("Binding rule", "Generated rows that break it", "Generated rows", "Train rows")
    rows = [
        (
            tag("code", rule["rule"]),
            tag("strong", share, class_="bad") if rule["synthetic"] else share,
            f"{rule['rows']:,}",
            f"{rule['support']:,}",
        )
        for rule in rules
        for share in ["–" if rule["synthetic"] is None else percent(rule["synthetic"])]
    ]
    about = (
        "Rows are counted that a rule speaks of: those in which none of its cells is missing, or all if the "
        "rule is about missing cells."
    )
    return [
        tag("p", words, class_="lead"),
        table(header, rows, numbers=(1, 2, 3)),
        tag("p", about, class_="caption"),
    ]


def _rules(rules: Sequence[Mapping[str, Any]], further: bool = False) -> list[Content]:
    if not rules:
        which = "further rule" if further else "rule"
        return [tag("p", f"No {which} between columns was found in the real rows.")]
    broken = sum((rule["synthetic"] or 0.0) > 0 for rule in rules)
    which, hold = counted(len(rules), f"{'further ' * further}rule"), agreed(len(rules), "holds", "hold")
    words = f"{which} between columns {hold} in the real rows; "
    words += f"the generated rows {_kept(broken, len(rules))}"
    words += f"{_clearly(sum(excess(rule) > MARKED for rule in rules), broken, len(rules))}."
    about = (
        "Rules were found in the train split and hold in unseen real rows. Shares are of the rows that a "
        "rule applies to; a few hold-out rows may break a rule by errors in the data."
    )
    header = ("Rule", "Generated rows that break it", "Hold-out rows that break it", "Train rows")
    rows = [_rule(rule) for rule in rules]
    rest = table(header, rows[RULES:], numbers=(1, 2, 3)) if rows[RULES:] else None
    options = [rule_option(rule["binding"]) for rule in rules if rule.get("binding")]
    ready = "Options of autogen run that make samples keep these rules, as every real row does"
    return [
        tag("p", words, class_="lead"),
        table(header, rows[:RULES], numbers=(1, 2, 3)),
        folded("One more rule" if len(rows) == RULES + 1 else f"The other {len(rows) - RULES} rules", rest),
        folded(ready, tag("pre", "\n".join(options))) if options else None,
        tag("p", about, class_="caption"),
    ]


def _kept(broken: int, rules: int) -> str:
    """Say how many of some rules are broken."""
    if rules == 1:
        return "break it" if broken else "keep it"
    return f"break {broken} of them" if broken else "keep all of them"


def _clearly(marked: int, broken: int, rules: int) -> str:
    """Say how many of the broken rules are marked, if not all are."""
    if marked == broken:
        return ""
    which = "but not" if rules == 1 else marked or "none"
    return f", {which} clearly (over {100 * MARKED:.0f} percentage point above hold-out rows)"


def _rule(rule: Mapping[str, Any]) -> tuple[Content, ...]:
    share: Content = "–" if rule["synthetic"] is None else percent(rule["synthetic"])
    if excess(rule) > MARKED:
        share = tag("strong", share, class_="bad")
    return rule["rule"], share, percent(rule["holdout"]), f"{rule['support']:,}"


def excess(rule: Mapping[str, Any]) -> float:
    """Share of generated rows beyond that of hold-out rows that break a rule."""
    return float((rule["synthetic"] or 0.0) - rule["holdout"])


def _pairs(pairs: Sequence[Mapping[str, Any]]) -> Content:
    if not pairs:
        return None
    header = ("Most different pairs", "Real", "Hold-out", "Generated", "Excess", "Distance", "of hold-out")
    rows = [
        (
            " and ".join(pair["columns"]),
            *(f"{pair[side]:.2f}" for side in ("real", "holdout", "synthetic")),
            f"{abs(pair['synthetic'] - pair['real']) - abs(pair['holdout'] - pair['real']):.2f}",
            *(f"{pair[side]:.2f}" for side in ("distance", "holdout_distance")),
        )
        for pair in pairs
    ]
    about = (
        "Association of both columns in train, hold-out and generated rows, and by how much more generated "
        "rows differ in it from train rows than hold-out rows do (excess), the largest first; then the total "
        "variation distance of their joint distribution from the train rows', which for hold-out rows is "
        "chance alone."
    )
    return tag("div", table(header, rows, numbers=range(1, 7)), tag("p", about, class_="caption"))


def percent(share: float) -> str:
    """Write a share in percent; one that is not 0 does not look like 0."""
    return f"{100 * share:.1f} %" if not share or share >= 0.0005 else f"{100 * share:.1g} %"
