"""What the marks of users do in a study: weights of training rows, and a hard test on its models.

Marked rows that are training rows of the data get their own mark as weight; a mark of 0 takes them out of the
split. All other marked rows count as generated: nothing is trained on them (Shumailov 2023,
https://arxiv.org/abs/2305.17493), they say what users reject. Each training row without a mark weighs as much
as users would keep rows like it, so that models learn the distribution of real rows that users would keep:
importance weights by a classifier (Grover 2019, https://arxiv.org/abs/1906.09531). No mark touches a held-out
row: scores stay about real data.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from autogen import registry
from autogen.data.declaration import declared
from autogen.data.feedback.marks import Marked
from autogen.data.kind import WARNING
from autogen.data.module import DataModule
from autogen.data.split import MINIMUM, are_values, content_sha256
from autogen.engine.settings import Settings
from autogen.errors import DataError, SettingsError, agreed, counted, listed
from autogen.files import read_file
from autogen.hpo.objective import Constraint
from autogen.metrics.feedback.rejection import RejectionTest
from autogen.metrics.feedback.resemblance import FEWEST, Resemblance, resemblance
from autogen.metrics.lookup import space_for
from autogen.report.hard_tests import Feedback
from autogen.training.batches import copies
from autogen.training.noise import SHUFFLING, KeyedNoise

#: Name of the constraint that sets another bound: ``rejected = "<= 0.02"``.
BOUND = "rejected"
#: Share of the training rows' effective number below which weights are warned of.
_FEW = 0.5


@dataclass(frozen=True)
class StudyFeedback:
    """Feedback on the data of a study.

    Attributes:
        data: Data without the training rows that users rejected, with notes on what the feedback does.
        marks: Mark of each sample of the data that users marked themselves, by its row.
        resemblance: Classifier of rejected against kept samples; ``None`` if it says nothing.
        test: Hard test on the models; ``None`` without a classifier.
        about: What the feedback does, for ``result.json``.
        likely: Largest probability that users would keep a training row: the weight 1.
    """

    data: DataModule
    marks: Mapping[int, float]
    resemblance: Resemblance | None
    test: RejectionTest | None
    about: Feedback
    likely: float = 1.0

    def drawn(self, rows: np.ndarray) -> np.ndarray:
        """Draw as many copies of each row as it weighs, rounded up or down at random: rows for baselines.

        Args:
            rows: Rows of the data, int64 (n,).
        """
        weights = torch.from_numpy(self.weights(rows))
        return np.asarray(rows[copies(weights, KeyedNoise(0, SHUFFLING)).numpy()])

    def weights(self, rows: np.ndarray) -> np.ndarray:
        """Weigh samples of the data for training, float64 (n,).

        Args:
            rows: Rows of the data, int64 (n,).
        """
        return _weights(self.data, rows, self.marks, self.resemblance, self.likely)


def without_bound(settings: Settings) -> dict[str, str]:
    """Return the constraints of a study without that on rejected samples, which is no metric.

    Raises:
        SettingsError: there is such a constraint, or a column of marks, but no feedback.
    """
    if settings.feedback_column and not settings.feedback:
        column = repr(settings.feedback_column)
        raise SettingsError(f"the column of marks {column} needs a file that has it: give feedback")
    if BOUND in settings.constraints and not settings.feedback:
        raise SettingsError(f"a bound on {BOUND} samples needs marks of users: give feedback, a file of them")
    return {name: bound for name, bound in settings.constraints.items() if name != BOUND}


def feedback_of(settings: Settings, data: DataModule) -> StudyFeedback | None:
    """Read the feedback that settings name; ``None`` for none.

    Args:
        settings: Settings of the study.
        data: Its data set.

    Raises:
        DataError: a file cannot be read as marks on samples of this data, or the marks say nothing.
    """
    if not settings.feedback:
        return None
    given = _given_bound(settings)
    left_out = [one["name"] for one in data.raw.meta.get("left_out", ())]
    options = {"reference": data.source, "left_out": left_out, **settings.options}
    files = [
        data.kind.read_marked(source, settings.feedback_column, data.codec, options)
        for source in settings.feedback
    ]
    owned = [_Owners.of(data, one) for one in files]
    marks = _mean_marks(files, owned)
    found = _learned(data, files, owned)
    dropped = np.array([row for row in data.rows["train"].tolist() if marks.get(row) == 0], np.int64)
    _refuse_nothing(settings, files, owned, marks, found)
    kept = _without(data, dropped)
    train = kept.rows["train"]
    reliable = found if found is not None and found.reliable else None
    own = np.zeros(len(train)) if reliable is None else reliable.rejection(kept.split("train"))
    likely = float(1 - own.min())
    weights = _weights(kept, train, marks, reliable, likely)
    if weights.sum() < MINIMUM:
        raise DataError(
            f"by the feedback, {len(train)} training {data.kind.unit}s count as {weights.sum():.1f}; at "
            f"least {MINIMUM} must be left: mark fewer samples as rejected, or give more data."
        )
    about = replace(
        _counts(settings, files, owned, found),
        dropped=len(dropped),
        effective=round(float(weights.sum() ** 2 / (weights**2).sum()), 1),
    )
    test = None
    if reliable is not None:
        # of all training rows: the rejected ones among them are what a model would have made without marks
        real = float(reliable.rejection(data.split("train")).mean())
        weighted = float(np.average(own, weights=weights))
        # half of the way from what there was to what a perfect model of the weighted rows has, which passes
        bound = (max(about.before or 0.0, real) + weighted) / 2 if given is None else given
        about = replace(about, real=real, weighted=weighted, bound=bound)
        test = RejectionTest(reliable, bound)
    read = [
        f"{file}: {note}" for file, one in zip(settings.feedback, files, strict=True) for note in one.notes
    ]
    data = replace(kept, notes=(*kept.notes, *read, *_notes(about, data, len(train))))
    return StudyFeedback(data, marks, reliable, test, about, likely)


@dataclass(frozen=True)
class _Owners:
    """Where marked samples come from.

    Attributes:
        rows: Training rows that equal a marked sample, for each marked sample; empty for none.
        generated: True for a marked sample that no row of the data equals, bool (N,).
        held_out: True for one that equals a held-out row, bool (N,).
    """

    rows: Sequence[Sequence[int]]
    generated: np.ndarray
    held_out: np.ndarray

    @classmethod
    def of(cls, data: DataModule, marked: Marked) -> "_Owners":
        """Find marked samples among those of the data; where equal samples are values, none is known."""
        known = data.kind.marked_digests(data.raw.samples, data.codec)
        usual = are_values(known)
        train = set(data.rows["train"].tolist())
        places: dict[bytes, list[int]] = {}
        for row, digest in enumerate(known):
            if not usual[row]:
                places.setdefault(digest, []).append(row)
        found = [places.get(one, []) for one in data.kind.marked_digests(marked.samples, data.codec)]
        held_out = np.array([bool(rows) and not train.issuperset(rows) for rows in found], bool)
        own = [[] if out else rows for rows, out in zip(found, held_out, strict=True)]
        return cls(own, np.array([not rows for rows in found], bool), held_out)


def _mean_marks(files: Sequence[Marked], owned: Sequence[_Owners]) -> dict[int, float]:
    """Average the marks of each training row; a later file takes the place of an earlier one."""
    found: dict[int, float] = {}
    for marked, owners in zip(files, owned, strict=True):
        given: dict[int, list[float]] = {}
        for rows, mark in zip(owners.rows, marked.marks.tolist(), strict=True):
            for row in rows:
                given.setdefault(row, []).append(mark)
        found |= {row: float(np.mean(several)) for row, several in given.items()}
    return found


def _learned(data: DataModule, files: Sequence[Marked], owned: Sequence[_Owners]) -> Resemblance | None:
    """Fit the classifier on all marked samples but those that equal held-out rows."""
    place = declared(data.kind.name).marked
    space = registry.load(place)() if place else space_for(None, data.kind.name)
    if space is None:
        raise DataError(f"feedback needs a feature space, and {data.kind.name} data has none.")
    used = [np.flatnonzero(~owners.held_out) for owners in owned]
    samples = [data.kind.take(one.samples, rows) for one, rows in zip(files, used, strict=True)]
    marks = np.concatenate([one.marks[rows] for one, rows in zip(files, used, strict=True)])
    if not len(marks):
        return None
    return resemblance(data.kind.concatenate(samples), marks, data.split("train"), data.codec, space)


def _weights(
    data: DataModule,
    rows: np.ndarray,
    marks: Mapping[int, float],
    found: Resemblance | None,
    likely: float,
) -> np.ndarray:
    """Weigh rows: by their own mark, or by the probability that users would keep them, float64 (n,).

    A training row that users keep most likely weighs 1, as one that they marked as kept.
    """
    if found is None:
        weights = np.ones(len(rows))
    else:
        weights = (1.0 - found.rejection(data.kind.take(data.raw.samples, rows))) / likely
    own = [(place, marks[row]) for place, row in enumerate(rows.tolist()) if row in marks]
    for place, mark in own:
        weights[place] = mark
    return weights


def _without(data: DataModule, dropped: np.ndarray) -> DataModule:
    """Take rejected rows out of the train split. Raises ``DataError`` if too few are left."""
    if not len(dropped):
        return data
    train = data.rows["train"][~np.isin(data.rows["train"], dropped)]
    if len(train) < MINIMUM:
        raise DataError(
            f"the feedback rejects {len(dropped)} of {len(data.rows['train'])} training {data.kind.unit}s; "
            f"at least {MINIMUM} must be left."
        )
    sha256 = content_sha256(data.kind.digests(data.kind.take(data.raw.samples, train)))
    return replace(
        data, rows=data.rows | {"train": train}, split_sha256=data.split_sha256 | {"train": sha256}
    )


def _refuse_nothing(
    settings: Settings,
    files: Sequence[Marked],
    owned: Sequence[_Owners],
    marks: Mapping[int, float],
    found: Resemblance | None,
) -> None:
    """Refuse feedback that would change nothing. Raises ``DataError``."""
    given = np.concatenate([one.marks for one in files])
    source = " and ".join(settings.feedback)
    if not len(given):
        raise DataError(f"{source} has no rows; give samples with a mark each: 0 for rejected, 1 for kept.")
    if not given.any() and not marks:
        raise DataError(
            f"{source} rejects all {len(given)} rows; mark kept ones with 1 too, so that rejected ones can "
            "be told from them."
        )
    if found is None and not any(mark != 1 for mark in marks.values()):
        out = sum(int(owners.held_out.sum()) for owners in owned)
        rejected = float((1 - np.minimum(given, 1)).sum())
        raise DataError(
            f"{source} changes nothing: none of its {len(given)} rows is a training row with a mark other "
            f"than 1 ({out} equal held-out ones, which are left alone), and to tell rejected samples from "
            f"kept ones takes at least {FEWEST} of both (it rejects {rejected:g})."
        )


def _counts(
    settings: Settings, files: Sequence[Marked], owned: Sequence[_Owners], found: Resemblance | None
) -> Feedback:
    """Count what the files hold, and what the classifier can tell."""
    newest = files[-1].marks[owned[-1].generated]
    marks = [one.marks[owners.generated] for one, owners in zip(files, owned, strict=True)]
    return Feedback(
        source=tuple(settings.feedback),
        sha256=_sha256(settings.feedback),
        rows=sum(len(one.marks) for one in files),
        generated=sum(map(len, marks)),
        rejected=round(sum(float((1 - np.minimum(one, 1)).sum()) for one in marks), 3),
        train=sum(bool(rows) for owners in owned for rows in owners.rows),
        held_out=sum(int(owners.held_out.sum()) for owners in owned),
        auc=None if found is None else found.auc,
        p_value=None if found is None else found.p_value,
        before=float((1 - np.minimum(newest, 1)).mean()) if len(newest) else None,
    )


def _sha256(files: Sequence[str]) -> str:
    """Compute the SHA-256 of the content of files, one after the other."""
    return hashlib.sha256(b"".join(read_file(Path(file), links=True) for file in files)).hexdigest()


def _given_bound(settings: Settings) -> float | None:
    """Read the bound that the user sets; ``None`` for none. Raises ``SettingsError`` if it is no share."""
    if BOUND not in settings.constraints:
        return None
    given = Constraint.parse(BOUND, settings.constraints[BOUND])
    if not given.most or not 0 <= given.bound <= 1:
        raise SettingsError(
            f"the bound on {BOUND} samples is a largest share from 0 to 1, such as '<= 0.02'; got "
            f"{settings.constraints[BOUND]!r}"
        )
    return given.bound


def _notes(about: Feedback, data: DataModule, rows: int) -> list[str]:
    """Say what the feedback does, one sentence each."""
    unit, files = data.kind.unit, " and ".join(about.source)
    marked = [counted(about.train, f"training {unit}")] if about.train else []
    if about.generated:
        generated = counted(about.generated, "generated sample")
        marked.append(f"{generated}, of which users rejected {about.rejected:g} and none is trained on")
    notes = [f"Feedback of {files}: {listed(marked)}."] if marked else []
    if about.held_out:
        equal = agreed(about.held_out, "equals a held-out one", "equal held-out ones")
        notes.append(
            f"{counted(about.held_out, f'marked {unit}')} {equal} and {agreed(about.held_out, 'is', 'are')} "
            "left alone, so that scores stay about real data."
        )
    if about.dropped:
        notes.append(f"{counted(about.dropped, f'rejected training {unit}')} left the train split.")
    if about.effective < _FEW * rows:
        notes.append(
            f"{WARNING}by the feedback, {rows} training {unit}s count as {about.effective:.0f}; models learn "
            "from so few."
        )
    if about.bound is None:
        why = f"fewer than {FEWEST} of them are on one side"
        if about.auc is not None:
            differ = f"AUC {about.auc:.2f}, p {about.p_value:.2g}"
            why = f"they are not shown to differ in their features ({differ})"
        notes.append(
            f"{WARNING}rejected samples cannot be told from kept ones, since {why}: {unit}s without a mark "
            "keep their weight, and no model is refused."
        )
        return notes
    assert about.auc is not None
    notes.append(
        f"Rejected samples are told from kept ones with an AUC of {about.auc:.2f}. Training {unit}s weigh "
        f"as much as users would keep {unit}s like them ({rows} {unit}s as {about.effective:.0f} of equal "
        "weight), for models and baselines."
    )
    if about.train and about.generated and about.rejected in (0, about.generated):
        notes.append(
            f"{WARNING}all generated samples have one mark: generated may be told from real instead."
        )
    return notes
