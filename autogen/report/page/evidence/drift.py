"""What an update found of the new data before any training: in lines, and on the page."""

from autogen.errors import counted, listed
from autogen.report.contents import ReportData
from autogen.report.markup import Content, table, tag
from autogen.report.result import Drift
from autogen.report.scores import chance, number

#: Most columns that are listed.
_MOST = 10


def drift_lines(drift: Drift) -> list[str]:
    """Say in lines what moved, and whether the earlier model is level with the best baseline."""
    moved = [one for one in drift.columns if one.drifted]
    compared = f"{drift.newer:,} new rows (without the new test split) beside {drift.older:,} older ones"
    lines = [f"drift: {compared}"]
    lines += [
        f"- {one.name}: distance {number(one.distance)}, by chance up to {number(one.chance)} "
        f"(adjusted p {chance(one.p_value)})"
        for one in moved[:_MOST]
    ]
    if len(moved) > _MOST:
        lines.append(f"- and {len(moved) - _MOST} more columns")
    if drift.columns and not moved:
        most = listed([f"{one.name} {number(one.distance)}" for one in drift.columns[:3]])
        lines.append(f"- no column moved beyond chance (the largest: {most})")
    lines += [f"- {joint_sentence(drift)}", f"- {model_sentence(drift)}"]
    why = _why_to_search(drift)
    return [*lines, f"- so there is reason to search again: {listed(why)}"] if why else lines


def _why_to_search(drift: Drift) -> list[str]:
    """List what speaks against keeping the earlier model; empty for nothing."""
    moved = sum(one.drifted for one in drift.columns)
    found = [f"{counted(moved, 'column')} moved"] if moved else []
    found += ["rows differ as a whole"] if drift.joint and drift.joint.drifted else []
    if drift.model is None:
        return [*found, "the earlier model could not be compared"]
    return [*found, "the earlier model is worse than a baseline"] if drift.model.worse else found


def joint_sentence(drift: Drift) -> str:
    """Say what the joint test of all columns, or of whole samples, found."""
    if drift.joint is None:
        return "older and new rows are not tested as a whole: this kind of data has no feature space"
    differ = "differ" if drift.joint.drifted else "are not shown to differ"
    return f"as a whole, older and new rows {differ} (p {chance(drift.joint.p_value)})"


def model_sentence(drift: Drift) -> str:
    """Say how the earlier model scores on new rows beside the best baseline."""
    found = drift.model
    if found is None:
        return "the earlier model could not be compared with baselines on the new rows"
    worse = "worse than" if found.worse else "not shown to be worse than"
    return (
        f"the earlier model is {worse} the best baseline on new rows ({number(found.model)}; "
        f"{found.baseline} {number(found.score)})"
    )


def drift_of(page: ReportData) -> list[Content]:
    """Drift of the new data of an update; empty for a run that is none."""
    start = page.result.start if page.result else None
    if start is None or start.update is None:
        return []
    found = start.update.drift
    rows = [
        (one.name, number(one.distance), number(one.chance), chance(one.p_value), ("no", "yes")[one.drifted])
        for one in found.columns[:_MOST]
    ]
    sentences = f"Before training: {joint_sentence(found)}; {model_sentence(found)}."
    heads = ("Column", "Distance", "By chance up to", "Adjusted p", "Moved")
    return [
        tag("p", sentences, class_="lead"),
        table(heads, rows, numbers=(1, 2, 3)) if rows else None,
        tag(
            "p",
            f"{found.newer:,} new rows, none of the test split, beside {found.older:,} older ones. Distance: "
            "Kolmogorov-Smirnov for quantities, total variation for categories; 0 is equal, 1 disjoint.",
            class_="caption",
        ),
    ]
