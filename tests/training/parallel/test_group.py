"""A rank that is gone ends a trial, which is tried again, instead of the study."""

import os
import subprocess
import sys

import pytest

LEFT = """
import multiprocessing
import torch
from autogen.errors import WorkerLost
from tests.training.parallel.partner import partner

if __name__ == "__main__":
    with partner() as (group, pipe):
        (other,) = multiprocessing.active_children()
        other.kill()
        other.join()
        pipe.send = print
        loss = torch.ones(())
        for act in (lambda: group.any(True), lambda: group.reduce([], loss, 1.0), lambda: group.gather(loss)):
            try:
                act()
            except WorkerLost as error:
                print(error)
"""


@pytest.mark.slow
def test_each_message_to_a_rank_that_is_gone_says_so(tmp_path):
    """In a process of its own, since this group is broken afterwards, and a process has one."""
    (tmp_path / "left.py").write_text(LEFT)
    found = subprocess.run(
        [sys.executable, str(tmp_path / "left.py")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    told = [line for line in found.stdout.splitlines() if line != "None"]
    assert len(told) == 3, found.stderr
    assert all(line.startswith("another replica is gone or does not answer: ") for line in told)
