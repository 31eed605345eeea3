"""Process that tells what it finds, or ends as it is told to."""

import ctypes
import json
import os
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path


def main(connection, do, folder=""):
    if do == "touch":
        Path(folder, "touched").touch()
    elif do == "sleep":
        time.sleep(600)
    elif do == "tell":
        pipe = Connection(connection)
        pipe.send_bytes(json.dumps(found()).encode())
        time.sleep(600)
    else:
        print(f"about to {do}", file=sys.stderr)
    if do == "raise":
        raise ValueError("about to raise")
    if do == "exit":
        sys.exit(4)
    if do == "segfault":
        sys.stderr.flush()
        ctypes.string_at(0)


def found():
    torch = sys.modules.get("torch")
    return {
        "pid": os.getpid(),
        "session": os.getsid(0),
        "folder": str(Path.cwd()),
        "path": sys.path,
        "told": os.environ.get("AUTOGEN_TOLD"),
        "later": os.environ.get("AUTOGEN_LATER"),
        "threads": os.environ.get("OMP_NUM_THREADS"),
        "loaded": [name for name in ("numpy", "torch") if name in sys.modules],
        "cards": torch.cuda.is_initialized() if torch else None,
    }
