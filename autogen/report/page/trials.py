"""The leaderboard on the page, and what failed."""

from collections.abc import Mapping, Sequence

from autogen.report.contents import ReportData
from autogen.report.leaderboard import Row, Trial, cleared, leaderboard, shown_state, suspected
from autogen.report.markup import Content, folded, settings, table, tag
from autogen.report.scores import number

#: Number of rows that show at once, and most rows on the page.
SHOWN, HELD = 10, 1000


def ranking(page: ReportData) -> list[Content]:
    """The best complete trials, and a folded table of all trials."""
    configs = {trial["number"]: trial["config"] for trial in page.trials}
    rows = leaderboard(page.trials, page.objective.direction)
    if len(rows) < 2:
        return []
    done = [row for row in rows if row["state"] == "complete"]
    header = ("", "Trial", "Family", "Tune score", "", "Seconds", "Settings")
    refused = {
        one.trial: one.excluded for one in (page.result.finalists if page.result else ()) if one.excluded
    }
    best = [
        (row["rank"], row["trial"], row["family"], number(row["score"]), _mark(row, refused),
         f"{row['seconds']:.1f}", settings(configs[row["trial"]]))
        for row in done[:SHOWN]
    ]  # fmt: skip
    shown = f"the best {SHOWN} of {len(done):,} trials" if len(done) > SHOWN else "all trials"
    about = (
        f"Scores on the tune split, which steered the search, of {shown} that were trained to the end. Only "
        "these could become finalists. Trials that are suspected of copying training data, or of drawing "
        "what users rejected, stand last, unless the test at the end cleared them; refused ones cannot win."
    )
    count = f"{len(rows):,}"
    title = f"All trials: {count}" if len(rows) <= HELD else f"The first {HELD:,} of {count} trials"
    top = [tag("p", about), table(header, best, numbers=(0, 1, 3, 5))] if done else []
    return [*top, folded(title, _all(rows[:HELD], page.progress is not None and page.progress.running))]


def _mark(row: Row, refused: Mapping[int, str]) -> Content:
    """Mark a trial that the finals refused or the search suspected; empty for others."""
    if reason := refused.get(row["trial"]):
        return tag("span", "refused", class_="pill bad", title=reason)
    if suspected(row) or cleared(row):
        word, mood = ("cleared", "good") if cleared(row) else ("suspected", "fair")
        return tag("span", word, class_=f"pill {mood}", title=row["reason"])
    return ""


def _all(rows: Sequence[Row], running: bool) -> Content:
    ended = {} if running else {"running": "not ended"}
    columns = ("Trial", "Family", "State", "Last score", "Steps", "Seconds", "Reason")
    cells = [
        (row["trial"], row["family"], ended.get(state := shown_state(row), state), number(row["last_score"]),
         row["steps"], f"{row['seconds']:.1f}", row["reason"])
        for row in rows
    ]  # fmt: skip
    return table(columns, cells, numbers=(0, 3, 4, 5))


def failures(trials: Sequence[Trial]) -> Content:
    """A table of the reasons of failures, each with its trials; ``None`` without any."""
    reasons: dict[str, list[int]] = {}
    for trial in trials:
        if trial["state"] in ("failed", "infeasible"):
            reasons.setdefault(str(trial["reason"]), []).append(trial["number"])
    rows = [
        (reason, len(which), ", ".join(map(str, which[:20])) + (", …" if len(which) > 20 else ""))
        for reason, which in reasons.items()
    ]
    return table(("Reason", "Trials", "Which"), rows, numbers=(1,)) if rows else None
