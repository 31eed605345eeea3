"""Pairwise comparison: a language model compares two systems' answers, in both orders."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from autogen.errors import DataError, MetricError, agreed, counted
from autogen.judging.calibration import RELIABLE
from autogen.judging.criteria import Criterion, Item, get_criterion, paired
from autogen.judging.embedded.texts import words
from autogen.judging.llm.cache import Cache, default_path
from autogen.judging.llm.endpoint import Endpoint
from autogen.judging.llm.judge import LanguageModelJudge
from autogen.judging.llm.limits import Limits
from autogen.judging.llm.rubrics import rubric_id
from autogen.judging.selfcheck import FEWEST, controls
from autogen.judging.tables import items_of, read_table, wanted_criteria

#: 97.5 % quantile of the normal distribution.
_Z = 1.96
_EQUAL = 3


@dataclass
class Compared:
    """Result of a pairwise comparison of two systems.

    Attributes:
        table: one row per pair: the question, both answers, and for each metric the better one (name of the
            system, or ``tie``), with ``.status`` and ``.reason``.
        rates: one row per metric: n, wins, ties and losses of the first system, its win_rate (a tie counts
            as half a win) with low and high, the share of pairs with the same outcome in both orders,
            skipped, missing, and the mean number of words of each system's answers.
        notes: for each metric, the judge and the evidence of its reliability.
        calls: number of requests sent to the endpoint.
    """

    table: pd.DataFrame
    rates: pd.DataFrame
    notes: dict[str, str] = field(default_factory=dict)
    calls: int = 0

    def __str__(self) -> str:
        lines = [self.rates.round(3).to_string(index=False)]
        return "\n".join(lines + [f"{name}: {note}" for name, note in self.notes.items()])


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of one pair.

    Attributes:
        status: ``ok``, ``skipped`` or ``missing``.
        wins: 1, 0.5 or 0 wins of the first answer; ``None`` unless the status is ``ok``.
        alike: True if both orders gave the same outcome.
        reason: explanation by the language model, or why there is no outcome.
    """

    status: str
    wins: float | None = None
    alike: bool = False
    reason: str = ""


def compare(
    data: pd.DataFrame | str | Path,
    against: pd.DataFrame | str | Path | None = None,
    metrics: Sequence[str] | str | None = None,
    *,
    names: tuple[str, str] = ("first", "second"),
    question: str | None = None,
    answer: str | None = None,
    context: str | None = None,
    truth: str | None = None,
    system: str | None = None,
    endpoint: str | None = None,
    model: str | None = None,
    limits: Limits | None = None,
    cache: str | Path | None = None,
    seed: int = 0,
) -> Compared:
    """Compare two systems' answers to the same questions.

    Args:
        data: answers of both systems with the column ``system``, or answers of the first system.
        against: answers of the second system, with the same columns.
        metrics: names as in ``judge``, for a language model; by default all that the columns allow.
        names: names of the two systems, if ``against`` is given.
        question: column with the questions, by which answers are paired.
        answer: column with the answers to compare.
        context: column with the sources of the answers.
        truth: column with the reference answers.
        system: column with the name of the system that wrote the answer.
        endpoint: address of an OpenAI-compatible server; by default ``$OPENAI_BASE_URL``.
        model: name of the model at the endpoint; by default ``$OPENAI_MODEL``.
        limits: limits on requests to the endpoint.
        cache: file of cached judgements.
        seed: random seed of the controls.

    Raises:
        DataError: a table cannot be read or lacks a column, or it does not hold two systems.
        MetricError: the endpoint or the cache cannot be used, or a metric is not one of a language model.
    """
    columns = {"question": question, "answer": answer, "context": context, "truth": truth, "system": system}
    tables = [read_table(source) for source in (data, against) if source is not None]
    wanted = wanted_criteria(metrics, tables[0], columns, asks=True)
    if strange := [criterion.name for criterion, by in wanted if by != "judge"]:
        raise MetricError(f"pairs need a language model: use {strange[0]}.judge, not .embedded")
    needed = [get_criterion("relevance"), *(criterion for criterion, _ in wanted)]
    sets = [items_of(table, columns, needed) for table in tables]
    if len(sets) == 2:
        named = [[replace(item, system=name) for item in own] for name, own in zip(names, sets, strict=True)]
        sets = [named[0] + named[1]]
    first, second, pairs = paired_items(sets[0])
    result = Compared(_pairs_table(first, second, pairs), pd.DataFrame())
    place, kept = Endpoint(endpoint, model), Cache(Path(cache) if cache is not None else default_path())
    try:
        judge = LanguageModelJudge(place, limits, kept)
        for criterion, _ in wanted:
            _compare(result, judge, criterion, (first, second), pairs, seed)
        result.calls = judge.calls
    finally:
        kept.close()
        place.close()
    return result


def paired_items(items: Sequence[Item]) -> tuple[str, str, list[Item]]:
    """Pair the answers of two systems to the same questions.

    Returns:
        The names of the two systems, in the order of the items, and the first one's answers, each with the
        second one's as ``rival``.

    Raises:
        DataError: there are not exactly two systems, or no question that both answered.
    """
    systems = list(dict.fromkeys(item.system for item in items))
    if len(systems) != 2 or "" in systems:
        raise DataError(
            "a comparison needs two systems: a column with two names (--system), or a second file "
            f"(--against); got {', '.join(map(repr, systems[:6])) if any(systems) else 'no names'}"
        )
    other = defaultdict[tuple[str, str, str], list[str]](list)
    for item in items:
        if item.system == systems[1]:
            other[_asked(item)].append(item.answer)
    pairs = [
        replace(item, rival=other[_asked(item)].pop(0))
        for item in items
        if item.system == systems[0] and other[_asked(item)]
    ]
    if not pairs:
        raise DataError(
            f"{systems[0]} and {systems[1]} have no question in common; give answers to the same questions"
        )
    return systems[0], systems[1], pairs


