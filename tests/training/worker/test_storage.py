"""Checkpoints that another machine can continue from."""

import pytest

from autogen.errors import RunError
from autogen.training.worker.storage import Storage


@pytest.fixture(params=["folder", "url", "memory"])
def storage(request, tmp_path):
    url = {"folder": f"{tmp_path}/kept", "url": f"file://{tmp_path}/kept", "memory": f"memory://{tmp_path}"}
    return Storage(url[request.param])


def test_what_is_kept_is_fetched_until_it_is_forgotten(storage, tmp_path):
    (tmp_path / "a").write_bytes(b"weights")
    storage.check()
    storage.keep(tmp_path / "a", "0003/checkpoint")
    assert storage.fetch("0003/checkpoint", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"weights"
    storage.forget("0003")
    assert not storage.fetch("0003/checkpoint", tmp_path / "c")


def test_a_newer_file_takes_the_place_of_an_older(storage, tmp_path):
    for content in (b"old", b"new"):
        (tmp_path / "a").write_bytes(content)
        storage.keep(tmp_path / "a", "0003/checkpoint")
    storage.fetch("0003/checkpoint", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"new"


def test_a_storage_out_of_reach_costs_no_trial_but_is_refused_at_the_start(tmp_path):
    (tmp_path / "file").touch()
    storage = Storage(f"{tmp_path}/file/below")
    storage.keep(tmp_path / "file", "0003/checkpoint")
    storage.forget("0003")
    with pytest.raises(RunError, match="cannot be written"):
        storage.check()


def test_an_unknown_kind_of_storage_is_one_clear_line():
    with pytest.raises(RunError, match="storage 'nowhere://x' cannot be used"):
        Storage("nowhere://x")
