"""Warnings of a study about its data and its figures, for ``result.json``."""

from autogen.data.declaration import declared
from autogen.data.kind import WARNING
from autogen.data.module import DataModule
from autogen.errors import agreed, counted
from autogen.families.based import BASE, base_warning
from autogen.report.result import Result
from autogen.report.scores import between, mean_of
from autogen.verdict.contenders import ContenderResult
from autogen.verdict.outcome import FinalVerdict

#: Width of the interval of real rows' score, as a share of the normalized scale, from which on it is rough.
ROUGH = 0.5


def warnings(result: Result, data: DataModule, verdict: FinalVerdict) -> list[str]:
    """List the warnings about the data and the figures, those first that touch trust most."""
    return [
        *_of_trust(result, verdict),
        *_of_scale(result, data),
        *(note.removeprefix(WARNING) for note in data.notes if note.startswith(WARNING)),
        *_of_time(result),
    ]


def _of_trust(result: Result, verdict: FinalVerdict) -> list[str]:
    """Warn of what makes the score, or the delivered model, worth less than it seems."""
    found = []
    if result.test_reads > 1:
        found.append(f"the test split has been read {result.test_reads} times, so its figures are optimistic")
    passed = [one for one in verdict.baselines if one.entry.role == "control" and _not_caught(one)]
    found += [
        f"the control {one.name} passed the memorization test, so the test has no power here"
        for one in passed
    ]
    found += [base_warning(str(result.best.config[BASE]))] if BASE in result.best.config else []
    if result.test.calibrated is not None and result.test.calibrated < 0:
        found.append("the delivered model is worse than the best trivial baseline")
    if result.constraints and all(one.excluded for one in verdict.finalists):
        found.append("no finalist may be delivered: the table of finalists says why each is excluded")
    return found


def _of_scale(result: Result, data: DataModule) -> list[str]:
    """Warn where the comparison is rough: no scale, too few rows, models that were not compared."""
    found = []
    if result.test.calibrated is None:
        why = result.test.uncalibrated or "the model has no score on test data"
        found.append(f"{why}: no normalized score is given")
    found += _of_noise(result)
    if result.left_out:
        trials = ", ".join(map(str, result.left_out))
        named = f"{agreed(len(result.left_out), 'trial', 'trials')} {trials}"
        found.append(
            f"the budget had no time to test {named}: the verdict says nothing about "
            f"{agreed(len(result.left_out), 'it', 'them')}"
        )
    if data.small:
        found.append(
            "the data is too small for a select split of its own: finalists were ranked on tune rows"
        )
    return found


def _of_noise(result: Result) -> list[str]:
    """Warn where the score of real rows is so uncertain that normalized scores are rough."""
    real = next((one for one in result.baselines if one.role == "ceiling"), None)
    floor = result.test.floor
    if real is None or floor is None or real.mean is None or real.low is None or real.high is None:
        return []
    if real.high - real.low <= ROUGH * abs(floor - real.mean):
        return []
    rows = result.data.rows["test"]
    return [
        f"{rows:,} test {declared(result.data.kind).plural} are few for this metric: real ones score "
        f"{mean_of(real)} ({between(real)}), so normalized scores are rough; ends outside of the "
        "metric's range are chance, since scores are not clipped"
    ]


def _of_time(result: Result) -> list[str]:
    """List the warnings about the budget, and about trials that failed."""
    found, time, failed = [], result.time, result.trials.failed
    if result.cut:
        shares = ", ".join(f"{100 * share:.0f} % ({family})" for family, share in result.cut.items())
        found.append(
            f"to keep the budget, trials were cut to as little as {shares} of their steps; give more time"
        )
    if failed:
        found.append(
            f"{failed} of {counted(result.trials.total, 'trial')} failed; the report gives the reasons"
        )
    if time and not time.kept:
        found.append(f"the study took {time.seconds:.0f} s, more than its budget of {time.budget:.0f} s")
    return found


def _not_caught(one: ContenderResult) -> bool:
    gate = one.tested.ranked.gate
    return gate is not None and gate.memorisation.passed
