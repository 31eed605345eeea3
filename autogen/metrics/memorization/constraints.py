"""The hard constraints on samples: no copies of training rows, no repeats, and few of a rejected kind."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from types import NoneType
from typing import Any, get_args, get_type_hints

from autogen.data.codec import Codec
from autogen.data.specs import Samples
from autogen.errors import agreed
from autogen.metrics.feedback.rejection import Rejection
from autogen.metrics.memorization.diversity import Diversity, diversity
from autogen.metrics.memorization.gate import (
    ALPHA,
    TOLERATED_COPIES,
    Memorization,
    RealPool,
    joined,
)

_PARTS: dict[str, type] = {"memorisation": Memorization, "diversity": Diversity, "rejection": Rejection}


@dataclass(frozen=True)
class Constraints:
    """Results of the tests.

    Attributes:
        memorisation: Result of the memorization test.
        diversity: Result of the diversity test.
        rejection: Result of the test on samples of the kind that users rejected; ``None`` without feedback.
    """

    memorisation: Memorization
    diversity: Diversity
    rejection: Rejection | None = None

    @property
    def passed(self) -> bool:
        """True if all tests pass."""
        return not self.reason

    @property
    def reason(self) -> str:
        """Reason of a refusal in words; empty if all tests pass."""
        found = [] if self.memorisation.passed else [_copied(self.memorisation)]
        if not self.diversity.passed:
            repeated, real = self.diversity.near_duplicates, self.diversity.real_near_duplicates
            are = agreed(repeated, "is a near duplicate", "are near duplicates")
            found.append(
                f"its samples repeat each other ({repeated} of {self.diversity.samples} {are}, "
                f"{real} of as many real rows)"
            )
        found += [self.rejection.reason] if self.rejection and self.rejection.reason else []
        return "; ".join(found)

    def to_json(self) -> dict[str, Any]:
        """Entries ``memorisation``, ``diversity`` and, with feedback, ``rejection`` of result.json."""
        found = {"memorisation": memorisation_record(self.memorisation), "diversity": asdict(self.diversity)}
        return found | ({"rejection": asdict(self.rejection)} if self.rejection else {})

    def to_values(self) -> dict[str, float]:
        """Numbers by name, for the journal; what is ``None`` is left out."""
        found: dict[str, float] = {}
        for part in _PARTS:
            result = getattr(self, part)
            values = {} if result is None else asdict(result)
            found |= {f"{part}.{name}": float(v) for name, v in values.items() if v is not None}
        return found

    @classmethod
    def of_values(cls, values: Mapping[str, float]) -> "Constraints":
        """Reverse of ``to_values``."""
        known = {name.partition(".")[0] for name in values}
        return cls(**{part: _read(kind, part, values) for part, kind in _PARTS.items() if part in known})


def _copied(found: Memorization) -> str:
    """Reason of a refusal by the memorization test, with the number that decided."""
    if found.copied > TOLERATED_COPIES and found.copied_p_value < ALPHA:
        return f"{100 * found.copied:.0f} % of its samples are copies of the train split"
    return f"{100 * found.share:.0f} % of its samples lie nearer to the train split than to unseen ones"


def _read(kind: type, part: str, values: Mapping[str, float]) -> Any:
    """One test's result of numbers, each of its own type."""
    hints = get_type_hints(kind)
    found: dict[str, Any] = {}
    for item in fields(kind):
        types = [one for one in get_args(hints[item.name]) or (hints[item.name],) if one is not NoneType]
        value = values.get(f"{part}.{item.name}")
        found[item.name] = None if value is None else types[0](value)
    return kind(**found)


def memorisation_record(found: Memorization) -> dict[str, Any]:
    """Result of the memorization test as nested JSON: DCR and NNDR of samples beside those of unseen rows."""
    flat = asdict(found)
    record = {name: value for name, value in flat.items() if "dcr" not in name and "nndr" not in name}
    for name in ("dcr", "nndr"):
        record[name] = {
            side: {level: flat[f"{prefix}{name}_{level}"] for level in ("p5", "median")}
            for side, prefix in (("samples", ""), ("holdout", "holdout_"))
        }
    return record


def check(
    fake: Samples, train: Samples, unseen: Samples, codec: Codec, pool: RealPool | None = None
) -> Constraints:
    """Judge generated samples by both tests.

    Args:
        fake: Raw generated samples.
        train: All raw samples that the model was fitted on.
        unseen: Raw real samples that it has not seen.
        codec: Codec of the data set.
        pool: The same real rows prepared for the memorization test; default ``None``: prepared now.

    Raises:
        MetricError: fewer than 10 of any, or samples of another shape.
    """
    pool = pool or RealPool(train, unseen, codec)
    return Constraints(pool.judge(fake), diversity(fake, joined(train, unseen), codec))