def outcomes(judge: LanguageModelJudge, criterion: Criterion, pairs: Sequence[Item]) -> list[Outcome]:
    """Ask for the better answer of each pair in both orders; if the orders disagree, it is a tie."""
    turned = [replace(item, answer=item.rival, rival=item.answer) for item in pairs]
    found = judge.judge(paired(criterion), [*pairs, *turned])
    results = []
    for one, other in zip(found[: len(pairs)], found[len(pairs) :], strict=True):
        if one.score is None or other.score is None:
            failed = one if one.score is None else other
            results.append(Outcome(failed.status, reason=failed.reason))
            continue
        signs = np.sign(_EQUAL - one.score), np.sign(other.score - _EQUAL)
        alike = bool(signs[0] == signs[1])
        reason = one.reason if alike else f"the orders disagree: {one.reason} / {other.reason}"
        results.append(Outcome("ok", float(1 + signs[0]) / 2 if alike else 0.5, alike, reason))
    return results


def wilson(rate: float, n: int) -> tuple[float, float]:
    """Compute the 95 % score interval of a rate of n trials (Wilson 1927); it is conservative for ties."""
    if n == 0:
        return float("nan"), float("nan")
    center, scale = rate + _Z**2 / (2 * n), 1 + _Z**2 / n
    half = _Z * math.sqrt(rate * (1 - rate) / n + _Z**2 / (4 * n**2))
    return (center - half) / scale, (center + half) / scale


def _compare(
    result: Compared,
    judge: LanguageModelJudge,
    criterion: Criterion,
    systems: tuple[str, str],
    pairs: list[Item],
    seed: int,
) -> None:
    """Compare the pairs by one criterion, and add the outcomes to the result."""
    name = f"{criterion.name}.judge"
    rubric = rubric_id(paired(criterion))
    result.notes[name] = f"{judge.model}, rubric {rubric}; {_trust(judge, criterion, pairs, seed)}"
    found = outcomes(judge, criterion, pairs)
    who = {1.0: systems[0], 0.5: "tie", 0.0: systems[1], None: ""}
    result.table[f"{name}.better"] = [who[one.wins] for one in found]
    result.table[f"{name}.status"] = [one.status for one in found]
    result.table[f"{name}.reason"] = [one.reason for one in found]
    row = {"metric": name, "first": systems[0], "second": systems[1]} | _rates(found, pairs)
    result.rates = pd.concat([result.rates, pd.DataFrame([row])], ignore_index=True)


def _rates(found: Sequence[Outcome], pairs: Sequence[Item]) -> dict[str, float]:
    graded = [(one, _asked(item)) for one, item in zip(found, pairs, strict=True) if one.wins is not None]
    wins = np.array([one.wins for one, _ in graded], dtype=float)
    rate = float(wins.mean()) if len(wins) else float("nan")
    # Answers to one question are not independent: the interval counts questions.
    low, high = wilson(rate, len({asked for _, asked in graded}))
    counted = {
        name: int((wins == value).sum()) for name, value in (("wins", 1), ("ties", 0.5), ("losses", 0))
    }
    without = {status: sum(one.status == status for one in found) for status in ("skipped", "missing")}
    alike = float(np.mean([one.alike for one, _ in graded])) if graded else float("nan")
    lengths = [float(np.mean([len(words(text)) for text in own])) for own in _answers(pairs)]
    return (
        {"n": len(wins)}
        | counted
        | {"win_rate": rate, "low": low, "high": high, "alike": alike}
        | without
        | {"words_first": lengths[0], "words_second": lengths[1]}
    )


def _trust(judge: LanguageModelJudge, criterion: Criterion, pairs: Sequence[Item], seed: int) -> str:
    """Test how often the judge prefers sound answers to corrupted ones (foreign, or shuffled words)."""
    corrupted_by = criterion if criterion.name in ("coherence", "fluency") else get_criterion("relevance")
    sound, corrupted = controls(corrupted_by, pairs, seed)
    tried = [replace(good, rival=bad.answer) for good, bad in zip(sound, corrupted, strict=True)]
    wins = [one.wins for one in outcomes(judge, criterion, tried) if one.wins is not None]
    if len(wins) < FEWEST:
        compared = f"{counted(len(wins), 'control')} {agreed(len(wins), 'was', 'were')} compared"
        return f"self-check: only {compared}; UNRELIABLE, do not select models by it"
    rate = float(np.mean(wins))
    outcome = f"self-check: prefers {rate:.2f} of {len(wins)} sound answers to corrupted ones"
    return outcome if rate >= RELIABLE else f"{outcome}; UNRELIABLE, do not select models by it"


def _pairs_table(first: str, second: str, pairs: Sequence[Item]) -> pd.DataFrame:
    own, other = _answers(pairs)
    columns = {"question": [item.question for item in pairs]}
    return pd.DataFrame(columns | {f"answer of {first}": own, f"answer of {second}": other})


def _answers(pairs: Sequence[Item]) -> tuple[list[str], list[str]]:
    return [item.answer for item in pairs], [item.rival for item in pairs]


def _asked(item: Item) -> tuple[str, str, str]:
    return item.question, item.context, item.truth
