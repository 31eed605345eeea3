"""Scores for samples that any tool made: each metric with its interval, calibrated, and the gate.

The same measures as of a study's finalists, so that other generators can be held to them. With the
rows that the generator was fitted on (``train``), the real rows to be compared with (``against``) are
all used as the reference, real rows of train are the ceiling, trivial baselines fitted on train the
floor, and copies of train are sought. Without them it cannot be known which real rows the generator
has seen: ``against`` is then cut in two, one half is the reference and the other stands for train in
floor and ceiling, and there is no verdict on copies.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from autogen import registry
from autogen.data.codec import Codec
from autogen.data.declaration import declared
from autogen.data.kind import DataKind
from autogen.data.open import kind_of, named
from autogen.data.specs import Samples
from autogen.errors import MetricError
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

#: Most samples that are compared, unless the user says otherwise.
MOST = 2000
FEWEST = 10
SCHEMA = 1


@dataclass(frozen=True)
class Scored:
    """What one metric says of the samples.

    Attributes:
        mean: The score.
        low: Lower end of its 95 % interval, over the rows of both sides.
        high: Upper end.
        direction: ``minimize`` or ``maximize``.
        version: Of the metric.
        floor: Score of the best trivial baseline.
        ceiling: Score of as many real rows.
        calibrated: The score between floor (0) and ceiling (1); ``None`` where these are not apart
            beyond chance.
    """

    mean: float
    low: float
    high: float
    direction: str
    version: int
    floor: float
    ceiling: float
    calibrated: float | None


@dataclass(frozen=True)
class Scores:
    """What is known of a set of samples.

    Attributes:
        kind: Of the data.
        n: Samples compared with as many real ones.
        metrics: By name with feature space.
        memorisation: Whether they are copies of train; ``None`` where train is not known.
        diversity: Whether they repeat each other more than real rows do.
        evidence: More that tells of copies, by name: of the ``samples`` and of ``unseen`` real ones. See
            ``copy_evidence``.
        notes: What was decided on the way, and what cannot be known.
        relations: Of a table: pairs of columns, rules and utility; ``None`` for other kinds.
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
    def calibrated(self) -> dict[str, float | None]:
        """Each metric's score between floor and ceiling."""
        return {name: scored.calibrated for name, scored in self.metrics.items()}

    def to_json(self) -> dict[str, Any]:
        """What ``autogen score --json`` prints."""
        metrics = {name: asdict(scored) for name, scored in self.metrics.items()}
        for record in metrics.values():
            del record["calibrated"]
        return {
            "schema": SCHEMA,
            "kind": self.kind,
            "n": self.n,
            "metrics": metrics,
            "calibrated": self.calibrated,
            "memorisation": None if self.memorisation is None else memorisation_record(self.memorisation),
            "diversity": asdict(self.diversity),
            "evidence": self.evidence,
            "notes": list(self.notes),
            "relations": None if self.relations is None else self.relations.to_json(),
        }


@dataclass(frozen=True)
class _Sides:
    """Everything that is compared.

    Attributes:
        kind: Of the data.
        codec: Fitted on ``known``.
        fake: The samples.
        reference: Real rows that they are compared with.
        known: Real rows for floor and ceiling: train, or half of the real rows.
        train: All rows that the generator was fitted on, or ``None``.
        unseen: All other real rows.
        notes: Of the readers.
    """

    kind: DataKind
    codec: Codec
    fake: Samples
    reference: Samples
    known: Samples
    train: Samples | None
    unseen: Samples
    notes: tuple[str, ...]


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
        samples: A path, or in memory: a DataFrame, a list of str, a uint8 array.
        against: Real rows, the same way, or a built-in name.
        train: The rows that the generator was fitted on; without them copies cannot be told.
        kind: Of the data; recognised where ``None``.
        target: Column that a table is about; ``tstr`` predicts it.
        columns: Kinds of a table's columns by name, as for a search; ``drop`` leaves a column out.
        rules: Rules of a table, as for a search; they are reported with the shares of rows that break them.
        metrics: Names; all of the kind where empty.
        features: Feature space of the metrics that have one: a name, a module of torch, a callable, or
            ``package.module:name``, which is imported; the kind's own where ``None``.
        n: Most samples to compare; as many real ones are taken.
        seed: Of what is drawn.

    Raises:
        UserError: what was given cannot be scored; one line that says why and what to do.
    """
    options = {name: given for name, given in (("target", target), ("columns", columns)) if given}
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
    relations = _relations(sides, target or "", rules)
    return Scores(sides.kind.name, size, scored, gate, repeats, evidence, notes, relations)


def _relations(sides: _Sides, target: str, rules: Sequence[str]) -> Relations | None:
    """Pairs of columns, rules and utility, of kinds of data that have them."""
    place = declared(sides.kind.name).relations
    if not place:
        if rules:
            raise MetricError(
                f"rules are about columns of tables, but the data is {sides.kind.name}; leave them out"
            )
        return None
    given = {"rules": rules} if rules else {}
    found: Relations = registry.load(place)(
        sides.known, sides.reference, sides.fake, sides.codec, target, **given
    )
    return found


class _Compared:
    """Equally many samples, real rows and rows for the ceiling, with the trivial baselines' samples.

    Args:
        sides: Everything that was read.
        size: How many of each.
        seed: Of the draws.
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
        """What a metric says."""
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
    """Read the real rows, fit the codec on those that may be known, read the rest as these are."""
    reader = kind_of(against, kind)
    raw = reader.read(against if train is None else train, options)
    codec = named(reader.fit(raw, np.arange(len(raw.samples))), reader.name)
    found = {"samples": reader.read_like(samples, codec, {})}
    if train is None:
        order = np.random.default_rng(seed).permutation(len(raw.samples))
        halves = [reader.take(raw.samples, np.sort(part)) for part in np.array_split(order, 2)]
        reference, known, unseen = halves[0], halves[1], raw.samples
    else:
        found["against"] = reader.read_like(against, codec, {})
        reference = unseen = found["against"].samples
        known = raw.samples
    told = {"real" if train is None else "train": raw, **found}
    # Warnings are of how rows are split, and these are not split.
    notes = tuple(
        f"{side}: {note}"
        for side, read in told.items()
        for note in read.notes
        if not note.startswith("Warning: ")
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
    """What the user should know about the comparison."""
    unit = sides.kind.unit
    notes = [f"{size} of {len(sides.fake)} samples were compared with as many real {unit}s."]
    if sides.train is None:
        notes.append(
            f"Without the {unit}s that the generator was fitted on, copies cannot be told, and if it has "
            f"seen the real {unit}s given here, its scores are too good. One half of these is the "
            f"reference, the other half gives floor and ceiling."
        )
    return notes


def _drawn(kind: DataKind, samples: Samples, seed: int) -> Samples:
    """The samples in random order."""
    return kind.take(samples, np.random.default_rng([seed, 1]).permutation(len(samples)))
