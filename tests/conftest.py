"""One thread for each test process, and the way to data sets that are not in the repository."""

import os
from pathlib import Path

import pytest

# Before torch is imported: two processes of two threads each take far longer than two of one.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder $AUTOGEN_DATA, by default ../shared/data beside the checkout; skips where there is none."""
    beside = Path(__file__).parents[2] / "shared/data"
    folder = Path(os.environ.get("AUTOGEN_DATA", beside))
    if not folder.is_dir():
        pytest.skip(f"no data sets in {folder}; set AUTOGEN_DATA to the folder that holds them")
    return folder
