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

from autogen.errors import RunError, SettingsError, reason
from autogen.federated.messages import MOST_BYTES, Message, pack, unpack
from autogen.federated.owner import Owner
from autogen.federated.transport import Transport, read_answer
from autogen.files import make_folder, read_file, write

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


@contextmanager
def beating(path: Path) -> Iterator[None]:
    """Change a file ``alive`` every second inside of a ``with`` block."""
    stop, mark = threading.Event(), secrets.token_hex(4)
    write(path, f"{mark} 0")  # an error of the folder is raised here

    def beat() -> None:
        count = 0
        while not stop.wait(BEAT):
            count += 1
            with suppress(RunError):  # a network's folder may come back
                write(path, f"{mark} {count}")

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
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
        self._beating.__enter__()

    def present(self) -> tuple[str, ...]:
        """List the owners whose file changed not long ago."""
        with suppress(OSError):
            for place in self.folder.joinpath("owners").iterdir():
                if _NAME.fullmatch(place.name) and place.is_dir() and not place.is_symlink():
                    self._watches.setdefault(place.name, Watch(place / "alive"))
        return tuple(sorted(name for name, one in self._watches.items() if one.quiet() < self.patience))

    def ask(self, requests: Mapping[str, Message], seconds: float) -> dict[str, Message]:
        """Write requests and read answers until all have answered, are gone, or are late."""
        until = time.monotonic() + seconds
        number = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        waiting: dict[str, Path] = {}
        for owner, request in requests.items():
            place = self.folder / "owners" / owner
            self._sweep(place)
            asked = pack(request)
            write(place / f"ask-{number}", asked)
            self.note(owner, len(asked))
            waiting[owner] = place
        found: dict[str, Message] = {}
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
        """Remove earlier requests, and answers that came too late."""
        for file in [*place.glob("ask-*"), *place.glob("answer-*")]:
            file.unlink(missing_ok=True)


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
        raise RunError(f"another {what} runs in {path.parent}; end it first, or take another name or folder")


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
    with beating(place / "alive"):
        while True:
            request = next(iter(sorted(place.glob("ask-*"))), None)
            answer = place / request.name.replace("ask-", "answer-") if request else None
            if request is None or answer is None or answer.exists():
                if min(server.quiet(), time.monotonic() - began) > patience:
                    raise RunError(
                        f"no server shows a sign of life in {folder} for {patience:g} s; start it: autogen "
                        f"federate serve {folder}"
                    )
                time.sleep(_POLL)
                continue
            if _answered(owner, request, answer, told):
                return


def _answered(owner: Owner, request: Path, answer: Path, told: Callable[[str], None]) -> bool:
    """Answer one request; True if it ends the study."""
    try:
        asked = unpack(read_file(request, MOST_BYTES))
    except FileNotFoundError:  # the server waits no longer
        return False
    except (OSError, RunError) as error:
        write(answer, pack(Message("failed", {"reason": reason(error)})))
        return False
    told(asked.act)
    found = owner.answer(asked)
    if request.exists():
        write(answer, pack(found))
    return asked.act == "end"
