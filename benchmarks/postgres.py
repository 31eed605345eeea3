"""A PostgreSQL of this benchmark's own, on a socket in a temporary folder."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_PLACES = "/usr/lib/postgresql/*/bin"


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Start a server with its default settings; yields a URL for SQLAlchemy.

    As root it runs as the user ``postgres``, which Debian's package makes: the server refuses root.
    """
    user = "postgres" if os.getuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="autogen-pg-") as folder:
        if user:
            shutil.chown(folder, user)
        data, quiet = f"{folder}/data", {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        make = [_binary("initdb"), "-D", data, "-A", "trust", "-U", "autogen"]
        subprocess.run(make, user=user, cwd=folder, check=True, **quiet)
        serve = [_binary("postgres"), "-D", data, "-k", folder, "-c", "listen_addresses="]
        server = subprocess.Popen(serve, user=user, cwd=folder, **quiet)
        try:
            _wait(folder)
            yield f"postgresql+psycopg://autogen@/postgres?host={folder}"
        finally:
            server.send_signal(signal.SIGINT)  # the polite signal waits for all clients to leave
            server.wait()


def _binary(name: str) -> str:
    """A program of the package, which Debian keeps off the path."""
    found = shutil.which(name) or next(map(str, sorted(Path("/").glob(f"{_PLACES[1:]}/{name}"))), "")
    if not found:
        raise SystemExit(f"{name} is not here; install Debian's package postgresql")
    return found


def _wait(folder: str) -> None:
    """Wait until the server answers."""
    import psycopg

    for _ in range(300):
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(f"host={folder} user=autogen dbname=postgres").close()
            return
        time.sleep(0.1)
    raise SystemExit("PostgreSQL did not start within 30 s")
