"""What a kind of data declares, and what a kind that is derived from a shipped one takes over."""

import json

import pytest

import autogen
from autogen import registry
from autogen.data.declaration import declared, lineage
from autogen.data.images.kind import Images
from autogen.data.open import codec_from_json, open_data
from autogen.families.baselines.base import Baseline
from autogen.families.baselines.lookup import baselines_for
from autogen.hpo.space import space_names
from autogen.metrics.distance import Distance
from autogen.metrics.lookup import default_metric, metric_for, metric_names
from autogen.metrics.memorization.lookup import distance_to
from tests.engine.test_engine import few_digits


class Scans(Images):
    """Images under another name, which they are recognised by."""

    name = "scan"

    def recognizes(self, source):
        return str(source).endswith(".scan")


@pytest.fixture
def scans(monkeypatch):
    monkeypatch.setitem(registry.BUILT_IN["data"], "scan", f"{__name__}:Scans")


@pytest.mark.parametrize("kind", registry.BUILT_IN["data"])
def test_what_a_kind_declares_is_there(kind):
    known = declared(kind)
    assert known.metric in registry.names("metric")
    assert known.features in registry.names("features")
    assert set(known.spaces) <= set(space_names())
    baselines = baselines_for(kind)
    assert all(issubclass(baseline, Baseline) for baseline in baselines.values())
    assert any(baseline.control for baseline in baselines.values())
    assert any(baseline.trivial for baseline in baselines.values())
    assert issubclass(registry.load(known.distance), Distance)
    further = (known.likelihood, known.preview.marginals, known.preview.tunes, *known.evidence.values())
    assert all(callable(registry.load(place)) for place in further if place)


def test_a_kind_derived_from_a_shipped_one_has_its_metrics_baselines_and_distance(scans):
    assert lineage("scan") == ("scan", "image")
    assert default_metric("scan") == "kd"
    assert metric_names("scan") == metric_names("image")
    assert metric_for("fd", "scan").objective == metric_for("fd", "image").objective
    assert baselines_for("scan") == baselines_for("image")
    data = open_data("digits", kind="scan")
    assert type(distance_to(data.split("tune"), data.codec)) is registry.load(declared("image").distance)


def test_its_codec_bears_its_name_also_after_json(scans):
    codec = open_data("digits", kind="scan").codec
    assert codec.kind == "scan"
    assert codec_from_json(json.loads(json.dumps(codec.to_json()))).kind == "scan"
    assert open_data("digits").codec.kind == "image"


@pytest.mark.slow
def test_a_kind_derived_from_a_shipped_one_is_searched_by_its_name(scans, tmp_path):
    space = tmp_path / "space.toml"
    space.write_text("[vae.model]\nwidth = 32\ndepth = 1\n[vae.training]\nsteps = 30\n")
    settings = {"budget": "1trials", "families": ["vae"], "space": str(space), "workers": 1}
    found = autogen.search(
        few_digits(tmp_path), kind="scan", out=tmp_path / "run", confirm_seeds=2, **settings
    )
    assert found.record["data"]["kind"] == "scan"
    assert autogen.load(tmp_path / "run").sample(2).shape == (2, 8, 8, 1)
