"""Brings a run folder of an earlier version to the formats of this one, with the old files kept."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from autogen.documents import parse_toml
from autogen.engine.run_folder import RunFolder
from autogen.engine.settings import FACTS, Settings
from autogen.errors import RunError
from autogen.files import read_file, write
from autogen.hpo.study.chain import VERSION, Chain, header
from autogen.hpo.study.journal import contents, in_use, parse

#: What follows the name of a file that was migrated, before its suffix.
OLD = ".before-migration"


def migrate(run: Path, out: Path | None = None) -> list[str]:
    """Bring the journal and the settings of a run to the formats of this version.

    Each new file is read again and compared with the old one before it takes its place, and the old one stays
    beside it. Models, ``result.json`` and the page are not touched: they have had one format so far.

    Args:
        run: Folder of the run.
        out: New folder for a migrated copy, absent or empty; default in place.

    Returns:
        What was changed, one sentence each; empty if the run has the formats of this version.

    Raises:
        RunError: the folder is no run, a process writes to it, or a file cannot be brought over.
        JournalError: the journal is damaged, or of a later version.
    """
    folder = RunFolder.open(run)
    if in_use(folder.journal):
        raise RunError(
            f"another process writes {folder.journal}; wait for it, or stop it, before you migrate"
        )
    found = list(_files(folder))
    new = {path: data for path, data, _ in found}
    if not new:
        return []
    if out is not None:
        RunFolder.refuse_used(out)
        try:
            shutil.copytree(folder.path, out, dirs_exist_ok=True)
        except OSError as error:
            raise RunError(f"cannot copy {run} to {out}: {error.strerror or error}") from error
        new = {Path(out) / path.relative_to(folder.path): data for path, data in new.items()}
    for path in new:
        if _kept(path).exists() and read_file(_kept(path)) != read_file(path):  # equal: it ended in between
            raise RunError(f"{_kept(path)} is there already; move it away: {path.name} is to be kept there")
    for path, data in new.items():
        write(_kept(path), read_file(path))
        write(path, data)
    return [change for _, _, change in found]


def _kept(path: Path) -> Path:
    return path.with_name(f"{path.stem}{OLD}{path.suffix}")


def _files(folder: RunFolder) -> Iterator[tuple[Path, bytes, str]]:
    """Yield path, new content and what is different of each file that has an older format."""
    yield from _journal(folder)
    yield from _study(folder)


def _journal(folder: RunFolder) -> Iterator[tuple[Path, bytes, str]]:
    """Give each record of a journal of version 1 the checksum of all before it."""
    found = contents(folder.journal)
    if found.chain.version == VERSION:
        return
    data = read_file(folder.journal)
    lines = data[: len(data) - found.torn].splitlines()[1:]
    chain, sealed = Chain(header()), [header()]
    for line in lines:
        whole, chain.crc = chain.seal(line)
        sealed.append(whole)
    new = b"".join(sealed)
    if parse(new, folder.journal).events != found.events:
        raise RunError(f"{folder.journal} cannot be migrated: its records would be read differently")
    torn = f"; its last line was torn ({found.torn} bytes) and is left out" if found.torn else ""
    yield (
        folder.journal,
        new,
        f"journal.jsonl: version {found.chain.version} to {VERSION}, a checksum for each of {len(lines)} "
        f"records{torn}",
    )


def _study(folder: RunFolder) -> Iterator[tuple[Path, bytes, str]]:
    """Write settings by their present names, and those that did not exist with their defaults."""
    before = folder.read_study()
    settings = Settings.of(Settings.load(folder.study), str(folder.study))
    new = settings.to_toml({name: before[name] for name in FACTS if name in before})
    if Settings.of({k: v for k, v in parse_toml(new).items() if k not in FACTS}, "study.toml") != settings:
        raise RunError(f"{folder.study} cannot be migrated: its settings would be read differently")
    gone = [name for name in before if name not in parse_toml(new)]
    if gone:
        yield (
            folder.study,
            new.encode(),
            f"study.toml: settings by their present names, in place of {', '.join(gone)}",
        )
