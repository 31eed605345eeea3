"""Figures of a family's parameters: importance, parallel coordinates, and slices."""

from collections.abc import Sequence
from typing import Any

from autogen.hpo.objective import Objective
from autogen.report.figures.importance import explained, having, numeric, places, trends
from autogen.report.figures.plot import FAINT, GRAY, Plot, bars, color_of, dots, frame, label, lines, scale
from autogen.report.leaderboard import Trial
from autogen.report.scores import number
from autogen.report.verdict import FAMILIES


def importance(trials: Sequence[Trial], family: str, most: int = 10) -> Plot | None:
    """Share of the variance of the scores' ranks that each parameter of a family explains by itself."""
    found = explained(trials, family)
    if not found.shares:
        return None
    names = list(found.shares)[:most][::-1]
    shades = [color_of(family) if name in found.certain else GRAY for name in names]
    traces = [bars([found.shares[name] for name in names], names, "", GRAY, orientation="h",
                   marker={"color": shades})]  # fmt: skip
    first = names[-1]
    title = f"{first} explains most: {100 * found.shares[first]:.0f} % of the variance of scores (by rank)"
    if first not in found.certain:
        title = f"No parameter of the {FAMILIES.get(family, family)} family is shown to matter by itself"
    caption = (
        f"Variance of the scores' ranks that each parameter explains by itself, corrected for chance, over "
        f"{found.trials} trials of the {FAMILIES.get(family, family)} family {found.when}. Gray bars may be "
        "chance. Interactions of parameters do not show here, and a correlation is not a cause."
    )
    x = {"tickformat": ".0%", "range": [0, 1], "title": "explained"}
    return Plot(title, caption, traces, x, {"type": "category"}, 90 + 26 * len(names))


def slices(trials: Sequence[Trial], family: str, objective: Objective, most: int = 6) -> list[Plot]:
    """Score over each parameter of one family, the strongest trend first."""
    done = _complete(trials, family)
    strongest = list(trends(done).items())[:most]
    return [_slice(name, having(name, done), objective, strength) for name, strength in strongest]


def parallel(trials: Sequence[Trial], family: str, objective: Objective, most: int = 6) -> Plot | None:
    """Parallel coordinates: a line for each trial, the best fifth against the rest."""
    done = sorted(_complete(trials, family), key=lambda trial: objective.loss(trial["score"]))
    names = [name for name in trends(done) if len(having(name, done)) == len(done)][:most]
    if len(done) < 15 or len(names) < 2:
        return None
    columns = {name: [trial["config"][name] for trial in done] for name in names}
    placed = [places(columns[name]) for name in names]
    paths = [[(x, column[i]) for x, column in enumerate(placed)] for i in range(len(done))]
    cut = len(done) // 5
    traces = [
        lines(paths[cut:], "the rest", FAINT, 1.0),
        lines(paths[:cut], "best fifth", color_of(family), 2.2),
    ]
    spread = [max(column[:cut]) - min(column[:cut]) for column in placed]
    title = f"No parameter has one value that the best {cut} trials share"
    if min(spread) < 0.4:
        title = f"The best {cut} trials agree most on {names[spread.index(min(spread))]}"
    caption = (
        "Each line is a trial. The values of a parameter are in ascending order, evenly spaced; choices in "
        "alphabetical order."
    )
    y = {"tickvals": [0, 0.5, 1], "ticktext": ["low", "middle", "high"], "range": [-0.05, 1.05]}
    x = {"tickvals": list(range(len(names))), "ticktext": [_ends(name, columns[name]) for name in names]}
    return Plot(title, caption, traces, x, y, 300)


def _slice(name: str, trials: Sequence[Trial], objective: Objective, strength: float) -> Plot:
    values = [trial["config"][name] for trial in trials]
    number_like = numeric(values)
    shades = [color_of(trial["family"]) for trial in trials]
    points = dots(
        values if number_like else [str(value) for value in values],
        [trial["score"] for trial in trials],
        color=shades,
        opacity=0.75,
    )
    best = min(trials, key=lambda trial: objective.loss(trial["score"]))["config"][name]
    # Without a trend, strength times this root is about the absolute value of a standard normal.
    seen = strength * (len(trials) - 1) ** 0.5
    trend = "a clear trend" if seen > 3 else "some trend" if seen > 2 else "no clear trend"
    x = scale(values) if number_like else {"type": "category"}
    y, outside = frame([trial["score"] for trial in trials], objective)
    title = f"{name}: {trend}; best at {_value(best)}"
    return Plot(title, outside.strip(), [points], x, y | {"title": ""}, 230)


def _complete(trials: Sequence[Trial], family: str) -> list[Trial]:
    return [trial for trial in trials if trial["state"] == "complete" and trial["family"] == family]


def _ends(name: str, values: Sequence[Any]) -> str:
    """Label of an axis: the parameter's name without its section, over its lowest and highest value."""
    ordered = sorted(set(values), key=None if numeric(values) else str)
    ends = f"{_value(ordered[0])} … {_value(ordered[-1])}"
    return f"{label(name.partition('.')[2] or name)}<br>{label(ends)}"


def _value(value: Any) -> str:
    return number(value) if isinstance(value, float) else str(value)
