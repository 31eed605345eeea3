"""What is wrong with a cluster's settings shows before a cluster is joined, in one line."""

import importlib.util

import pytest

from autogen.errors import RunError, SettingsError
from autogen.executors.ray.executor import RayExecutor
from autogen.executors.ray.options import RayOptions


@pytest.fixture
def without(monkeypatch):
    """Make a package look as if it was not installed."""
    found = importlib.util.find_spec

    def hide(name):
        monkeypatch.setattr(importlib.util, "find_spec", lambda one: None if one == name else found(one))

    return hide


def test_an_address_outside_the_cluster_needs_rays_client(without):
    without("grpc")
    with pytest.raises(SettingsError, match=r"ray://head:10001 needs grpcio.*pip install 'ray\[client\]'"):
        RayExecutor(options=RayOptions("ray://head:10001"))
    RayExecutor(options=RayOptions("head:6379")).close()


def test_without_ray_the_error_says_what_to_install(without):
    without("ray")
    with pytest.raises(SettingsError, match=r"pip install 'ray\[client\]'"):
        RayExecutor()


@pytest.mark.parametrize(
    ("storage", "why"),
    [
        ("webhdfs-of-mars://host/x", "Protocol not known: webhdfs-of-mars"),
        ("oss://bucket/x", "Install ossfs .*, on every node"),
    ],
)
def test_a_storage_whose_package_is_missing_is_refused_in_one_line(storage, why):
    with pytest.raises(RunError, match=f"storage '{storage}' cannot be used: {why}") as raised:
        RayExecutor(options=RayOptions(storage=storage))
    assert "\n" not in str(raised.value)


def test_a_storage_by_url_is_taken(tmp_path):
    RayExecutor(options=RayOptions(storage=f"file://{tmp_path}/checkpoints")).close()
