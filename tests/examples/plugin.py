"""The example package of ``examples/plugin``, installed into a folder of its own, and data for it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

CHECKOUT = Path(__file__).parents[2]
PLUGIN = CHECKOUT / "examples" / "plugin"


def install(folder: Path) -> Path:
    """Install the package as its users would, from a copy: a build must leave nothing in the checkout."""
    command = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    offline = ("--no-index", "--no-deps", "--no-build-isolation", "--target", folder)
    done = subprocess.run([*command, *offline, PLUGIN], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def autogen(plugin: Path, *arguments: object, cwd: Path, code: int = 0) -> str:
    """What ``autogen`` with these arguments prints, where the plug-in is installed."""
    return python(plugin, "-m", "autogen", *arguments, cwd=cwd, code=code)


def python(plugin: Path, *arguments: object, cwd: Path, code: int = 0) -> str:
    """What Python with these arguments prints, where the plug-in is installed."""
    environment = os.environ | {"PYTHONPATH": f"{plugin}{os.pathsep}{CHECKOUT}", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, f"{command}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def strands(n: int, seed: int = 0) -> list[str]:
    """Strands of 20 to 30 bases, each base depending on the one before it."""
    chances = np.random.default_rng(7).dirichlet([0.5] * 4, size=4)
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(n):
        codes = [int(rng.integers(4))]
        for _ in range(int(rng.integers(19, 30))):
            codes.append(int(rng.choice(4, p=chances[codes[-1]])))
        found.append("".join("ACGT"[code] for code in codes))
    return found


def write_fasta(path: Path, made: list[str]) -> Path:
    path.write_text("".join(f">strand {i}\n{one}\n" for i, one in enumerate(made)))
    return path
