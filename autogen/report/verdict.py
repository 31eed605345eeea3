"""The verdict of a study in sentences, for the report and the terminal.

The sentences are made of ``result.json``. A study claims no more than its comparisons show: a winner beats
every rival and the best baseline beyond chance, a tie names the finalists that are not shown to differ, and a
baseline that is not beaten comes first.
"""

from autogen.errors import agreed, capital, counted, listed
from autogen.report.result import Result
from autogen.report.schema import Baseline, Best, Finalist
from autogen.report.scores import (
    GRADES,
    LOWEST,
    about,
    between,
    grade_of,
    mean_of,
    normalized,
    number,
)

#: Families whose names in sentences differ from those in a config.
FAMILIES = {"gan": "GAN", "vae": "VAE"}

#: Most names in a headline.
_MOST_NAMES = 3


def called(finalist: Finalist | Best | Baseline) -> str:
    """Name a finalist by its trial and family, ``trial 17 (VAE)``, and a baseline by its name."""
    if isinstance(finalist, Baseline):  # "real rows" in files; texts, images and music have none
        return "real data" if finalist.role == "ceiling" else finalist.name
    if finalist.trial is None:
        return finalist.name if isinstance(finalist, Best) else finalist.family
    return trial_called(finalist.trial, finalist.family)


def trial_called(trial: int, family: str) -> str:
    """Name a trial by its number and family: ``trial 17 (VAE)``."""
    return f"trial {trial} ({FAMILIES.get(family, family)})"


def tied(result: Result) -> list[Finalist]:
    """List the leader and the finalists that are not shown to be worse."""
    return [finalist for finalist in result.finalists if finalist.trial in result.tied]


def compared(result: Result, *, separated: bool) -> list[str]:
    """List the names of the baselines that the leader beats (``separated``), or does not beat."""
    return [one.name for one in result.baselines if one.separated is separated]


def headline(result: Result) -> str:
    """State the verdict in one sentence, with the grade of the delivered model."""
    graded = f"; grade: {result.grade}" if result.grade else ""
    cut = f"; {found}" if (found := _cut(result)) else ""
    return f"{_claim(result)}{cut}{graded}."


def title(result: Result) -> str:
    """State the verdict in a few words, without the grade: the heading of the page."""
    best = called(result.best)
    if result.verdict == "winner":
        return f"{best} is the winner{' of those that were compared' * bool(result.left_out)}"
    if result.verdict == "unrivaled":
        return f"{best} beats the {beaten(result)}"
    if result.verdict == "tie":
        rivals = [called(one) for one in tied(result) if one.trial != result.best.trial]
        return f"{best} is tied with {rivals[0] if len(rivals) == 1 else f'{len(rivals)} others'}"
    names = listed(compared(result, separated=False) or ["the best baseline"])
    if barred := no_finalist_can_win(result):
        return f"{barred}, so the baseline {best} is returned" if result.best.trial is None else barred
    if _relation(result) == "better":
        return f"the baseline {names} is better than every model"
    return f"no model was shown to beat {names}"


def beaten(result: Result) -> str:
    """Name in two words what the leader beats, where the best baseline may not have been compared."""
    return "baselines compared" if untested(result) or _refused(result) else "best baseline"


def no_finalist_can_win(result: Result) -> str:
    """Say that each finalist is excluded, and why if all are for one reason; empty if one can win."""
    finalists = result.finalists
    if not finalists or not all(one.excluded for one in finalists):
        return ""
    several = len(finalists) > 1
    copying = all(one.memorisation and not one.memorisation.passed for one in finalists)
    if copying or all(one.diversity and not one.diversity.passed for one in finalists):
        why = "for copying" if copying else f"since {'their' if several else 'its'} samples repeat each other"
        who = f"all {len(finalists)} finalists were" if several else "the only finalist was"
        return f"{who} refused {why}"
    return f"none of {len(finalists)} finalists can win" if several else "the only finalist cannot win"


def details(result: Result) -> list[str]:
    """Say what the title leaves out: tied models, what is returned, and how far that was trained."""
    claim = f"{_claim(result)}."
    better = _relation(result) == "better"
    plain = result.verdict in ("winner", "unrivaled")  # the page marks the latter
    # what the title says, too, even of the baseline that is returned
    barred = result.best.trial is None and bool(no_finalist_can_win(result))
    plain = plain or (result.verdict == "baseline" and not better and (barred or ";" not in claim))
    return [*([] if plain else [claim]), *([f"{capital(cut)}."] if (cut := _cut(result)) else [])]


def _cut(result: Result) -> str:
    """Say that the delivered model was trained for a part of its steps only; empty if it was not."""
    share = result.best.steps_share
    if share is None or share >= 1:
        return ""
    return f"{called(result.best)} had time for {max(1, round(100 * share))} % of its training steps"


