"""Logs of studies for tests of what reads and writes them."""

import json

from autogen.hpo.objective import Objective
from autogen.hpo.study.chain import VERSION, Chain, header
from autogen.hpo.study.journal import Journal, read
from autogen.hpo.study.log import StudyLog


def log_of(folder, *events, seconds=0.0, objective=Objective("kd")):  # noqa: B008 - frozen
    """The log of a study in which these events happened, its clock standing at a second."""
    path = folder / f"{len(list(folder.glob('*.jsonl')))}.jsonl"
    journal = Journal(path)
    for event in events:
        journal.append(event)
    journal.close()
    return StudyLog(Journal(path), objective, spent=seconds, clock=lambda: 0.0)


def events_in(log, kind):
    """Events of a kind that the journal of a log holds by now."""
    return [event for event in read(log.journal.path) if isinstance(event, kind)]


def records(path):
    """Records of a journal as JSON, without checksums."""
    lines = [json.loads(line) for line in path.read_text().splitlines()[1:]]
    return [{name: value for name, value in line.items() if name != "crc"} for line in lines]


def without_digests(path):
    """Make a journal one of an earlier version, whose result has no digests of what was delivered."""
    old = [{name: value for name, value in line.items() if name != "sha256"} for line in records(path)]
    return sealed(path, *old)


def sealed(path, *records, version=VERSION):
    """Write a journal with these records as JSON, whatever they hold, and with sound checksums."""
    lines = [header(version)]
    chain = Chain(lines[0])
    for record in records:
        text = record if isinstance(record, bytes) else json.dumps(record, separators=(",", ":")).encode()
        line, chain.crc = chain.seal(text)
        lines.append(line)
    path.write_bytes(b"".join(lines))
    return path
