"""Damaged files open, or are refused in one line; ``AUTOGEN_FUZZ=20000`` tries as many of each."""

import os
import warnings
import zlib

import numpy as np
import pytest

from autogen.data.open import open_data
from autogen.errors import DataError
from tests.fuzz.mutations import mutated, seeds

SEEDS = seeds()
TRIES = int(os.environ.get("AUTOGEN_FUZZ", "40"))


@pytest.mark.slow
@pytest.mark.parametrize("name", SEEDS)
def test_a_damaged_file_opens_or_is_refused_in_one_line(name, tmp_path):
    path = tmp_path / name
    for seed in range(TRIES):
        rng = np.random.default_rng([zlib.crc32(name.encode()), seed])
        path.write_bytes(mutated(SEEDS[name], rng))
        refusal = refused(path, seed)
        assert refusal.isprintable(), f"seed {seed}: {refusal!r}"


def refused(path, seed):
    """The line that refuses a file; empty if it opens."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            module = open_data(path)
            module.codec.encode(module.split("test"))
        except DataError as error:
            return str(error)
        except Exception as error:
            pytest.fail(f"seed {seed}: {type(error).__name__}: {error}")
    return ""


@pytest.mark.parametrize("name", SEEDS)
def test_the_files_are_read_when_they_are_not_damaged(name, tmp_path):
    (tmp_path / name).write_bytes(SEEDS[name])
    assert len(open_data(tmp_path / name).rows["train"])
