"""A study with epsilon: private split and codec, the noise of training, and the guarantee.

The parts of epsilon: the training rows are counted once for the codec, and each step of each training adds
noise to a sum of their gradients; the accountant composes all of it. Held-out rows only score models.
"""

import hashlib
import json
import math
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import ndtri

from autogen import registry
from autogen.data.codec import Codec
from autogen.data.module import DataModule
from autogen.data.private.capability import HasNoisyCodec
from autogen.data.private.split import independent_split, units_of
from autogen.data.split import content_sha256
from autogen.documents import parse_json
from autogen.engine.run_folder import RunFolder
from autogen.engine.settings import MOST_BYTES
from autogen.errors import DataError, RunError, SettingsError, one_line, told
from autogen.families.base import HasRowLosses
from autogen.files import read_file
from autogen.hpo.space.parameters import Constant
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.study.journal import read
from autogen.privacy.accountant import Use, calibrate, error_of, spent
from autogen.privacy.guarantee import Guarantee, assumptions
from autogen.privacy.settings import PrivacySettings
from autogen.training.private.gradients import PrivateTraining, UnitSampler

#: Signal-to-noise ratio of the codec's counts, as a share of what epsilon allows for one use. Its square,
#: about a tenth, is what training goes without.
CODEC_SHARE = 0.3
#: Share of delta for categories that a single unit brings in.
VALUES_SHARE = 0.1
#: What a budget of seconds means here.
WHOLE = "With epsilon one model is trained, to its last step: that may take longer than the budget."

Record = dict[str, Any]


def private_data(data: DataModule, wanted: PrivacySettings, record: Record | None) -> DataModule:
    """Split and encode data so that nothing depends on a single unit but by noise.

    The split is secret as the noise is. With one that everybody can repeat, a row more would move those after
    it from split to split, and the training rows of two neighbors would differ in many rows.

    Args:
        data: Data set as it is read without epsilon.
        wanted: Guarantee that the user wants.
        record: Split and noisy counts of the run that goes on, which are not made twice; ``None`` for a new
            run.

    Returns:
        The data set with its split and noisy counts in ``private``.

    Raises:
        DataError: this kind of data has no codec of noisy counts, or columns of it have none.
        RunError: the record is damaged, or was made for another guarantee.
    """
    kind = data.kind
    if not isinstance(kind, HasNoisyCodec):
        raise DataError(
            f"epsilon is for tables; {data.source} is {kind.name} data, which has no private codec."
        )
    units = units_of(data.raw.groups, len(data.raw.samples))
    key = _checked(record, wanted)["split"] if record else secrets.token_hex(32)
    rows = independent_split(units, int(key, 16))
    digests = kind.digests(data.raw.samples)
    found = record or _counted(data, kind, wanted, units, rows["train"]) | {"split": key}
    return replace(
        data,
        rows=rows,
        codec=_codec(kind, found) if record else _named(kind.noisy_codec(found["codec"]), kind.name),
        notes=(*map(one_line, data.raw.notes), *kind.lost_values(data.raw, found["codec"])),
        split_sha256={name: content_sha256([digests[row] for row in part]) for name, part in rows.items()},
        private=found,
    )


def _checked(record: Record, wanted: PrivacySettings) -> Record:
    """Check the figures of noisy counts that were read, and that they are those of this guarantee.

    Raises:
        RunError: they are damaged, or the guarantee was another one when they were made.
    """
    names = ("units", "delta", "delta_of_values", "noise", "scale", "threshold")
    figures = [record.get(name) for name in names]
    if not all(isinstance(one, int | float) and math.isfinite(one) and one >= 0 for one in figures):
        raise RunError(f"the noisy counts of the run are damaged: {', '.join(names)} must be numbers")
    if not re.fullmatch(r"[0-9a-f]{64}", str(record.get("split"))):
        raise RunError("the noisy counts of the run are damaged: split must be 64 hexadecimal digits")
    if record.get("wanted") != (now := _told(wanted)):
        raise RunError(
            f"the run began with the guarantee {record.get('wanted')}, but its study.toml has {now}: noise "
            "is not made again; undo that, or start a new run, whose epsilon adds to this one's"
        )
    return record


