"""Open hostile run folders with every command that reads one, and print what went wrong as JSON lines.

python -m tests.engine.hostile.attack RUN FOLDER STRIDE RESUMED

Every STRIDE-th variant is opened, and every RESUMED-th of those is also resumed; 0 for none.
"""

import contextlib
import io
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path

from autogen.cli import app
from autogen.executors.process import _BOOTSTRAP
from tests.engine.hostile.variants import variants
from tests.hpo.study.logs import without_digests

#: Seconds in which a command must have ended; a study that is resumed trains and tests a model.
SECONDS = {"check": 20, "report": 20, "sample": 20, "resume": 60}
#: Bytes of address space, and of memory, that a command may take beyond what the sound run takes.
SPACE, MEMORY = 2**31, 2**29
#: Events of the interpreter that reading a run folder never causes.
FORBIDDEN = (
    "subprocess.Popen", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system",
    "pickle.find_class", "socket.connect", "socket.getaddrinfo", "urllib.Request",
)  # fmt: skip

#: Modules of the processes that a resumed study may start.
_OWN = ("autogen.executors.local.worker", "autogen.executors.local.nursery")
#: Events that change a file, and the arguments that are paths.
CHANGING = {
    "os.remove": (0,), "os.rmdir": (0,), "os.rename": (0, 1), "os.mkdir": (0,), "os.symlink": (1,),
    "os.link": (0, 1), "os.chmod": (0,), "os.chown": (0,), "os.truncate": (0,), "os.utime": (0,),
    "shutil.copyfile": (1,), "shutil.copytree": (1,), "shutil.move": (0, 1), "shutil.copymode": (1,),
    "shutil.copystat": (1,), "shutil.make_archive": (0,), "shutil.unpack_archive": (1,),
}  # fmt: skip


class Late(BaseException):
    """A command took too long; no handler takes this for an error of its own."""


class Guard:
    """Audit hook that remembers what a command does and must not do."""

    def __init__(self):
        self.armed, self.removes = False, False
        self.seen = []
        self.inside = ()
        sys.addaudithook(self)

    def __call__(self, event, arguments):
        if not self.armed:
            return
        if event in FORBIDDEN and not (self.removes and _of_own_worker(event, arguments)):
            self.seen.append(f"{event} {arguments!r:.200}")
        elif event == "import" and (name := str(arguments[0])).startswith(
            ("evil", "sitecustom", "usercustom")
        ):
            self.seen.append(f"import {name}")
        elif event == "exec" and str(getattr(arguments[0], "co_filename", "")).startswith(self.inside):
            self.seen.append(f"runs {arguments[0].co_filename}")
        elif event in CHANGING and (
            bad := [one for one in _paths(event, arguments) if not self._is_inside(one)]
        ):
            self.seen.append(f"{event} {bad}")
        elif event == "shutil.rmtree" and not (self.removes and self._is_inside(arguments[0])):
            self.seen.append(f"removes {arguments[0]}")
        elif event == "open" and _writes(arguments) and not self._is_inside(arguments[0]):
            self.seen.append(f"writes {arguments[0]}")

    def _is_inside(self, path):
        return os.path.abspath(path).startswith(self.inside)  # noqa: PTH100 - it follows no link


def _paths(event, arguments):
    """Paths among the arguments of an event; one relative to an open folder was reached by a name before."""
    found = [arguments[place] for place in CHANGING[event] if place < len(arguments)]
    return [os.fsdecode(one) for one in found if isinstance(one, str | bytes | os.PathLike)]


def _of_own_worker(event, arguments):
    """Tell if an event is the start of a worker, which a resumed study may have, or a message of one."""
    own = [sys.executable, "-c", _BOOTSTRAP]
    if event == "pickle.find_class":
        return arguments[0] == "autogen.hpo.trial"
    return event == "subprocess.Popen" and list(arguments[1][:3]) == own and arguments[1][3] in _OWN


def _writes(arguments):
    path, mode, flags = arguments
    return (
        isinstance(path, str)
        and bool((mode and set(mode) & set("wax+")) or (flags or 0) & 3)
        and path[:5] != "/dev/"
    )