def _claim(result: Result) -> str:
    best = called(result.best)
    if result.verdict != "baseline":
        best = capital(best)
    if result.verdict == "winner":
        among = " of those that were compared" if result.left_out else ""
        return f"{best} is the winner{among}"
    if result.verdict == "unrivaled":
        which = _best_baseline(result)
        return f"Only one model could be compared: {called(result.best)}, which beats the {which}"
    if result.verdict == "tie":
        models = [called(one) for one in tied(result)]
        if len(models) > _MOST_NAMES:
            models = [*models[: _MOST_NAMES - 1], f"{len(models) - _MOST_NAMES + 1} others"]
        return f"A tie: {listed(models)} are not shown to differ"
    names = listed(compared(result, separated=False) or ["the best baseline"])
    returned = f"; {'it' if names == best else best} is returned" if result.best.trial is None else ""
    if barred := no_finalist_can_win(result):
        return f"{capital(barred)}{returned}"
    if _relation(result) == "better":
        leader = called(result.finalists[0])
        return f"{names} is better than the best model, {leader}, by more than chance explains{returned}"
    if result.start and result.start.update and result.best.trial is not None:
        returned = f"; {best} is returned, since it is better on validation data"
    return f"No model was shown to beat {names}{returned}"


def _relation(result: Result) -> str:
    """Relation of the best baseline to the leader: ``worse``, ``better``, ``undecided``, or empty."""
    return next((one.relation for one in result.baselines if one.relation), "")


def _rivals(result: Result) -> int:
    """Number of finalists that the leader was compared with."""
    return sum(finalist.separated is not None for finalist in result.finalists)


def copies(result: Result) -> bool:
    """Tell if the memorization test refuses the delivered model."""
    return result.memorisation is not None and not result.memorisation.passed


def objections(result: Result) -> list[str]:
    """Say why the delivered model should not be used; empty where no test refuses it."""
    found = {
        "draws few different samples": result.diversity,
        "copies its training data": result.memorisation,
        "draws too many samples that users would reject": result.rejection,
    }
    refused = [why for why, test in found.items() if test and not test.passed]
    return [f"The model {why} and should not be used as it is." for why in refused]


def explanation(result: Result) -> list[str]:
    """Explain the verdict in a few sentences, the most important first."""
    parts = (_reach, _basis, _against, _refused, _untested, _returned, _traded, _cleared)
    return [*objections(result), *filter(None, (part(result) for part in parts))]


def reasons(result: Result) -> list[str]:
    """Explain the verdict without the score of the delivered model, which the page shows by itself."""
    return [one for one in explanation(result) if one not in (*objections(result), _reach(result))]


def reached(result: Result) -> str:
    """Say how far the delivered model gets on the normalized scale; by its raw score without a scale."""
    test = result.test
    if test.calibrated is None:
        return _reach(result)
    where = {
        "about 0": "does not differ from the best trivial baseline (0); real data has 1",
        "below 0": "is worse than the best trivial baseline (0); real data has 1",
    }
    far = f"gets {about(test)} of the way from the best trivial baseline (0) to real data (1)"
    own = result.best.trial is not None or result.best.baseline
    if test.calibrated == 0 and any(one.trivial and one.name == result.best.name for one in result.baselines):
        far = "is itself the best trivial baseline (0); real data has 1"
    what = f"{'model' if own else f'baseline {result.best.name}'} {where.get(about(test), far)}"
    return f"On test data that the search never used, the returned {what}.{_lowered(result)}"


def _reach(result: Result) -> str:
    test = result.test
    better = "lower" if result.objective.direction == "minimize" else "higher"
    score = f"{result.objective.name} {mean_of(test)} ({between(test)}; {better} is better)"
    reach = f"On test data that the search never used, {called(result.best)} scores {score}."
    if test.calibrated is None:
        return reach
    return (
        f"{reach} Its normalized score is {normalized(test)}: 0 is the best trivial baseline, 1 is real "
        f"data.{_lowered(result)}"
    )


def _lowered(result: Result) -> str:
    """Say why the grade is that of the interval's lower end, where the mean would have a better one."""
    mean, low = result.test.calibrated, result.test.calibrated_low
    if mean is None or low is None or not result.grade == grade_of(low) != grade_of(mean):
        return ""
    if grade_of(low) == LOWEST:
        return (
            f" The grade goes by the lower end of the interval, which is not above {min(GRADES.values()):g}."
        )
    missed = min(bound for bound in GRADES.values() if low < bound)
    shown = next(text for digits in range(2, 18) if float(text := f"{low:.{digits}f}") < missed)
    return f" The grade goes by the lower end of the interval: {shown}, which is below {missed:g}."


