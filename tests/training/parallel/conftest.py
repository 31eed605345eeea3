"""The second process, started once for all tests of this folder."""

import pytest
import torch

from tests.training.parallel.partner import partner


@pytest.fixture(scope="package")
def second():
    """The group of rank 0, and the pipe that takes cases for rank 1."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with partner() as started:
        yield started
    torch.set_num_threads(threads)
