"""The command `autogen judge`: judges answers in a table, or those of a run's own model."""

from pathlib import Path
from typing import Annotated, Any

import typer

from autogen.cli.options import listed
from autogen.errors import SettingsError


def judge(
    output: Annotated[Path, typer.Option("-o", help="The same table with scores: .csv or .jsonl.")],
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Answers: a .csv or .jsonl file; or --run.")
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME,...", help="Metrics. [all that the columns allow]"),
    ] = None,
    question: Annotated[str | None, typer.Option(help="Column of questions.")] = None,
    answer: Annotated[str | None, typer.Option(help="Column of answers, which are judged.")] = None,
    context: Annotated[
        str | None, typer.Option(help="Column of contexts that answers must follow from.")
    ] = None,
    truth: Annotated[str | None, typer.Option(help="Column of true answers.")] = None,
    system: Annotated[str | None, typer.Option(help="Column of the systems that answered.")] = None,
    run: Annotated[
        Path | None, typer.Option(help="Run whose text model writes the answers, instead of FILE.")
    ] = None,
    prompts: Annotated[
        Path | None, typer.Option(help="Prompts that the run's model completes: .csv or .jsonl.")
    ] = None,
    prompt: Annotated[
        str | None, typer.Option(help="Column of the prompts. [prompt, or the question]")
    ] = None,
    pairwise: Annotated[
        bool, typer.Option("--pairwise", help="Let a language model compare two systems, in both orders.")
    ] = False,
    against: Annotated[
        Path | None, typer.Option(help="Pairwise: the second system's answers. [two names in --system]")
    ] = None,
    real: Annotated[
        Path | None, typer.Option(help="Real texts to calibrate on, one per line. [contexts and truths]")
    ] = None,
    endpoint: Annotated[
        str | None, typer.Option(help="OpenAI-compatible server of a judge. [$OPENAI_BASE_URL]")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Name of the model there. [$OPENAI_MODEL]")] = None,
    embeddings: Annotated[str | None, typer.Option(help="Folder, minilm or tfidf-svd.")] = None,
    concurrency: Annotated[int, typer.Option(help="Calls of the endpoint at once.")] = 4,
    rpm: Annotated[float | None, typer.Option(help="Most calls per minute. [no limit]")] = None,
    max_calls: Annotated[
        int | None, typer.Option(help="Most calls in all; the rest has no score. [no limit]")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(help="Most seconds of calls in all; the rest has no score. [no limit]")
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(help="Cache of a language model's answers. [~/.cache/autogen/judge.sqlite]"),
    ] = None,
    n: Annotated[
        int | None, typer.Option("-n", "--n", min=1, help="Most answers to judge, the first ones. [all]")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Random seed.")] = 0,
) -> None:
    """Judge generated answers: groundedness, relevance, coherence, fluency, similarity.

    The answers stand in FILE, or the best model of a run writes them: --run RUN --prompts FILE.
    """
    from autogen.judging.command import judge_file
    from autogen.judging.llm.limits import Limits

    columns = {"question": question, "answer": answer, "context": context, "truth": truth, "system": system}
    limits = Limits(concurrency, rpm, max_calls, seconds)
    asking: dict[str, Any] = {"endpoint": endpoint, "model": model, "limits": limits, "cache": cache}
    metric = listed(metric) or None
    if n and (pairwise or against):
        raise SettingsError(
            "-n judges the first answers, but a comparison needs those of both systems; use --max-calls"
        )
    data = _answers(file, run, prompts, columns, prompt, seed, n)
    if pairwise or against:
        given = asking | columns | {"metrics": metric, "seed": seed}
        found: Any = _compared(file or run, data, against, output, given)
    else:
        asking |= {"embeddings": embeddings, "letterwise": run is not None, "seed": seed}
        found = judge_file(data, metric or (), columns, output, real=real, **asking)
    typer.echo(found)


def _compared(first: Path | None, data: Any, second: Path | None, output: Path, given: dict[str, Any]) -> Any:
    """Compare two systems and write the pairs; two files give the names of their systems."""
    from autogen.judging.pairwise import compare
    from autogen.judging.tables import check_suffix, write_table

    check_suffix(output)
    if first is not None and second is not None:
        names = first.stem, second.stem
        given |= {"names": names if names[0] != names[1] else (str(first), str(second))}
    found = compare(data, second, **given)
    write_table(found.table, output)
    return found


def _answers(
    file: Path | None,
    run: Path | None,
    prompts: Path | None,
    columns: dict[str, str | None],
    prompt: str | None,
    seed: int,
    n: int | None,
) -> Any:
    """Return the answers, or let a run's model write them and name their column in ``columns``."""
    from autogen.judging.tables import read_table

    if run is None:
        if prompts or prompt:
            raise SettingsError("--prompts and --prompt go with --run RUN, whose model writes the answers")
        if file is None:
            raise SettingsError("judge needs FILE with answers, or --run RUN --prompts FILE")
        return file if n is None else read_table(file).iloc[:n]
    if prompts is None or file is not None or columns["answer"]:
        raise SettingsError(
            "--run RUN goes with --prompts FILE, and with no FILE and no --answer: the model answers"
        )
    from autogen.generator.answers import GENERATED, answered

    table = answered(run, prompts, {"prompt": prompt, "question": columns["question"]}, seed, n)
    columns["answer"] = GENERATED
    return table
