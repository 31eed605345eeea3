"""Where the time of a study went, as a table that adds up."""

from autogen.report.markup import Content, duration, table, tag
from autogen.report.result import TimeSpent

#: Work by field of ``TimeSpent``, in the order of a study.
WORK = {
    "search_training": "search: training",
    "search_evaluation": "search: sampling and scoring",
    "confirmation_training": "finalists: training on fresh seeds",
    "confirmation_evaluation": "finalists: sampling and scoring on select",
    "baselines": "baselines and real data: fitting and scoring",
    "test": "finalists: scoring on test, hard tests, diagnostics",
    "costs": "costs of the finalists",
}


def spent(time: TimeSpent) -> Content:
    """Seconds of work of all workers, with their sum; ``None`` if none were counted."""
    parts = {words: round(getattr(time, name), 1) for name, words in WORK.items()}
    total = sum(parts.values())
    if not total:
        return None
    rows: list[tuple[Content, ...]] = [
        (words, f"{seconds:.1f}", f"{100 * seconds / total:.0f} %")
        for words, seconds in parts.items()
        if seconds
    ]
    rows.append((tag("strong", "all work"), f"{total:.1f}", ""))
    note = (
        f"Work of all workers together. By the clock the study took {duration(time.seconds)}: workers work "
        "at the same time, and starting them and reading the data are not counted as work."
    )
    caption = tag("p", note, class_="caption")
    return tag("div", table(("Work", "Seconds", "Share"), rows, numbers=(1, 2)), caption)
