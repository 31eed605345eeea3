"""Way through a folder that all sides can write: for owners whose firewalls let nobody in.

Files are written whole or not at all. In the folder of an owner, ``owners/NAME``, its file ``alive`` changes
every second, the server puts requests ``ask-ID`` there, and the owner its answers ``answer-ID``. A request
has an identifier of its own, so that a late answer is known as such, and an owner that was killed and started
again finds what is asked and answers once. Clocks are not compared: who does not change its file for a while
is gone.
"""

import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from autogen.errors import RunError, SettingsError, WriteError, one_line, reason
from autogen.federated.messages import MOST_BYTES, Message, pack, unpack
from autogen.federated.owner import Owner
from autogen.federated.transport import Transport, read_answer
from autogen.files import is_disk_error, make_folder, read_file, write

#: Seconds between two changes of ``alive``, and without one after which its process counts as gone.
BEAT, PATIENCE = 1.0, 20.0
_POLL = 0.05
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_MOST_BEAT = 100  # bytes of the file alive


def check_name(name: str) -> str:
    """Check the name of an owner, which becomes that of a folder. Raises ``SettingsError``."""
    if not _NAME.fullmatch(name):
        raise SettingsError(
            f"the name of an owner has up to 40 letters, digits, - and _, unlike {name!r:.60}; give --name"
        )
    return name


class Watch:
    """Watches a file ``alive`` by this process's own clock.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen, self._at = b"", time.monotonic()

    def quiet(self) -> float:
        """Return the seconds since the file was last seen to change; ``inf`` if it is not there."""
        try:
            found = read_file(self.path, _MOST_BEAT)
            if found != self._seen:
                self._seen, self._at = found, time.monotonic()
        except FileNotFoundError:  # its process has ended, and has said so
            return float("inf")
        except OSError:  # a network's folder may come back
            pass
        return time.monotonic() - self._at if self._seen else float("inf")


def put(path: Path, content: str | bytes) -> None:
    """Write a file of the folder. Raises ``RunError``, which says why it cannot be written."""
    try:
        write(path, content)
    except WriteError as error:
        cause = error.__cause__
        why = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
        raise RunError(
            f"cannot write {path}: {why}; free space or give permissions, then start this command again"
        ) from error


@contextmanager
def beating(path: Path) -> Iterator[threading.Event]:
    """Change a file ``alive`` every second inside of a ``with`` block.

    Two processes that begin at the same moment do not see each other before: whoever finds the other's mark
    in the file stops.

    Args:
        path: The file.

    Yields:
        Event that is set when another process writes the file.
    """
    stop, taken, mark = threading.Event(), threading.Event(), secrets.token_hex(4)
    put(path, f"{mark} 0")

    def beat() -> None:
        count = 0
        while not stop.wait(BEAT):
            count += 1
            with suppress(OSError):  # a network's folder may come back
                if not read_file(path, _MOST_BEAT).startswith(mark.encode()):
                    taken.set()
                    return
            with suppress(RunError):
                write(path, f"{mark} {count}")

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield taken
    finally:
        stop.set()
        thread.join()
        if not taken.is_set():
            with suppress(OSError):
                path.unlink(missing_ok=True)


class FolderTransport(Transport):
    """The server's side of a shared folder.

    Args:
        folder: The folder, which is made.
        patience: Seconds after which an owner that shows no sign of life is gone.

    Raises:
        RunError: the folder cannot be used, or another server uses it.
    """

    def __init__(self, folder: Path, patience: float = PATIENCE) -> None:
        self.folder, self.patience = folder, patience
        self.traffic = {}
        self._watches: dict[str, Watch] = {}
        make_folder(folder / "owners")
        refuse_second(folder / "alive", "server")
        self._beating = beating(folder / "alive")
        self._taken = self._beating.__enter__()

    def present(self) -> tuple[str, ...]:
        """List the owners whose file changed not long ago.

        Raises:
            RunError: another server has begun in this folder.
        """
        if self._taken.is_set():
            raise RunError(taken_by_another(self.folder, "server"))
        with suppress(OSError):
            for place in self.folder.joinpath("owners").iterdir():
                if _NAME.fullmatch(place.name):
                    self._watches.setdefault(place.name, Watch(place / "alive"))
        alive = [name for name, one in self._watches.items() if one.quiet() < self.patience]
        return tuple(sorted(name for name in alive if self._own(name)))

    def _own(self, owner: str) -> bool:
        """Tell if an owner's folder is one, and no link to another place."""
        place = self.folder / "owners" / owner
        return place.is_dir() and not place.is_symlink()

    def ask(self, requests: Mapping[str, Message], seconds: float) -> dict[str, Message]:
        """Write requests and read answers until all have answered, are gone, or are late."""
        until = time.monotonic() + seconds
        number = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        waiting: dict[str, Path] = {}
        found: dict[str, Message] = {}
        for owner, request in requests.items():
            if not self._own(owner):
                continue
            place = self.folder / "owners" / owner
            self._sweep(place)
            asked = pack(request)
            try:
                put(place / f"ask-{number}", asked)
            except RunError as error:
                if is_disk_error(error.__cause__.__cause__ if error.__cause__ else error):
                    raise  # of the machine, and not of this owner's folder
                found[owner] = Message("failed", {"reason": one_line(str(error))})
                continue
            self.note(owner, len(asked))
            waiting[owner] = place
        while waiting and time.monotonic() < until:
            for owner, place in list(waiting.items()):
                if (data := _taken(place / f"answer-{number}")) is not None:
                    self.note(owner, 0, len(data))
                    found[owner] = read_answer(data)
                    self._sweep(waiting.pop(owner))
            present = set(self.present())
            waiting = {owner: place for owner, place in waiting.items() if owner in present}
            time.sleep(_POLL)
        for owner in requests.keys() - found.keys():
            self._sweep(self.folder / "owners" / owner)
        return found

    def close(self) -> None:
        """Stop to show a sign of life; owners then end."""
        self._beating.__exit__(None, None, None)

    def _sweep(self, place: Path) -> None:
        """Remove earlier requests, and answers that came too late; what is no file stays."""
        if not self._own(place.name):
            return
        for file in [*place.glob("ask-*"), *place.glob("answer-*")]:
            with suppress(OSError):
                file.unlink(missing_ok=True)


