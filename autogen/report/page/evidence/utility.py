"""The utility of a table's samples on the page: what a predictor of the target learns from them."""

from collections.abc import Mapping
from typing import Any

from autogen.data.tables.leaks import leak_sentence
from autogen.errors import capital
from autogen.report.contents import Relations, ReportData
from autogen.report.markup import Content, table, tag


def utility(page: ReportData) -> list[Content]:
    """Skill of a predictor by what it was trained on; empty without a target."""
    found = page.relations.utility if page.relations else None
    if not found:
        return []
    return [
        _leaked(found),  # first: it says what the finding is worth
        tag("p", _finding(found), class_="lead"),
        _table(found),
        tag("p", _about(found), class_="caption"),
    ]


def utility_line(relations: Relations | None) -> str:
    """Say in a line what samples teach about the target; empty without one, or if it is damaged."""
    found = relations.utility if relations else None
    try:
        if not found:
            return ""
        skills = ", ".join(
            f"{name} {found[side]:.2f}"
            for side, name in (("synthetic", "samples"), ("real", "real rows"), ("chance", "guessing"))
            if side in found
        )
        return f"{_finding(found)} {found['measure']} on unseen real rows (TSTR): {skills}"
    except (TypeError, KeyError, ValueError, AttributeError):  # no report of ours
        return ""


def _finding(found: Mapping[str, Any]) -> str:
    if found.get("above_chance") is None:  # files of earlier versions, or real rows teach nothing
        return (
            f"Trained on generated rows, a model predicts {found['target']} on unseen real rows with "
            f"{found['synthetic']:.2f} {found['measure']}; trained on real rows, with {found['real']:.2f}."
        )
    kept = 100 * max(0.0, found["above_chance"])
    return (
        f"A model that predicts {found['target']} and was trained on generated rows keeps {kept:.0f} % of "
        "the skill above chance of one that was trained on real rows."
    )


def _leaked(found: Mapping[str, Any]) -> Content:
    """Say which columns give the target away; ``None`` for none, or in files of earlier versions."""
    leaked = found.get("leaked")
    return tag("p", capital(leak_sentence(leaked, found["target"]))) if leaked else None


def _table(found: Mapping[str, Any]) -> Content:
    sides = [("real rows (TRTR)", found["real"]), ("generated rows (TSTR)", found["synthetic"])]
    if "chance" in found:
        sides.append(("nothing (guessing)", found["chance"]))
    most = max(*(value for _, value in sides), 1e-9)
    rows = [(name, f"{value:.2f}", _bar(value / most)) for name, value in sides]
    return table(("Trained on", f"{found['measure']} on unseen real rows", ""), rows, numbers=(1,))


def _bar(share: float) -> Content:
    width = 100 * min(max(share, 0.0), 1.0)
    return tag("span", tag("i", style=f"width:{width:.0f}%"), class_="share plain")


def _about(found: Mapping[str, Any]) -> str:
    zero = {"R2": "; the mean: 0"}.get(found["measure"], "")
    return (
        f"Boosted trees predict {found['target']} from all other columns. Both are trained on equally many "
        f"rows and tested on real rows that neither saw. Perfect predictions: {found['measure']} 1{zero}."
    )
