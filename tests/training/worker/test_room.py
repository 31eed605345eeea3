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
    [(SMALL, room.estimated_bytes), (ImageSpec(1, 8, 8), room.of_a_rank)],
    ids=["table", "images"],
)
def test_replicas_that_do_not_fit_are_told_how_many_do(spec, estimate, monkeypatch):
    needed = estimate(*settings("vae"), spec)
    monkeypatch.setattr(room, "free_memory", lambda: 3 * needed)
    room.check_room(*settings("vae"), spec, ranks=3)
    with pytest.raises(TrialFailure, match=r"4 replicas with the whole model .* take --replicas 3, or"):
        room.check_room(*settings("vae"), spec, ranks=4)
    monkeypatch.setattr(room, "free_memory", lambda: needed // 2)
    with pytest.raises(TrialFailure, match="each replica needs about"):
        room.check_room(*settings("vae"), spec, ranks=2)


def transformer(parallel, depth=8):
    family = registry.get("family", "autoregressive")()
    shape = family.model_config(width=128, depth=depth, heads=4)
    return family, FamilyConfig(shape, family.training_config(parallel=parallel))


@pytest.mark.parametrize("parallel", ["shard", "tensor", "pipeline"])
def test_a_model_that_is_too_large_fits_in_parts(parallel, monkeypatch):
    image = ImageSpec(1, 8, 8)
    whole = room.of_a_rank(*transformer("data"), image)
    assert room.of_a_rank(*transformer("data"), image, 4) == whole
    part = room.of_a_rank(*transformer(parallel), image, 4)
    assert 0.25 * whole < part < 0.4 * whole
    monkeypatch.setattr(room, "allowed_memory", lambda: part)
    room.check_room(*transformer(parallel), image, 4)
    with pytest.raises(TrialFailure, match="each replica needs about"):
        room.check_room(*transformer(parallel), image, 2)


def test_the_least_parallelism_that_fits_is_proposed_and_fits(monkeypatch):
    image = ImageSpec(1, 8, 8)
    monkeypatch.setattr(room, "allowed_memory", lambda: room.of_a_rank(*transformer("shard"), image, 3))
    with pytest.raises(
        TrialFailure, match=r"it needs about .* parallel = (\w+) .* --replicas 3 takes"
    ) as told:
        room.check_room(*transformer("data"), image)
    way = str(told.value).partition("parallel = ")[2].split()[0]
    room.check_room(*transformer(way), image, 3)
    with pytest.raises(TrialFailure):
        room.check_room(*transformer(way), image, 2)


def test_no_parallelism_is_proposed_where_none_fits_or_nothing_can_be_shared(monkeypatch):
    monkeypatch.setattr(room, "allowed_memory", lambda: 1000)
    for given in (transformer("data"), settings("vae")):
        with pytest.raises(TrialFailure, match=r"are free; take a smaller model$"):
            room.check_room(*given, ImageSpec(1, 8, 8))


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
