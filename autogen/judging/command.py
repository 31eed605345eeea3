"""Judge a table of answers: what `autogen judge` and `autogen.judge` do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.metrics import cohen_kappa_score

from autogen.data.texts.files import read_text
from autogen.judging.criteria import CRITERIA, Criterion, Item, Judgement
from autogen.judging.embedded.embedded import EmbeddedJudge, real_texts
from autogen.judging.embedded.embedding import MINILM, TFIDF, Encode, open_embedding
from autogen.judging.embedded.fluency import GeneratedFluency
from autogen.judging.embedded.scorer import Scorer
from autogen.judging.llm.cache import Cache, default_path
from autogen.judging.llm.endpoint import Endpoint
from autogen.judging.llm.judge import LanguageModelJudge
from autogen.judging.llm.limits import Limits
from autogen.judging.llm.rubrics import rubric_id
from autogen.judging.means import mean_scores
from autogen.judging.selfcheck import check
from autogen.judging.tables import check_suffix, items_of, read_table, wanted_criteria, write_table

Listen = Callable[[Judgement], None]


@dataclass
class Judged:
    """A judged table.

    Attributes:
        table: The input's columns; for each metric its score, ``.status`` and ``.reason``.
        means: Metric by metric and system by system: n, mean, low, high, skipped, missing, words.
        notes: For each metric who judged, and what is known about how far it can be trusted.
        calls: Requests sent to the endpoint.
    """

    table: pd.DataFrame
    means: pd.DataFrame
    notes: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: int = 0

    @property
    def selectable(self) -> list[str]:
        """The metrics that may select a model; those that failed a check are left out."""
        return [name for name, note in self.notes.items() if note["reliable"]]

    def __str__(self) -> str:
        lines = [self.means.round(3).to_string(index=False)]
        lines += [f"{name}: {note['about']}" for name, note in self.notes.items()]
        return "\n".join(lines)


def judge(
    data: pd.DataFrame | str | Path,
    metrics: Sequence[str] | str | None = None,
    *,
    question: str | None = None,
    answer: str | None = None,
    context: str | None = None,
    truth: str | None = None,
    system: str | None = None,
    endpoint: str | None = None,
    model: str | None = None,
    embeddings: str | Path | Encode | None = None,
    real: Sequence[str] = (),
    letterwise: bool = False,
    limits: Limits | None = None,
    cache: str | Path | None = None,
    seed: int = 0,
    listen: Listen | None = None,
) -> Judged:
    """Judge generated answers.

    Args:
        data: A DataFrame, or a .csv or .jsonl file.
        metrics: Names out of groundedness, relevance, coherence, fluency, similarity; with ``.judge`` for a
            language model or ``.embedded`` for scorers on this machine. A bare name takes the language
            model where an endpoint is given. By default all that the columns allow.
        question: Column with what was asked; by default the column of that name, as for the next four.
        answer: Column with what is judged.
        context: Column with what the answer was to be taken from.
        truth: Column with the true answer.
        system: Column that says which model wrote the answer.
        endpoint: Address of an OpenAI-compatible server; for ``.judge`` by default ``$OPENAI_BASE_URL``.
            The key is taken from ``$OPENAI_API_KEY``.
        model: Name of the model there; by default ``$OPENAI_MODEL``.
        embeddings: A folder, ``minilm``, ``tfidf-svd`` or a callable; by default the packaged MiniLM if
            it is installed, else TF-IDF.
        real: Real texts to calibrate on; by default the contexts and true answers of the table.
        letterwise: Whether a generator wrote the answers letter by letter, as those of text studies do: then
            ``fluency.embedded`` is the scorer of studies, which looks for misspelt words as well.
        limits: What may be asked of the endpoint.
        cache: File of judgements paid for; by default ``autogen/judge.sqlite`` in the user's cache folder.
        seed: Of controls, ladders and intervals.
        listen: Called with each judgement of a language model.

    Raises:
        DataError: the table cannot be read, or lacks a column.
        MetricError: the endpoint, the embedding or the cache cannot be used.
    """
    table = read_table(data)
    columns = {"question": question, "answer": answer, "context": context, "truth": truth, "system": system}
    wanted = wanted_criteria(metrics, table, columns, endpoint is not None)
    items = items_of(table, columns, [criterion for criterion, _ in wanted])
    result = Judged(table.copy(), pd.DataFrame())
    embedded = [criterion for criterion, by in wanted if by == "embedded"]
    asked = [criterion for criterion, by in wanted if by == "judge"]
    parts = []
    if embedded:
        embedding = open_embedding(
            embeddings, list(real) or real_texts(items) + [item.answer for item in items]
        )
        scorers = EmbeddedJudge(embedding, items, real, seed)
        kinds: dict[str, type[Scorer]] = {"fluency": GeneratedFluency} if letterwise else {}
        parts += [
            _embed(result, scorers, criterion, items, seed, kinds.get(criterion.name))
            for criterion in embedded
        ]
    if asked:
        parts += _ask(
            result,
            asked,
            items,
            Endpoint(endpoint, model),
            limits,
            Path(cache) if cache is not None else default_path(),
            seed,
            listen,
        )
    result.means = pd.concat(parts, ignore_index=True)
    _compare(result)
    return result


def judge_file(
    data: pd.DataFrame | str | Path,
    metrics: Sequence[str],
    columns: Mapping[str, str | None],
    out: str | Path,
    *,
    real: str | Path | None = None,
    **settings: Any,
) -> Judged:
    """Judge a file and write the table beside its scores.

    Args:
        data: A .csv or .jsonl file, or a table.
        metrics: As for ``judge``; empty for all that the columns allow.
        columns: Roles (question, answer, context, truth, system) to column names.
        out: The .csv or .jsonl file to be written.
        real: File of real texts to calibrate on, one a line.
        settings: Further arguments of ``judge``.
    """
    check_suffix(Path(out))
    given: dict[str, Any] = {**columns, **settings}
    texts = [line for line in read_text(Path(real))[0].splitlines() if line.strip()] if real else ()
    result = judge(data, metrics or None, real=texts, **given)
    write_table(result.table, Path(out))
    return result


def _embed(
    result: Judged,
    scorers: EmbeddedJudge,
    criterion: Criterion,
    items: list[Item],
    seed: int,
    kind: type[Scorer] | None,
) -> pd.DataFrame:
    name = f"{criterion.name}.embedded"
    found, calibration = scorers.judge(criterion, items, kind)
    ladder = None if calibration.reason else calibration.ladder
    by = scorers.embedding.name
    about = f"{by} vectors; {criterion.evidence}"
    about += "" if by == MINILM else " (that was found with MiniLM; other vectors may agree less)"
    about += "; made for texts written letter by letter" if kind else ""
    about += f"; scale from {ladder.source}" if ladder else f"; no scores: {calibration.reason}"
    if ladder and ladder.worst == ladder.worst:
        about += f" (real against worst damage AUC {ladder.worst:.2f}, against mildest {ladder.mildest:.2f})"
    # What nobody has found to agree with people must not choose a model.
    validated = not criterion.evidence.startswith("not validated")
    validated &= (criterion.name, by) != ("relevance", TFIDF)
    reliable = ladder is not None and validated
    result.notes[name] = {
        "by": by,
        "about": about,
        "reliable": reliable,
        "validated": validated,
        "ladder_auc": [ladder.worst, ladder.mildest] if ladder else None,
    }
    return _add(result, name, items, found, seed)


def _ask(
    result: Judged,
    asked: Sequence[Criterion],
    items: list[Item],
    endpoint: Endpoint,
    limits: Limits | None,
    cache_path: Path,
    seed: int,
    listen: Listen | None,
) -> list[pd.DataFrame]:
    cache = Cache(cache_path)
    parts = []
    try:
        judge = LanguageModelJudge(endpoint, limits, cache, listen)
        for criterion in asked:
            name = f"{criterion.name}.judge"
            trust = check(judge, criterion, items, seed)
            found = judge.judge(criterion, items)
            told = (
                f"AUC {trust.auc:.2f} on {trust.controls} controls" if trust.auc is not None else trust.reason
            )
            about = f"{endpoint.model}, rubric {rubric_id(criterion)}; self-check: {told}"
            about += "" if trust.reliable else "; UNRELIABLE, not to be selected on"
            note = {"by": endpoint.model, "about": about, "reliable": trust.reliable, "validated": False}
            result.notes[name] = note | {"controls_auc": trust.auc, "rubric": rubric_id(criterion)}
            parts.append(_add(result, name, items, found, seed))
        result.calls = judge.calls
    finally:
        cache.close()
        endpoint.close()
    return parts


def _add(result: Judged, name: str, items: list[Item], found: list[Judgement], seed: int) -> pd.DataFrame:
    result.table[name] = [one.score for one in found]
    result.table[f"{name}.status"] = [one.status for one in found]
    result.table[f"{name}.reason"] = [one.reason for one in found]
    return mean_scores(name, items, found, seed)


def _compare(result: Judged) -> None:
    """Tell the agreement of both kinds of judge where a metric has both: quadratic-weighted kappa."""
    for name in CRITERIA:
        ours, theirs = f"{name}.embedded", f"{name}.judge"
        if ours in result.notes and theirs in result.notes:
            both = result.table[[ours, theirs]].dropna()
            if len(both) > 1:
                first, second = (both[column].astype(float).round().astype(int) for column in both)
                kappa = cohen_kappa_score(first, second, labels=[1, 2, 3, 4, 5], weights="quadratic")
                result.notes[theirs]["kappa_with_embedded"] = float(kappa)