def command(*arguments):
    """Exit code and outputs of a command in this process; an exception is no exit code."""
    out, err, sys.argv = io.StringIO(), io.StringIO(), ["autogen", *map(str, arguments)]
    signal.alarm(SECONDS[arguments[0]])
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), warnings.catch_warnings():
            warnings.simplefilter("error")
            app.main()
        code = 0
    except SystemExit as end:
        code = end.code or 0
    except BaseException as error:
        code = f"{type(error).__name__}: {error!s:.200} at {_place(error)}"
    finally:
        signal.alarm(0)
    return code, out.getvalue(), err.getvalue()


def _place(error):
    trace = error.__traceback__
    places = []
    while trace is not None:
        places.append(f"{trace.tb_frame.f_code.co_filename.rpartition('autogen/')[2]}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " < ".join(reversed([one for one in places if not one.startswith("/")]))[:300]


def late(*_):
    raise Late("it did not end in time")


def open_all(run, guard, *, resumed=False):
    """Open a folder with each command; give what went wrong."""
    found = []
    commands = [
        ("check", run),
        ("report", run),
        ("sample", run, "-n", "3", "-o", run.parent / "drawn/a.csv"),
    ]
    for arguments in [*commands, ("resume", run, "--budget", "+1trials", "--quiet")][: 3 + resumed]:
        guard.seen, guard.armed, guard.removes = [], True, arguments[0] == "resume"
        code, out, err = command(*arguments)
        guard.armed = False
        wrong = list(guard.seen)
        if code not in (0, 1, 2) or (code == 1 and arguments[0] != "check"):
            wrong.append(f"ended with {code}")
        if err.count("\n") > 1 or (err and not err.startswith("error: ")):
            wrong.append(f"said {err[:300]!r}")
        if any(ord(one) < 32 and one != "\n" for one in out + err):
            wrong.append("steers the terminal")
        found += [f"{arguments[0]}: {one}" for one in wrong]
    return found


@contextlib.contextmanager
def _patient():
    """No alarm ends a command."""
    before = signal.signal(signal.SIGALRM, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)


def main(run, folder, stride, resumed):
    sys.dont_write_bytecode = True
    guard = Guard()
    signal.signal(signal.SIGALRM, late)
    for name in ("outside", "drawn"):
        (folder / name).mkdir()
    guard.inside = (str(folder),)
    tempfile.tempdir = str(folder / "drawn")
    without_digests(run / "journal.jsonl")  # as whoever changes a folder would do: else these refuse the rest
    with _patient():  # an import that an alarm cuts off cannot be made again
        open_all(_copy(run, folder), guard, resumed=resumed > 0)  # imports everything
    sound = open_all(_copy(run, folder), guard, resumed=resumed > 0)
    assert sound == [], sound
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + SPACE, resource.RLIM_INFINITY))
    for number, (name, change) in enumerate(list(variants(run))[::stride]):
        copy = _copy(run, folder)
        change(copy)
        os.chdir(copy)  # where whoever looks at a run may stand, and modules of the folder are near
        before = _state(folder / "outside")
        guard.inside = (str(copy), str(folder / "drawn"))
        began, held = time.monotonic(), _peak(reset=True)
        wrong = open_all(copy, guard, resumed=resumed > 0 and number % resumed == 0)
        if _peak() > held + MEMORY:
            wrong.append(f"takes {(_peak() - held) >> 20} MiB")
        if _state(folder / "outside") != before:
            wrong.append("wrote outside")
        print(
            json.dumps({"variant": name, "wrong": wrong, "seconds": round(time.monotonic() - began, 2)}),
            flush=True,
        )


def _peak(*, reset=False):
    """Largest number of bytes of memory since the last reset."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    line = next(
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    return 1024 * int(line.split()[1])


def _copy(run, folder):
    os.chdir(folder)
    shutil.rmtree(folder / "run", ignore_errors=True)
    shutil.rmtree(folder / "outside")
    (folder / "outside").mkdir()
    return shutil.copytree(run, folder / "run")


def _state(folder):
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
