"""Scores for samples of any tool: each metric with its interval, normalized, and the hard tests.

These are the measures of a study's finalists, so other generators can be compared with them. With the rows
that the generator was fitted on (``train``), all real rows to compare with (``against``) are the reference,
rows of train give the ceiling, trivial baselines fitted on train the floor, and the memorization test
looks for copies of train. Without them nobody knows which real rows the generator has seen: ``against`` is
cut in two, one half is the reference, the other stands for train in floor and ceiling, and there is no
memorization test.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autogen import registry
from autogen.data.codec import Codec
from autogen.data.declaration import declared
from autogen.data.kind import WARNING, DataKind
from autogen.data.open import kind_of, known_object, named
from autogen.data.specs import Samples
from autogen.errors import MetricError, suggesting
from autogen.families.baselines.lookup import baselines_for
from autogen.metrics.base import Metric
from autogen.metrics.calibration import calibrated, floor_of, noise_of
from autogen.metrics.lookup import metric_for, metric_names, space_for
from autogen.metrics.memorization.constraints import memorisation_record
from autogen.metrics.memorization.diversity import Diversity, diversity
from autogen.metrics.memorization.gate import Memorization, joined, memorisation
from autogen.metrics.memorization.lookup import copy_evidence
from autogen.metrics.tables.relations import Relations
from autogen.verdict.statistics import interval_of_rows

#: Most samples that are compared by default.
MOST = 2000
#: Fewest rows of each side that can be compared.
FEWEST = 10
#: Version of the JSON record.
SCHEMA = 1


@dataclass(frozen=True)
class Scored:
    """Score of the samples by one metric.

    Attributes:
        mean: Score.
        low: Lower end of its 95 % interval, over the rows of both sides.
        high: Upper end of the interval.
        direction: ``minimize`` or ``maximize``.
        version: Version of the metric.
        floor: Score of the best trivial baseline.
        ceiling: Score of as many real rows.
        normalized: Score on the line from floor (0) to ceiling (1); ``None`` if chance explains their
            difference.
    """

    mean: float
    low: float
    high: float
    direction: str
    version: int
    floor: float
    ceiling: float
    normalized: float | None

    def cells(self) -> tuple[str, ...]:
        """Score, interval, better direction and normalized score as texts."""
        better = "lower" if self.direction == "minimize" else "higher"
        place = "none" if self.normalized is None else f"{self.normalized:.2f}"
        return f"{self.mean:.4g}", f"{self.low:.4g} to {self.high:.4g}", better, place


@dataclass(frozen=True, repr=False)
class Scores:
    """Scores of a set of samples; printed as a table of the metrics with the results of the hard tests.

    Attributes:
        kind: Kind of data.
        n: Number of samples that were compared with as many real ones.
        metrics: Scores by the metric's name with its feature space.
        memorisation: Memorization test; ``None`` if train is not known.
        diversity: Diversity test.
        evidence: Further evidence of copying by name, each of the ``samples`` and of ``unseen`` real ones;
            see ``copy_evidence``.
        notes: Decisions of reading, and what cannot be known, one per sentence.
        relations: Pairs of columns, rules and utility of a table; ``None`` for other kinds.
    """

    kind: str
    n: int
    metrics: dict[str, Scored]
    memorisation: Memorization | None
    diversity: Diversity
    evidence: dict[str, dict[str, float]]
    notes: tuple[str, ...]
    relations: Relations | None = None

    @property
    def normalized(self) -> dict[str, float | None]:
        """Normalized score of each metric, by name; ``None`` without a scale."""
        return {name: scored.normalized for name, scored in self.metrics.items()}

    def __repr__(self) -> str:
        """A table like that of ``autogen score``, without notes and relations."""
        head = ("metric", "score", "95 % interval", "better", "normalized")
        lines = [head, *((name, *scored.cells()) for name, scored in self.metrics.items())]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        table = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
        copies = "not done: train is not known"
        if self.memorisation is not None:
            copies = "passed" if self.memorisation.passed else "REFUSED: the samples copy train"
        repeats = "passed" if self.diversity.passed else "REFUSED: the samples repeat each other"
        return "\n".join(
            [
                f"Scores of {self.n} samples ({self.kind}); normalized: 0 best trivial baseline, 1 real data",
                *table,
                f"memorization test: {copies}",
                f"diversity test: {repeats}",
            ]
        )

    def to_json(self) -> dict[str, Any]:
        """Convert to the JSON values that ``autogen score --json`` prints."""
        metrics = {name: asdict(scored) for name, scored in self.metrics.items()}
        for record in metrics.values():
            del record["normalized"]
        return {
            "schema": SCHEMA,
            "kind": self.kind,
            "n": self.n,
            "metrics": metrics,
            "calibrated": self.normalized,
            "memorisation": None if self.memorisation is None else memorisation_record(self.memorisation),
            "diversity": asdict(self.diversity),
            "evidence": self.evidence,
            "notes": list(self.notes),
            "relations": None if self.relations is None else self.relations.to_json(),
        }


@dataclass(frozen=True)
class _Sides:
    """Samples and real rows of a comparison.

    Attributes:
        kind: Kind of data.
        codec: Codec, fitted on ``known``.
        fake: Samples.
        reference: Real rows that the samples are compared with.
        known: Real rows for floor and ceiling: train, or half of the real rows.
        train: All rows that the generator was fitted on, or ``None``.
        unseen: All other real rows.
        notes: Notes of the readers.
    """

    kind: DataKind
    codec: Codec
    fake: Samples
    reference: Samples
    known: Samples
    train: Samples | None
    unseen: Samples
    notes: tuple[str, ...]


@suggesting("autogen.score")
def score(
    samples: Any,
    *,
    against: Any,
    train: Any = None,
    kind: str | None = None,
    target: str | None = None,
    columns: Mapping[str, str] | None = None,
    rules: Sequence[str] = (),
    metrics: Sequence[str] = (),
    features: Any = None,
    n: int = MOST,
    seed: int = 0,
) -> Scores:
    """Score samples against real rows that their generator has not seen.

    Args:
        samples: Path, or samples in memory: a DataFrame, an array (N, D) of a table, a list of str, a uint8
            array (N, H, W, C).
        against: Real rows that the generator has not seen, given in the same way, or a built-in name.
        train: Rows that the generator was fitted on; without them there is no memorization test.
        kind: Kind of data; recognized if ``None``.
        target: Column that ``tstr`` predicts; for tables.
        columns: Kinds of columns by name, as in ``search``; ``drop`` leaves a column out.
        rules: Rules of a table, as in ``search``; the shares of rows that break them are reported.
        metrics: Names of metrics; default all of the kind.
        features: Feature space of the metrics that have one: a name, a module of torch, a callable, or
            ``package.module:name``, which is imported; default the kind's own.
        n: Most samples to compare with as many real ones; default 2,000.
        seed: Random seed of the subsets and of the trivial baselines; default 0.

    Raises:
        UserError: the samples cannot be scored; one line says why and what to do.
    """
    options = {name: given for name, given in (("target", target), ("columns", columns)) if given}
    samples, against, train = map(known_object, (samples, against, train))
    sides = _read(samples, against, train, kind, options, seed)
    names = list(metrics) or metric_names(sides.kind.name, target or "")
    space = space_for(features, sides.kind.name)
    chosen = [metric_for(name, sides.kind.name, space=space, target=target or "") for name in names]
    size = min(n, *(len(side) for side in (sides.fake, sides.reference, sides.known)))
    _refuse_too_few(sides, size)
    compared = _Compared(sides, size, seed)
    scored = {metric.objective.name: compared.scored(metric) for metric in chosen}
    gate, evidence, real = None, {}, sides.unseen
    if sides.train is not None:
        gate = memorisation(sides.fake, sides.train, sides.unseen, sides.codec)
        real = joined(sides.train, sides.unseen)
        found = [copy_evidence(side, sides.train, sides.codec) for side in (sides.fake, sides.unseen)]
        evidence = {name: {"samples": found[0][name], "unseen": found[1][name]} for name in found[0]}
    repeats = diversity(sides.fake, real, sides.codec)
    notes = (*sides.notes, *_caveats(sides, size))
    relations = _relations(sides, target or "", rules, (compared.reference, compared.fake))
    return Scores(sides.kind.name, size, scored, gate, repeats, evidence, notes, relations)


def _relations(
    sides: _Sides, target: str, rules: Sequence[str], compared: tuple[Samples, Samples]
) -> Relations | None:
    """Compare pairs of columns, rules and utility; ``None`` for kinds of data without columns."""
    place = declared(sides.kind.name).relations
    if not place:
        if rules:
            raise MetricError(
                f"rules are about columns of tables, but the data is {sides.kind.name}; leave them out"
            )
        return None
    given = {"rules": rules} if rules else {}
    found: Relations = registry.load(place)(
        sides.known, sides.reference, sides.fake, sides.codec, target, compared=compared, **given
    )
    return found


class _Compared:
    """Equally many samples, real rows, rows for the ceiling and samples of the trivial baselines.

    Args:
        sides: Samples and real rows.
        size: Number of rows of each.
        seed: Random seed of subsets and baselines.
    """

    def __init__(self, sides: _Sides, size: int, seed: int) -> None:
        self.codec = sides.codec
        self.fake, self.reference, known = (
            _drawn(sides.kind, side, seed + place)
            for place, side in enumerate((sides.fake, sides.reference, sides.known))
        )
        self.fake, self.reference, self.ceiling = (
            sides.kind.take(side, np.arange(size)) for side in (self.fake, self.reference, known)
        )
        # Rows of the ceiling must not be in a metric's background: they would look too plausible.
        rest = sides.kind.take(known, np.arange(size, len(known)))
        self.background = rest if len(rest) >= size else None
        self.trivial = []
        for baseline in baselines_for(sides.kind.name).values():
            if baseline.trivial:
                model = baseline()
                model.fit(sides.known, sides.codec)
                self.trivial.append(model.sample(size, np.random.default_rng(seed)))

    def scored(self, metric: Metric) -> Scored:
        """Score the samples by a metric."""
        goal = metric.objective
        if self.background is None:
            reference = metric.prepare(self.reference, self.codec)
        else:
            reference = metric.prepare_with(self.reference, self.codec, self.background)
        groups = metric.groups(len(self.fake))
        value, replicates = metric.jackknife(reference, self.fake, groups)
        found = interval_of_rows(value, replicates)
        trivial = [metric.score(reference, made) for made in self.trivial]
        floor = floor_of(trivial, goal.direction)
        lowest = self.trivial[trivial.index(floor)]
        apart = interval_of_rows(*metric.jackknife(reference, lowest, groups))
        ceiling = metric.score(reference, self.ceiling)
        place = calibrated(value, floor, ceiling, goal.direction, noise_of(apart.low, apart.high))
        return Scored(value, found.low, found.high, goal.direction, goal.version, floor, ceiling, place)


def _read(
    samples: Any, against: Any, train: Any, kind: str | None, options: dict[str, Any], seed: int
) -> _Sides:
    """Read the rows that may be known, fit the codec on them, and read the others like them."""
    reader = kind_of(against, kind)
    side, source = ("against", against) if train is None else ("train", train)
    raw = reader.read(source, options)
    codec = named(reader.fit(raw, np.arange(len(raw.samples))), reader.name)
    like = {
        "reference": str(source) if isinstance(source, (str, Path)) else f"the table given as {side}",
        "left_out": [one["name"] for one in raw.meta.get("left_out", ())],
    }
    found = {"samples": reader.read_like(samples, codec, like)}
    if train is None:
        order = np.random.default_rng(seed).permutation(len(raw.samples))
        halves = [reader.take(raw.samples, np.sort(part)) for part in np.array_split(order, 2)]
        reference, known, unseen = halves[0], halves[1], raw.samples
    else:
        found["against"] = reader.read_like(against, codec, like)
        reference = unseen = found["against"].samples
        known = raw.samples
    # Warnings are about the split of rows, and there is no split here.
    notes = tuple(
        f"{side}: {note}"
        for side, read in {side: raw, **found}.items()
        for note in read.notes
        if not note.startswith(WARNING)
    )
    made = found["samples"].samples
    return _Sides(reader, codec, made, reference, known, None if train is None else known, unseen, notes)


def _refuse_too_few(sides: _Sides, size: int) -> None:
    if size >= FEWEST:
        return
    unit = sides.kind.unit
    raise MetricError(
        f"at least {FEWEST} {unit}s of each side are needed; got {len(sides.fake)} samples, "
        f"{len(sides.reference)} real {unit}s to compare them with and {len(sides.known)} others. "
        f"Bring more."
    )


def _caveats(sides: _Sides, size: int) -> list[str]:
    """Notes about the comparison."""
    unit = sides.kind.unit
    notes = [f"{size} of {len(sides.fake)} samples were compared with as many real {unit}s."]
    if sides.train is None:
        notes.append(
            f"Without the {unit}s that the generator was fitted on there is no memorization test, and its "
            f"scores are too good if it has seen the real {unit}s given here. One half of these is the "
            f"reference, the other half gives floor and ceiling."
        )
    return notes


def _drawn(kind: DataKind, samples: Samples, seed: int) -> Samples:
    """Shuffle samples."""
    return kind.take(samples, np.random.default_rng([seed, 1]).permutation(len(samples)))
