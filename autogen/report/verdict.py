"""The verdict of a study in plain sentences, for the report and the terminal alike.

It reads what ``result.json`` holds. A study claims no more than its comparisons carry: a winner
beats every rival and baseline beyond chance; a tie names those that are not shown to differ; where a
baseline is not beaten, that is what is said first.
"""

from collections.abc import Sequence
from math import floor, log10

from autogen.report.result import Result
from autogen.report.schema import Best, Finalist, Interval

#: Families that are written otherwise than their names in a config.
FAMILIES = {"gan": "GAN", "vae": "VAE"}


def number(value: float | None) -> str:
    """A figure with three significant digits, thousands written out; a dash for none."""
    if value is None:
        return "–"
    # What is left of a sum of ones that should be zero.
    if abs(value) < 1e-12:
        return "0"
    return f"{float(f'{value:.3g}'):,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.3g}"


def chance(p_value: float | None) -> str:
    """A p-value with as many digits as it deserves; a dash for none."""
    if p_value is None:
        return "–"
    return "< 0.001" if p_value < 0.001 else f"{p_value:.2g}"


def mean_of(entry: Interval) -> str:
    """The mean of an entry, to the digits that its interval leaves."""
    digits = _digits(entry)
    return number(entry.mean) if digits is None else f"{entry.mean:.{digits}f}"


def between(entry: Interval) -> str:
    """The interval of an entry, to two digits of its half width."""
    digits = _digits(entry)
    return "no interval" if digits is None else f"{entry.low:.{digits}f} to {entry.high:.{digits}f}"


def _digits(entry: Interval) -> int | None:
    """Decimals worth printing; ``None`` where there is no interval of any width."""
    if entry.low is None or entry.high is None or entry.high <= entry.low:
        return None
    return max(0, 1 - floor(log10((entry.high - entry.low) / 2)))


def called(finalist: Finalist | Best) -> str:
    """A finalist by its trial and family: ``trial 17 (VAE)``; a baseline by its name."""
    if finalist.trial is None:
        return finalist.family
    return trial_called(finalist.trial, finalist.family)


def trial_called(trial: int, family: str) -> str:
    """A trial by its number and family: ``trial 17 (VAE)``."""
    return f"trial {trial} ({FAMILIES.get(family, family)})"


def tied(result: Result) -> list[Finalist]:
    """The finalists that are not shown to be worse than the leader, the leader among them."""
    return [finalist for finalist in result.finalists if finalist.trial in result.tied]


def compared(result: Result, *, separated: bool) -> list[str]:
    """Names of the baselines that the leader had to beat, and did (``separated``) or did not."""
    return [one.name for one in result.baselines if one.separated is separated]


def headline(result: Result) -> str:
    """The verdict in one sentence, with the grade of what is returned."""
    graded = f"; grade: {result.grade}" if result.grade else ""
    return f"{_claim(result)}{graded}."


def _claim(result: Result) -> str:
    best = called(result.best)
    if result.verdict != "baseline":
        best = _capital(best)
    if result.verdict == "winner":
        among = " of those that were compared" if result.left_out else ""
        return f"{best} is the winner{among}"
    if result.verdict == "unrivaled":
        return f"{best} beats the best baseline; no other model was compared with it"
    if result.verdict == "tie":
        return f"A tie: {_listed([called(one) for one in tied(result)])} are not shown to differ"
    names = _listed(compared(result, separated=False) or ["the best baseline"])
    returned = f"; {'it' if names == best else best} is returned" if result.best.trial is None else ""
    if _relation(result) == "better":
        leader = called(result.finalists[0])
        return f"{names} is better than the best model, {leader}, by more than chance explains{returned}"
    return f"No model was shown to beat {names}{returned}"


def _relation(result: Result) -> str:
    """What the comparison shows of the best baseline: ``worse`` or ``better`` than the leader, or neither."""
    return next((one.relation for one in result.baselines if one.relation), "")


def _rivals(result: Result) -> int:
    """How many finalists the leader was compared with."""
    return sum(finalist.separated is not None for finalist in result.finalists)


def copies(result: Result) -> bool:
    """Whether the memorization test refuses the model that is delivered."""
    return result.memorisation is not None and not result.memorisation.passed


