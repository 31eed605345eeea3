"""The model card that is delivered with the best model."""

from collections.abc import Mapping
from typing import Any

from autogen.report.judging import judging_lines
from autogen.report.verdict import between, called, number


def card(result: Mapping[str, Any]) -> str:
    """The card as Markdown, from what ``result.json`` holds."""
    best, test, gate = result["best"], result["test"], result["memorisation"]
    data, objective = result["data"], result["objective"]
    settings = "\n".join(f"- `{name}`: {value}" for name, value in best["config"].items())
    notes = "\n".join(f"- {note}" for note in data["notes"]) or "- none"
    limits = "\n".join(f"- {warning}" for warning in result["warnings"]) or "- none noticed"
    calibrated = test["calibrated"]
    scale = (
        ""
        if calibrated is None
        else f", {calibrated:.3f} between the best trivial baseline (0) and real rows (1)"
    )
    copying = (
        f"{gate['share']:.1%} of its samples lie nearer to training rows than to equally many unseen rows "
        f"(p {number(gate['p_value'])}): it {'passes' if gate['passed'] else 'FAILS'} the memorisation test. "
        "That is a check, not a guarantee of privacy."
        if gate
        else "Not tested."
    )
    grades = "\n".join(judging_lines(result))
    graded = f"\n## What judges think of its texts\n\n{grades}\n" if grades else ""
    return f"""# {_title(best)} for {data["source"]}

{result["statement"]}

## Intended use

Draws new samples like those of the data below: `autogen sample RUN -n 1000 -o FILE`, or
`autogen.load("RUN/best").sample(1000)`. It says nothing about other data, and a sample is no record
of a real thing or person.

## How good it is

{objective["name"]} (version {objective["version"]}, {objective["direction"]}) on
{data["rows"]["test"]} test rows that neither training nor search has seen:
{number(test["mean"])} ({between(test)}, 95 %) over {test["seeds"]} training seeds{scale}.
The model in this folder is one of these {test["seeds"]}; its own score is {number(best["test_score"])}.
{result["configurations_tried"]} configurations were tried.
{graded}
## Does it copy?

{copying}

## Data

{data["source"]} ({data["kind"]}), sha256 {data["sha256"]}, trained on {data["rows"]["train"]} rows.

{notes}

## Limits

{limits}

## Settings

{best["parameters"]:,} parameters.

{settings}
"""


def _title(best: Mapping[str, Any]) -> str:
    name = called(best)
    return name[:1].upper() + name[1:]