def _told(wanted: PrivacySettings) -> dict[str, Any]:
    """Write what the user wants as JSON values."""
    ranges = {name: [one.low, one.high, one.step] for name, one in wanted.ranges.items()}
    return {"epsilon": wanted.epsilon, "delta": wanted.delta, "ranges": ranges}


def _codec(kind: Any, record: Record) -> Codec:
    """Make the codec of noisy counts that were read. Raises ``RunError`` for what no study writes."""
    try:
        return _named(kind.noisy_codec(record["codec"]), kind.name)
    except Exception as error:  # whatever a damaged or hostile file makes it fail with
        raise RunError(f"the noisy counts of the run are damaged ({told(error)}); start a new run") from error


def _named(codec: Codec, kind: str) -> Codec:
    codec.kind = kind
    return codec


def _counted(
    data: DataModule, kind: HasNoisyCodec, wanted: PrivacySettings, units: np.ndarray, train: np.ndarray
) -> Record:
    """Count the training rows with noise; the result may be published."""
    histograms, unknown = kind.histograms(data.raw, wanted.ranges)
    count = int(units.max()) + 1
    delta = wanted.delta_for(count)
    apart = VALUES_SHARE * delta if unknown else 0.0
    single = calibrate(lambda noise: [Use(noise)], wanted.epsilon, delta - apart)
    noise = single / CODEC_SHARE
    # one row of each unit is counted, and adds one to each histogram
    scale = noise * math.sqrt(histograms)
    # a category that one unit brings in passes with a probability of at most its share of delta; the half is
    # for the rounding of counts
    threshold = 1.5 + scale * float(-ndtri(apart / unknown)) if unknown else 0.0
    _, owners = np.unique(units[train], return_inverse=True)
    rows = train[np.sort(UnitSampler(owners, 1.0).draw())]
    return {
        "wanted": _told(wanted),
        "codec": kind.count(data.raw, rows, wanted.ranges, scale, threshold),
        "units": count,
        "delta": delta,
        "delta_of_values": apart,
        "noise": noise,
        "scale": scale,
        "threshold": threshold,
    }


def space_of(data: DataModule) -> str:
    """Name the search space for training with epsilon."""
    assert isinstance(data.kind, HasNoisyCodec)
    return data.kind.private_space


def capable(space: SearchSpace, named: Sequence[str]) -> SearchSpace:
    """Restrict a space to the one family that is trained: the user's, or the first whose losses mix no rows.

    Args:
        space: Search space.
        named: Families that the user names.

    Raises:
        SettingsError: the user names a family that cannot be trained with epsilon, or several, or none of the
            space can.
    """
    able = [name for name in space.families if issubclass(registry.get("family", name), HasRowLosses)]
    if unable := [one for one in named if not issubclass(registry.get("family", one), HasRowLosses)]:
        raise SettingsError(
            f"{unable[0]} cannot be trained with epsilon: it learns from several rows at once, or without "
            f"gradients; take {' or '.join(able) or 'another space'}"
        )
    if not able:
        raise SettingsError("no family of the search space can be trained with epsilon; leave the space out")
    if len(named) > 1:
        raise SettingsError(f"epsilon is spent on one training: name one family, not {', '.join(named)}")
    return space.restrict(named or [next((name for name in space.first if name in able), able[0])])


def schedule(space: SearchSpace) -> tuple[int, int, float]:
    """Read steps, batch size and clip bound from a space.

    Raises:
        SettingsError: they vary, so that the noise could not be calculated before the search.
    """
    found = []
    for name in ("steps", "batch_size", "clip"):
        values = {_constant(space, family, f"training.{name}") for family in space.families}
        if len(values) != 1 or None in values:
            raise SettingsError(
                f"with epsilon, training.{name} must be one constant in the whole search space, since the "
                "noise follows from it before the search; fix it in the file of the space"
            )
        found.append(values.pop())
    return int(found[0]), int(found[1]), float(found[2])


def _constant(space: SearchSpace, family: str, name: str) -> Any:
    """Read a constant of a family's branch; ``None`` where it varies or is not given."""
    parameter = space.branch(family).get(name)
    return parameter.value if isinstance(parameter, Constant) else None


