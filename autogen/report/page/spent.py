"""Where the time of a study went, as two tables that add up: by the clock, and the work of all workers."""

from collections.abc import Mapping

from autogen.report.markup import Content, table, tag
from autogen.report.result import TimeSpent

#: Chapters of a study by field of ``TimeSpent``, in their order.
CLOCK = {
    "startup": "start-up: loading autogen, reading the data, starting workers",
    "search": "search",
    "finals": "comparison of the finalists, test and report",
}
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
    """Seconds by the clock, and seconds of work of all workers; ``None`` if none were counted."""
    clock, work = (
        _table("By the clock", time, CLOCK, "the whole study"),
        _table("Work", time, WORK, "all work"),
    )
    note = "Workers work at the same time, so the work of all of them may take more seconds than the clock."
    return tag("div", clock, work, tag("p", note, class_="caption")) if clock or work else None


def _table(title: str, time: TimeSpent, named: Mapping[str, str], whole: str) -> Content:
    """Seconds and shares with their sum; ``None`` if none were counted, as in files of earlier versions."""
    parts = {words: round(getattr(time, name), 1) for name, words in named.items()}
    total = sum(parts.values())
    if not total:
        return None
    rows: list[tuple[Content, ...]] = [
        (words, f"{seconds:.1f}", f"{100 * seconds / total:.0f} %")
        for words, seconds in parts.items()
        if seconds
    ]
    rows.append((tag("strong", whole), f"{total:.1f}", ""))
    return table((title, "Seconds", "Share"), rows, numbers=(1, 2))
