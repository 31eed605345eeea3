"""Base of the events of a journal: a name, a time, and a JSON record."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from typing import Any, ClassVar, Self

from autogen.errors import JournalError
from autogen.hpo.study.fields import misfit

#: One line of a journal as JSON.
Record = dict[str, Any]


def optional(empty: Any) -> Any:
    """A field that the journal leaves out if it is empty."""
    return field(default=empty, metadata={"optional": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Event of a study; a field of the type is a field of the JSON record.

    Attributes:
        NAME: Name of the event in the file, under ``e``.
        t: Seconds on the study's clock.
    """

    NAME: ClassVar[str] = ""
    t: float = 0.0

    def to_json(self) -> Record:
        """Convert to a record of the journal."""
        record: Record = {"e": self.NAME}
        kind: Any = type(self)
        for name, may_be_left_out in _written(kind):
            value = getattr(self, name)
            if value or not may_be_left_out:
                record[name] = value
        record["t"] = self.t
        return record

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """Read a record; fields that this version does not know are ignored.

        Raises:
            JournalError: a field is missing, or has another type.
        """
        values = dict(record)
        del values["e"]
        if what := misfit(cls, values):
            raise JournalError(f"the event {cls.NAME!r} cannot be read: {what}")
        try:
            return cls(**values)
        except (TypeError, ValueError):  # unknown fields are rare, so only then they are looked for
            known = {one.name for one in fields(cls)}
        lacking = [one for one in _required(cls) if one not in values]
        if lacking:
            raise JournalError(f"the event {cls.NAME!r} lacks {', '.join(lacking)}")
        try:
            return cls(**{name: value for name, value in values.items() if name in known})
        except (TypeError, ValueError) as error:
            raise JournalError(f"the event {cls.NAME!r} cannot be read: {error}") from error


@cache
def _written(kind: type[Any]) -> list[tuple[str, bool]]:
    """List the fields of an event, each with True if the file leaves it out when it is empty."""
    return [(one.name, "optional" in one.metadata) for one in fields(kind) if one.name != "t"]


def _required(kind: type[Any]) -> list[str]:
    """List the fields that every record of an event has."""
    return [one.name for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING]


@dataclass(frozen=True, slots=True)
class Unknown(Event):
    """An event of a newer autogen, or of another kind of journal.

    Attributes:
        name: Name in the file.
        values: Fields of the record.
    """

    name: str
    values: Mapping[str, Any]

    def to_json(self) -> Record:
        """Convert to a record of the journal."""
        return {"e": self.name, **self.values, "t": self.t}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """Keep a record as it is. Raises ``JournalError`` if its time is no number."""
        if what := misfit(Event, record):
            raise JournalError(f"the event {record['e']!r:.60} cannot be read: {what}")
        values = {name: value for name, value in record.items() if name not in ("e", "t")}
        return cls(record["e"], values, t=record.get("t", 0.0))
