"""The memory that a trial on a table would take."""

import pytest

from autogen import registry
from autogen.data.specs import ColumnSpec, ImageSpec, TableSpec
from autogen.errors import TrialFailure
from autogen.families.base import FamilyConfig
from autogen.training.solo import build_model
from autogen.training.worker import efficiency, room
from autogen.training.worker.efficiency import count_parameters

SMALL = TableSpec((ColumnSpec("job", 4), ColumnSpec("town", 30)))
LARGE = TableSpec((ColumnSpec("job", 4), ColumnSpec("street, number", 3_000_000)))


def settings(name):
    family = registry.get("family", name)()
    return family, FamilyConfig(family.model_config(), family.training_config())


@pytest.mark.parametrize("name", ["vae", "gan", "autoregressive"])
def test_a_column_of_millions_of_categories_is_refused_by_its_name(name, monkeypatch):
    monkeypatch.setattr(room, "free_memory", lambda: 4 * 10**9)
    with pytest.raises(TrialFailure, match=r"'street, number' alone has 3,000,000 distinct values"):
        room.check_room(*settings(name), LARGE)


@pytest.mark.parametrize("name", ["vae", "gan", "autoregressive"])
def test_an_ordinary_table_is_let_through(name):
    room.check_room(*settings(name), SMALL)


@pytest.mark.parametrize(
    ("spec", "estimate"),
    [(SMALL, room.estimated_bytes), (ImageSpec(1, 8, 8), room.held_bytes)],
    ids=["table", "images"],
)
def test_replicas_that_do_not_fit_are_told_how_many_do(spec, estimate, monkeypatch):
    needed = estimate(*settings("vae"), spec)
    monkeypatch.setattr(room, "free_memory", lambda: 3 * needed)
    room.check_room(*settings("vae"), spec, copies=3)
    with pytest.raises(TrialFailure, match=r"4 replicas with the whole model .* take --replicas 3, or"):
        room.check_room(*settings("vae"), spec, copies=4)
    monkeypatch.setattr(room, "free_memory", lambda: needed // 2)
    with pytest.raises(TrialFailure, match="it needs about"):
        room.check_room(*settings("vae"), spec, copies=2)


def test_the_estimate_holds_the_parameters_and_grows_with_the_batch():
    family, config = settings("vae")
    wider = FamilyConfig(config.model, family.training_config(batch_size=1280))
    estimate = room.estimated_bytes(family, config, SMALL)
    assert estimate > 16 * count_parameters(family, config, SMALL)
    assert room.estimated_bytes(family, wider, SMALL) > estimate


@pytest.mark.parametrize("name", ["vae", "gan", "autoregressive"])
def test_nothing_of_the_model_is_built_to_estimate_it(name, monkeypatch):
    built = []

    def kept(*arguments, **named):
        built.append(build_model(*arguments, **named))
        return built[-1]

    monkeypatch.setattr(efficiency, "build_model", kept)
    room.estimated_bytes(*settings(name), LARGE)
    assert all(parameter.is_meta for model in built for parameter in model.parameters())
    assert len(built) == 1


def test_images_are_not_estimated(monkeypatch):
    monkeypatch.setattr(room, "free_memory", lambda: 0)
    room.check_room(*settings("vae"), ImageSpec(1, 8, 8))


def test_free_memory_is_that_of_a_machine(monkeypatch, tmp_path):
    assert room.free_memory() > 10**7
    monkeypatch.setattr(room, "MEMORY", tmp_path / "none")
    assert room.free_memory() > 10**8