def taken_by_another(folder: Path, what: str) -> str:
    """Say that another process of the same name runs."""
    return f"another {what} runs in {folder}; end it first, or take another name or folder"


def refuse_second(path: Path, what: str) -> None:
    """Refuse to start beside another process of the same name.

    Raises:
        RunError: its file ``alive`` changes.
    """
    if not path.exists():
        return
    watch = Watch(path)
    watch.quiet()
    time.sleep(2.5 * BEAT)
    if watch.quiet() < BEAT * 2:
        raise RunError(taken_by_another(path.parent, what))


def _taken(path: Path) -> bytes | None:
    """Read an answer, bounded; ``None`` if there is none yet. What cannot be read is empty."""
    try:
        return read_file(path, MOST_BYTES)
    except FileNotFoundError:
        return None
    except OSError:
        return b""


def join(
    folder: Path,
    owner: Owner,
    *,
    patience: float = 120.0,
    told: Callable[[str], None] = lambda _: None,
) -> None:
    """Answer what a server asks in a folder until it ends the study.

    Args:
        folder: The shared folder.
        owner: The owner.
        patience: Seconds without a sign of life of the server after which the owner gives up.
        told: Function that gets a line about each request.

    Raises:
        RunError: the folder cannot be used, another process has this name, or the server is gone.
    """
    place = folder / "owners" / check_name(owner.name)
    make_folder(place)
    refuse_second(place / "alive", f"owner {owner.name}")
    server, began = Watch(folder / "alive"), time.monotonic()
    with beating(place / "alive") as taken:
        while True:
            if taken.is_set():
                raise RunError(taken_by_another(place, f"owner {owner.name}"))
            request = next((one for one in sorted(place.glob("ask-*")) if not _answer_to(one).exists()), None)
            if request is None:
                if min(server.quiet(), time.monotonic() - began) > patience:
                    raise RunError(
                        f"no server shows a sign of life in {folder} for {patience:g} s; start it: autogen "
                        f"federate serve {folder}"
                    )
                time.sleep(_POLL)
                continue
            if _answered(owner, request, _answer_to(request), told):
                return


def _answer_to(request: Path) -> Path:
    """Return the file that answers a request."""
    return request.with_name(request.name.replace("ask-", "answer-", 1))


def _answered(owner: Owner, request: Path, answer: Path, told: Callable[[str], None]) -> bool:
    """Answer one request; True if it ends the study. Raises ``RunError`` if that is without a model."""
    try:
        asked = unpack(read_file(request, MOST_BYTES))
    except FileNotFoundError:  # the server waits no longer
        return False
    except (OSError, RunError) as error:
        put(answer, pack(Message("failed", {"reason": reason(error)})))
        return False
    told(asked.act)
    found = owner.answer(asked)
    if request.exists():
        put(answer, pack(found))
    if asked.act == "end" and not asked.tensors:
        raise RunError(one_line(str(asked.about.get("why") or "the study ended without a model")))
    return asked.act == "end"
