"""Evidence for the verdict on the page: the comparisons of finalists and baselines."""

from autogen.report.markup import Content, table, tag
from autogen.report.page.evidence.scale import placed
from autogen.report.result import Result
from autogen.report.schema import Baseline, Contender, Finalist
from autogen.report.scores import between, chance, mean_of, number
from autogen.report.verdict import called


def comparison(result: Result) -> Content:
    """A table of finalists and baselines with their comparison with the leader."""
    header = ("", "Test score", "95 % interval", "Normalized", "p", "Compared with the leader")
    rows = [(called(entry), *_scores(entry), _relation(entry, result)) for entry in result.finalists]
    rows += [
        (f"{called(entry)}{' (trivial)' * entry.trivial}", *_scores(entry), _of_baseline(entry, result))
        for entry in result.baselines
    ]
    better = "lower" if result.objective.direction == "minimize" else "higher"
    text = f"{result.objective.name}: {better} is better. "
    if trivial := [entry.name for entry in result.baselines if entry.trivial]:
        text += (
            f"Trivial baselines: {', '.join(trivial)}. The best of them is 0 of the normalized score. A "
            "model has to beat the best of all baselines, trivial or not. "
        )
    if result.optimism is not None:
        word = "better" if result.optimism > 0 else "worse"
        text += (
            f"On the tune split, trial {result.best.trial} scored {word} by {number(abs(result.optimism))} "
            "than on test. The search picked its best trials by their scores on tune, so those are too good "
            f"on average{'' if result.optimism > 0 else ', though not here'}: quote the score on test."
        )
    note = tag("p", text, class_="caption")
    return tag("div", table(header, rows, numbers=(1, 2, 3, 4)), note) if rows else None


def _of_baseline(entry: Baseline, result: Result) -> Content:
    """Relation of a baseline to the leader, with a mark on the one that is returned."""
    relation = _relation(entry, result)
    if result.best.trial is not None or entry.name != result.best.name:
        return relation
    return tag("strong", "returned" if relation == "not compared" else f"{relation}; returned")


def _scores(entry: Contender) -> tuple[Content, ...]:
    interval = "–" if entry.mean is None else between(entry)
    return mean_of(entry), interval, placed(entry), chance(entry.p_value)


def _relation(entry: Finalist | Baseline, result: Result) -> Content:
    """Relation of a contender to the leader, or the reason why they were not compared."""
    if entry.excluded:
        return f"cannot win: {entry.excluded}"
    if isinstance(entry, Finalist) and entry.trial in result.left_out:
        return "worse on the select split: no time to compare it on test"
    if isinstance(entry, Finalist) and entry.dropped:
        return "clearly worse on the select split: not compared on test"
    if entry.separated is not None:
        shown = {"worse": "worse beyond chance", "better": "better beyond chance"}
        relation = entry.relation or ("worse" if entry.separated else "")
        return shown.get(relation, "not shown to differ")
    if isinstance(entry, Finalist):
        return tag("strong", "leader")
    roles = {"control": "control: a copy of the training data", "ceiling": "end 1 of the normalized score"}
    words = roles.get(entry.role, "not compared")
    if entry.mean is not None:
        return words
    return f"{words}, no time to test it" if entry.role == "control" else "no time to test it"


def unmeasured(entry: Finalist | Baseline, result: Result) -> str:
    """Say in a few words why a contender has no score on test; empty for one that has."""
    if entry.mean is not None:
        return ""
    if entry.excluded:
        tests = entry.memorisation, entry.diversity, entry.rejection
        return "refused before test" if any(one and not one.passed for one in tests) else "excluded"
    if isinstance(entry, Finalist):
        if entry.trial in result.left_out:
            return "worse on select, no time"
        return "clearly worse on select" if entry.dropped else "not tested"
    return "control, no time to test" if entry.role == "control" else "no time to test"
