"""The command `autogen judge`: answers in a table, or those of a run's own model."""

from pathlib import Path
from typing import Annotated

import typer


def judge(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Answers: a .csv or .jsonl file.")],
    output: Annotated[Path, typer.Option("-o", help="The same table with scores: .csv or .jsonl.")],
    metric: Annotated[
        list[str] | None, typer.Option(help="May be repeated. [all that the columns allow]")
    ] = None,
    question: Annotated[str | None, typer.Option(help="Column with what was asked.")] = None,
    answer: Annotated[str | None, typer.Option(help="Column with what is judged.")] = None,
    context: Annotated[str | None, typer.Option(help="Column that answers must be taken from.")] = None,
    truth: Annotated[str | None, typer.Option(help="Column with the true answer.")] = None,
    system: Annotated[str | None, typer.Option(help="Column that says who answered.")] = None,
    real: Annotated[
        Path | None, typer.Option(help="Real texts to calibrate on, one a line. [contexts and truths]")
    ] = None,
    endpoint: Annotated[
        str | None, typer.Option(help="OpenAI-compatible server of a judge. [$OPENAI_BASE_URL]")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Name of the model there. [$OPENAI_MODEL]")] = None,
    embeddings: Annotated[str | None, typer.Option(help="Folder, minilm or tfidf-svd.")] = None,
    concurrency: Annotated[int, typer.Option(help="Calls of the endpoint at once.")] = 4,
    rpm: Annotated[float | None, typer.Option(help="Calls a minute at most. [no limit]")] = None,
    max_calls: Annotated[
        int | None, typer.Option(help="Calls in all; what is left is missing. [no limit]")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(help="Seconds for asking in all; what is left is missing. [no limit]")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="File of judgements paid for. [~/.cache/autogen/judge.sqlite]")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of controls, ladders and intervals.")] = 0,
) -> None:
    """Judge generated answers: groundedness, relevance, coherence, fluency, similarity."""
    from autogen.judging.command import judge_file
    from autogen.judging.limits import Limits

    columns = {"question": question, "answer": answer, "context": context, "truth": truth, "system": system}
    limits = Limits(concurrency, rpm, max_calls, seconds)
    asking = {"endpoint": endpoint, "model": model, "limits": limits, "cache": cache}
    found = judge_file(
        file, metric or (), columns, output, embeddings=embeddings, real=real, seed=seed, **asking
    )
    typer.echo(found)
