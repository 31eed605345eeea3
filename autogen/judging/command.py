"""Judge a table of answers, for `autogen judge` and `autogen.judge`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.metrics import cohen_kappa_score

from autogen.data.texts.files import read_text
from autogen.errors import suggesting
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
    """Result of judging a table.

    Attributes:
        table: columns of the input, and for each metric its score, ``.status`` and ``.reason``.
        means: one row per metric and system: n, mean, low, high, skipped, missing, words.
        notes: for each metric, the judge and the evidence of its reliability.
        calls: number of requests sent to the endpoint.
    """

    table: pd.DataFrame
    means: pd.DataFrame
    notes: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: int = 0

    @property
    def selectable(self) -> list[str]:
        """Metrics that may select a model, without those that failed their check."""
        return [name for name, note in self.notes.items() if note["reliable"]]

    def __str__(self) -> str:
        lines = [self.means.round(3).to_string(index=False)]
        lines += [f"{name}: {note['about']}" for name, note in self.notes.items()]
        return "\n".join(lines)


@suggesting("autogen.judge")
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
        data: DataFrame, or .csv or .jsonl file.
        metrics: names among groundedness, relevance, coherence, fluency, similarity, with ``.judge`` for a
            language model or ``.embedded`` for scorers on this machine. A bare name means the language
            model if ``endpoint`` is set. By default all metrics that the columns allow.
        question: column with the questions; by default the column of that name, as for the next four.
        answer: column with the answers to judge.
        context: column with the sources of the answers.
        truth: column with the reference answers.
        system: column with the name of the model that wrote the answer.
        endpoint: address of an OpenAI-compatible server; for ``.judge`` by default ``$OPENAI_BASE_URL``.
            The key comes from ``$OPENAI_API_KEY``.
        model: name of the model at the endpoint; by default ``$OPENAI_MODEL``.
        embeddings: folder, ``minilm``, ``tfidf-svd`` or a callable; by default the packaged MiniLM if
            it is installed, else TF-IDF.
        real: real texts for the calibration; by default the contexts and reference answers of the table.
        letterwise: True if a generator wrote the answers letter by letter, as models of text studies do;
            ``fluency.embedded`` then also looks for misspelled words.
        limits: limits on requests to the endpoint.
        cache: file of cached judgements; by default ``autogen/judge.sqlite`` in the user's cache folder.
        seed: random seed of controls, perturbations and intervals.
        listen: callback for each judgement of a language model.

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
    """Judge a file and write the table with its scores.

    Args:
        data: .csv or .jsonl file, or a table.
        metrics: names as in ``judge``; empty for all metrics that the columns allow.
        columns: roles (question, answer, context, truth, system) to column names.
        out: .csv or .jsonl file to write.
        real: file of real texts for the calibration, one per line.
        settings: further arguments of ``judge``.
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
    curve = None if calibration.reason else calibration.curve
    by = scorers.embedding.name
    about = f"{by} vectors; {criterion.evidence}"
    about += "" if by == MINILM else " (measured with MiniLM; other vectors may agree less)"
    about += "; made for texts written letter by letter" if kind else ""
    about += f"; scale from {curve.source}" if curve else f"; no scores: {calibration.reason}"
    if curve and curve.worst == curve.worst:
        about += f" (AUC of real text {curve.worst:.2f} against the worst perturbation, "
        about += f"{curve.mildest:.2f} against the mildest)"
    # A score whose agreement with people was never measured must not choose a model.
    validated = not criterion.evidence.startswith("not validated")
    validated &= (criterion.name, by) != ("relevance", TFIDF)
    reliable = curve is not None and validated
    result.notes[name] = {
        "by": by,
        "about": about,
        "reliable": reliable,
        "validated": validated,
        "ladder_auc": [curve.worst, curve.mildest] if curve else None,
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
            outcome = (
                f"AUC {trust.auc:.2f} on {trust.controls} controls" if trust.auc is not None else trust.reason
            )
            about = f"{endpoint.model}, rubric {rubric_id(criterion)}; self-check: {outcome}"
            about += "" if trust.reliable else "; UNRELIABLE, do not select models by it"
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
    """Note the agreement of both kinds of judges of a metric: quadratic-weighted kappa."""
    for name in CRITERIA:
        ours, theirs = f"{name}.embedded", f"{name}.judge"
        if ours in result.notes and theirs in result.notes:
            both = result.table[[ours, theirs]].dropna()
            if len(both) > 1:
                first, second = (both[column].astype(float).round().astype(int) for column in both)
                kappa = cohen_kappa_score(first, second, labels=[1, 2, 3, 4, 5], weights="quadratic")
                result.notes[theirs]["kappa_with_embedded"] = float(kappa)
