"""SHA-256 of what a study delivered, as the journal records it: no figure or weight changes unseen."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from autogen.errors import RunError, reason, resume_command

RESULT, JOURNAL = "result.json", "journal.jsonl"
PRIVATE = "private.json"  # split and noisy counts of a study with epsilon
#: Files of a folder with a model; said once more, since the command line reads results without torch.
OF_A_MODEL = MODEL, CONFIG, DATA = "model.safetensors", "config.toml", "data.json"
#: Folders of what publishing writes, which `autogen resume` writes again.
_PUBLISHED = ("best", "refit")


def digests(run: Path) -> dict[str, str]:
    """Compute the SHA-256 of result.json and of each stored model of a run with its config and codec.

    Args:
        run: Folder of the run.

    Returns:
        Digest in hexadecimal by the path of the file within the folder, in order.

    Raises:
        RunError: a file cannot be read.
    """
    return {name: _sha256(run / name) for name in _names(run)}


def differing(run: Path, recorded: Mapping[str, str]) -> Iterator[str]:
    """Find the files of a run that are missing, or are not as they were recorded.

    Args:
        run: Folder of the run.
        recorded: Digest by the path of the file within the folder.

    Yields:
        One sentence each, which begins with the path of the file.
    """
    for name, digest in recorded.items():
        if fault := _fault(run, name, digest):
            yield fault


def check_files(run: Path, names: Iterable[str]) -> None:
    """Check that files of a finished run are those that its journal recorded.

    The journal's checksums are not checked, since loading must not take longer for a long study. No file is
    checked that the journal has no digest of: the study has not ended, or an older autogen wrote it.

    Args:
        run: Folder of the run.
        names: Paths of the files within the folder.

    Raises:
        RunError: a file was changed or is damaged; it is named.
    """
    known = recorded(run)
    for name in names:
        if name in known and (run / name).exists() and (fault := _fault(run, name, known[name])):
            raise RunError(fault)


def check_published(run: Path) -> None:
    """Check that result.json and the delivered model are as recorded; see ``check_files``."""
    check_files(run, [name for name in recorded(run) if not is_source(name)])


def check_model(folder: Path) -> None:
    """Check that the files of a model are those that the journal of its run recorded; see ``check_files``.

    Args:
        folder: Folder of the model; one that is in no run passes.
    """
    folder = folder.absolute()
    for run in (folder.parent, folder.parent.parent):
        if (run / "study.toml").exists() and (run / JOURNAL).exists():
            codec = folder / DATA if (folder / DATA).exists() else run / "trials" / DATA
            files = (folder / MODEL, folder / CONFIG, codec)
            check_files(run, (path.relative_to(run).as_posix() for path in files))
            return


def is_source(name: str) -> bool:
    """Tell if a file is one that publishing reads, such as a trial's model, and not one that it writes."""
    return name != RESULT and name.partition("/")[0] not in _PUBLISHED


def recorded(run: Path) -> Mapping[str, str]:
    """Read the digests that a journal holds of files that are still to be as they were.

    Of a study that goes on after a result these are the models of complete trials; it writes the others anew.

    Returns:
        Digest by the path of the file within the folder; empty without any.
    """
    from autogen.hpo.study.events import Result  # needs file locks by its journal, which models do not
    from autogen.hpo.study.journal import last_event

    journal = run / JOURNAL
    last = last_event(journal)
    if isinstance(last, Result):
        return last.sha256
    before = last_event(journal, Result.NAME)
    return unchanging(before.sha256) if isinstance(before, Result) else {}


def unchanging(known: Mapping[str, str]) -> dict[str, str]:
    """Keep the digests of files that no command writes again: the models of complete trials."""
    return {name: known[name] for name in known if name.startswith("trials/") and name != f"trials/{DATA}"}


def _names(run: Path) -> Iterator[str]:
    places = [run / RESULT, run / PRIVATE, run / "trials" / DATA]
    places += [run / folder / name for folder in _PUBLISHED for name in OF_A_MODEL]
    models = sorted(run.glob(f"*/[0-9]*/{MODEL}"))
    places += [model.with_name(name) for model in models for name in (MODEL, CONFIG)]
    return (path.relative_to(run).as_posix() for path in places if path.is_file())


def _fault(run: Path, name: str, digest: str) -> str:
    """Say in one sentence that a file is missing or another one; empty if it is as recorded."""
    path = run / name
    if not path.is_relative_to(run) or ".." in path.parts[len(run.parts) :]:
        return f"{name!r:.80} in the journal's result is no file of a run"
    if not path.is_file():
        return f"{path} is missing, but the journal recorded it; {_remedy(run, name)}"
    if _sha256(path) == digest:
        return ""
    return f"{path} was changed or is damaged: the journal recorded another SHA-256; {_remedy(run, name)}"


def _remedy(run: Path, name: str) -> str:
    return "restore it from a copy" if is_source(name) else f"write it again: {resume_command(run)}"


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise RunError(f"cannot read {path}: {reason(error)}") from error