def repeats(result: Result) -> bool:
    """Whether the diversity test refuses the model that is delivered."""
    return result.diversity is not None and not result.diversity.passed


def noticed(found_from: float | None) -> str:
    """Copies that the memorization test would have found with a probability of .8, in words."""
    if found_from is None:
        return "no copies here: there are too few rows, or too many equal ones"
    return f"a model of whose samples {100 * found_from:.0f} % or more are copies"


def explanation(result: Result) -> list[str]:
    """What the verdict rests on: a few sentences, the most important first."""
    sentences = [_reach(result), _basis(result), _against(result), _returned(result), _traded(result)]
    if copies(result):
        sentences.insert(0, "The model copies its training data and should not be used as it is.")
    if repeats(result):
        sentences.insert(0, "The model repeats a few samples over and over and should not be used as it is.")
    return [sentence for sentence in sentences if sentence]


def _reach(result: Result) -> str:
    test = result.test
    score = f"{result.objective.name} {mean_of(test)} ({between(test)})"
    said = f"On test data that the search never used, {called(result.best)} scores {score}"
    if test.calibrated is None:
        return f"{said}."
    low, high = test.calibrated_low, test.calibrated_high
    ends = "" if low is None or high is None else f" ({low:.2f} to {high:.2f})"
    return (
        f"{said}. Its normalized score is {test.calibrated:.2f}{ends}: 0 is the best trivial baseline, 1 is "
        f"real data."
    )


def _basis(result: Result) -> str:
    """Whether the score is a model's or a recipe's."""
    count = result.test.seeds
    if not count:
        return ""
    if result.claim == "recipe":
        own = number(result.best.test_score)
        return (
            f"This is the mean of {count} trainings of its configuration on fresh seeds; the model that is "
            f"returned is one of them and scores {own}."
        )
    return f"This is the score of exactly the model that is returned, over {count} draws of samples."


def _against(result: Result) -> str:
    baseline = _listed(compared(result, separated=True) or ["the best baseline"])
    if result.verdict == "winner":
        rivals = _rivals(result)
        others = f"the {f'{rivals} ' * (rivals > 1)}other finalist{'s' * (rivals != 1)}"
        dropped = sum(one.dropped for one in result.finalists)
        more = f" (and {dropped} that ranked clearly lower)" if dropped else ""
        return f"It beats {others}{more} and the best baseline, {baseline}, by more than chance explains."
    if result.verdict in ("tie", "unrivaled"):
        return f"The leader beats the best baseline, {baseline}, by more than chance explains."
    withheld = result.best.withheld
    if withheld:
        kept = called(result.best)
        return f"{withheld} holds rows of the training data, so it is not saved: {kept} is returned instead."
    return "More data, a larger budget or another space may change that."


def _returned(result: Result) -> str:
    """Which of several is returned, and what is given up for its lower cost."""
    if result.verdict != "tie":
        return ""
    given_up = result.given_up
    best, name = called(result.best), result.objective.name
    if given_up is None:
        return f"The leader, {best}, is returned."
    return (
        f"{_capital(best)} is returned, which is cheaper{_by(result)}: its {name} is worse than the leader's "
        f"by {number(given_up.mean)} ({between(given_up)}), less than a tenth of the way to real data."
    )


def _by(result: Result) -> str:
    """Which objective is the cost, where it is not the seconds of training."""
    others = result.objectives[1:]
    return f" by {others[0].name}" if others else " to train"


def _traded(result: Result) -> str:
    """What the model that is returned gives up against the leader, and what for; empty for one objective."""
    others = result.objectives[1:]
    entries = {entry.trial: entry.scores for entry in result.pareto}
    if not others or not entries:
        return ""
    leader, best = result.finalists[0], result.best.trial
    if best is None or not {leader.trial, best} <= entries.keys():
        return ""
    name, unit = others[0].name, others[0].unit
    own, its = (f"{number(entries[trial][name].mean)} {unit}".rstrip() for trial in (best, leader.trial))
    if best == leader.trial:
        return f"Its {name} is {own}."
    chosen = next(finalist for finalist in result.finalists if finalist.trial == best)
    most = number(chosen.difference.high if chosen.difference else None)
    return (
        f"Its {name} is {own} against {its} of the leader, {called(leader)}, than which its "
        f"{result.objective.name} is worse by {most} at most, with a confidence of 95 %."
    )


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
