"""Memory that a process may still take, told from what it reserves and does not use."""

import subprocess
import sys

import pytest

from autogen.training.worker import memory

LIMITED = """
import mmap, os, threading
import numpy as np
from autogen.executors.process import limit_memory
from autogen.training.worker.memory import allowed_memory, held_memory

unlimited = allowed_memory()
limit_memory(200_000_000)
assert 0.9 * 200_000_000 < allowed_memory() <= 200_000_000 < unlimited
reserved = mmap.mmap(-1, 10**10, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ)
shared = mmap.mmap(-1, 4 * 10**8, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
for start in range(0, len(shared), 10**6):
    shared[start : start + 10**6] = bytes(10**6)
assert allowed_memory() > 0.8 * 200_000_000, "what is reserved or shared counts"
held = held_memory()
taken = np.ones(10**8, np.uint8)
assert 10**8 <= held_memory() - held < 1.1 * 10**8
assert allowed_memory() < 10**8
try:
    np.ones(15 * 10**7, np.uint8)
except MemoryError:
    print("refused")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.slow
def test_a_limit_counts_what_a_process_can_write_to_and_shares_with_none():
    done = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("refused\n", 0), done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_process_is_allowed_what_its_limit_leaves(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "LIMITS", tmp_path / "limits")
    held = memory.held_memory()
    for limit, least, most in (("unlimited", 10**7, 10**18), (held + 10**6, 0, 10**6), (1000, 0, 0)):
        (tmp_path / "limits").write_text(f"Max data size             {limit}         unlimited     bytes\n")
        assert least <= memory.allowed_memory() <= most
    monkeypatch.setattr(memory, "LIMITS", tmp_path / "none")
    assert memory.allowed_memory() > 10**7


def test_free_memory_is_that_of_a_machine(monkeypatch, tmp_path):
    assert memory.free_memory() > 10**7
    monkeypatch.setattr(memory, "MEMORY", tmp_path / "none")
    assert memory.free_memory() > 10**8