def _basis(result: Result) -> str:
    """Say if the score is that of a model or of a recipe."""
    if not (count := result.test.seeds):
        return ""
    if result.claim == "recipe":
        own = number(result.best.test_score)
        return (
            f"This is the mean of {count} trainings of its configuration on fresh seeds; the returned model "
            f"is one of them and scores {own}."
        )
    return f"This is the score of exactly the returned model, over {counted(count, 'draw')} of samples."


def _against(result: Result) -> str:
    baseline = listed(compared(result, separated=True) or ["the best baseline"])
    which = "best baseline that was tested" if untested(result) else "best baseline"
    if result.verdict == "winner":
        rivals = _rivals(result)
        others = f"the {agreed(rivals, 'other finalist', f'{rivals} other finalists')}"
        dropped = sum(one.dropped and one.trial not in result.left_out for one in result.finalists)
        more = f" (and {dropped} that ranked clearly lower)" if dropped else ""
        return f"It beats {others}{more} and the {which}, {baseline}, by more than chance explains."
    if result.verdict == "tie":
        return f"The leader beats the {which}, {baseline}, by more than chance explains."
    if result.verdict == "unrivaled":
        return f"The {which} is {baseline}; chance does not explain the difference."
    if withheld := result.best.withheld:
        kept = called(result.best)
        return f"{withheld} holds training data, so it is not saved: {kept} is returned instead."
    if no_finalist_can_win(result):
        first, rest = result.finalists[0], len(result.finalists) - 1
        neither = f", and neither can the {agreed(rest, 'other one', f'{rest} others')}" if rest else ""
        return f"{capital(called(first))} cannot win, since {first.excluded}{neither}."
    helps = "data or a larger epsilon" if result.privacy else "data, a larger budget or another search space"
    best = capital(called(result.best))
    kept = f"{best} is returned, since no baseline is private. " * bool(result.privacy)
    return f"{kept}More {helps} may give a better model."


def _refused(result: Result) -> str:
    """Say which baselines a model was not compared with, and why; empty for none."""
    refused = [
        f"{one.name} ({one.excluded})"
        for one in result.baselines
        if one.role == "baseline" and one.excluded and one.name != result.best.withheld
    ]
    if not refused:
        return ""
    return f"Baselines that were refused, and are not compared: {listed(refused)}."


def untested(result: Result) -> list[str]:
    """List the baselines that there was no time to test."""
    late = [one for one in result.baselines if one.role == "baseline" and one.mean is None]
    return [one.name for one in late if not one.excluded]


def _untested(result: Result) -> str:
    names = untested(result)
    return f"There was no time to test {listed(names)}, which may be better." if names else ""


def _best_baseline(result: Result) -> str:
    limits = ["was tested"] * bool(untested(result)) + ["was not refused"] * bool(_refused(result))
    return f"best baseline{' that ' * bool(limits)}{' and '.join(limits)}"


def _cleared(result: Result) -> str:
    """Say why the delivered model may be returned although the search suspected it; empty if it did not."""
    found = next((one for one in result.cleared() if one.trial == result.best.trial), None)
    if found is None or found.memorisation is None:
        return ""
    size = found.memorisation.samples, found.memorisation.holdout
    on = f" ({size[0]:,} generated, {size[1]:,} unseen real ones)" if size[0] and size[1] else ""
    return (
        f"The quick test of the search suspected {called(found)} of copying training data. The memorization "
        f"test at the end looks at more samples{on}, at the level .01 instead of .1, and did not "
        "confirm that."
    )


def _returned(result: Result) -> str:
    """Say which of the tied models is returned, and what is given up for its lower cost."""
    if result.verdict != "tie":
        return ""
    given_up, best, name = result.given_up, called(result.best), result.objective.name
    if given_up is None:
        return f"The leader, {best}, is returned."
    how = f"worse than the leader's by {number(given_up.mean)} ({between(given_up)})"
    mean, low, high = given_up.mean, given_up.low, given_up.high
    if mean is not None and mean < 0:
        ends = f" ({number(-low)} better to {number(high)} worse)" if low is not None else ""
        how = f"better than the leader's by {number(-mean)}{ends}"
    return (
        f"{capital(best)} is returned, since it is cheaper{_by(result)}. Its {name} is {how}. What may be "
        "given up is less than a tenth of the difference between the best trivial baseline and real data."
    )


def _by(result: Result) -> str:
    """Name the objective that is the cost, unless it is the seconds of training."""
    others = result.objectives[1:]
    return f" by {others[0].name}" if others else " to train"


def _traded(result: Result) -> str:
    """Say what the returned model gives up against the leader, and for what; empty for one objective."""
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
        f"Its {name} is {own}; that of the leader, {called(leader)}, is {its}. Its {result.objective.name} "
        f"is worse than the leader's by at most {most}, with a confidence of 95 %."
    )