def guarantee_of(
    data: DataModule, wanted: PrivacySettings, space: SearchSpace, trials: int, group: str, space_name: str
) -> Guarantee:
    """Calculate the noise of training and state the guarantee.

    Args:
        data: Private data.
        wanted: Guarantee that the user wants.
        space: Search space of the study.
        trials: Number of trainings that share epsilon.
        group: Column of the groups; empty for rows.
        space_name: Name of the space.

    Raises:
        RunError: the run that goes on has other steps, batches or clipping than it began with.
    """
    record = data.private
    assert record is not None
    steps, batch, clip = schedule(space)
    count = len(np.unique(units_of(data.raw.groups, len(data.raw.samples))[data.rows["train"]]))
    rate = min(1.0, batch / count)
    delta = record["delta"] - record["delta_of_values"]

    def uses(noise: float) -> list[Use]:
        return [Use(record["noise"]), Use(noise, rate, trials * steps)]

    began = record.get("training")  # of a run that goes on: its model may be trained already
    if began is None:
        noise = calibrate(uses, wanted.epsilon, delta)
    elif {**began, "noise": 0.0} == _training(trials, steps, rate, 0.0, clip):
        noise = float(began["noise"])
    else:
        raise RunError("the run began with other steps, batches or clipping than its settings have now")
    unit = "group" if group else "row"
    return Guarantee(
        epsilon=spent(uses(noise), delta, error_of(wanted.epsilon)),
        delta=record["delta"],
        unit=unit,
        group=group,
        neighbors=f"two tables of which one has one {unit} more; to replace one {unit} counts as two changes",
        accountant="privacy loss random variables (Gopi 2021), Opacus",
        trials=trials,
        steps=steps,
        rate=rate,
        noise=noise,
        clip=clip,
        count_noise=record["scale"],
        threshold=record["threshold"],
        assumptions=assumptions(record["units"], group, tuple(wanted.ranges), space_name),
    )


def _training(trials: int, steps: int, rate: float, noise: float, clip: float) -> Record:
    """Collect what the noise of training follows from, and the noise."""
    return {"trials": trials, "steps": steps, "rate": rate, "noise": noise, "clip": clip}


def training_of(data: DataModule, guarantee: Guarantee) -> PrivateTraining:
    """Return what trials need to train with a guarantee."""
    units = units_of(data.raw.groups, len(data.raw.samples))[data.rows["train"]]
    owners = np.unique(units, return_inverse=True)[1]
    return PrivateTraining(guarantee.noise, guarantee.rate, owners)


def stored(folder: RunFolder) -> Record | None:
    """Read split and noisy counts of a run that goes on; ``None`` where it ended before it had any.

    Raises:
        RunError: the file is missing, was changed or is damaged: new noise would spend epsilon again.
    """
    check_stored(folder)
    path = folder.private
    if not path.exists():
        return None
    try:
        record = parse_json(read_file(path, MOST_BYTES))
        if not isinstance(record, Mapping):
            raise TypeError("no table")
        return dict(record)
    except (OSError, ValueError, TypeError) as error:
        raise RunError(
            f"{path} is damaged ({error}); other noise would spend epsilon again: start a new run"
        ) from error


def check_stored(folder: RunFolder) -> None:
    """Check that private.json is there, and as it was when the run began.

    Raises:
        RunError: it is missing, or was changed.
    """
    hashes = folder.read_study().get("sha256")
    known = hashes.get("private") if isinstance(hashes, dict) else None
    if known is None or not read(folder.journal):
        return
    remedy = "other noise would spend epsilon again: put it back from a copy of the run, or start a new run"
    if not folder.private.exists():
        raise RunError(f"{folder.private}, the noisy counts that the run began with, is missing; {remedy}")
    if hashlib.sha256(read_file(folder.private)).hexdigest() != known:
        raise RunError(f"{folder.private} was changed or is damaged since the run began; {remedy}")


def written(record: Record, guarantee: Guarantee) -> str:
    """Write split, noisy counts and noise of training as JSON."""
    training = _training(guarantee.trials, guarantee.steps, guarantee.rate, guarantee.noise, guarantee.clip)
    return json.dumps({**record, "training": training}) + "\n"


def digest(record: Record, guarantee: Guarantee) -> str:
    """Compute the SHA-256 of what ``written`` writes, in hexadecimal."""
    return hashlib.sha256(written(record, guarantee).encode()).hexdigest()
