"""The pre-trained base of a study: its part of the search space, its notes, and the memory that it needs."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from autogen import registry
from autogen.data.declaration import declared
from autogen.data.module import DataModule
from autogen.engine.run_folder import RunFolder
from autogen.errors import SettingsError
from autogen.families.base import FamilyConfig, ModelFamily, parse_config
from autogen.families.based import HasBase
from autogen.hpo.space.parameters import Parameter
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.space.shipped import family_space
from autogen.hpo.trial import Config, Value
from autogen.training.worker.memory import free_memory


def base_settings(folder: str, data: DataModule, began: RunFolder | None) -> Config:
    """Find the constants of all configs that adapt the base of a study; empty for a study without one.

    Args:
        folder: Folder of the base, as the settings name it; empty for none.
        data: Data of the study.
        began: Folder of the run that goes on, which keeps the base that it began with; ``None`` for a new
            one.

    Raises:
        UserError: the folder holds no base for this data.
    """
    if not folder:
        return {}
    name = declared(data.kind.name).adapts
    family = _family(name)
    if began and began.space.exists():
        space = SearchSpace.load(began.space)
        known = space.default(name) if name in space.families else {}
        return {key: known[key] for key in family.base_keys if key in known}
    given = data.codec, data.raw.samples, free_memory(), data.split("train")
    return family.settings_for(Path(folder), *given)


def libraries(base: Config, name: str) -> tuple[str, ...]:
    """List the distributions that a study with a base computes with beside the usual ones.

    Args:
        base: Constants of ``base_settings``.
        name: Family that adapts a base to this kind of data.
    """
    return _family(name).libraries if base else ()


def with_notes(data: DataModule, base: Config) -> DataModule:
    """Add what there is to know of the base to the notes of the data."""
    if not base:
        return data
    name = declared(data.kind.name).adapts
    notes = _family(name).notes(_settings(base, name), data.codec, data.raw.samples)
    return replace(data, notes=(*data.notes, *notes))


def with_base(
    space: SearchSpace, base: Config, names: Sequence[str], families: Sequence[str], name: str
) -> SearchSpace:
    """Give the branch of the base's family its constants; without a base the space has no such branch.

    Args:
        space: Search space; if it has no branch of the family, the shipped one joins it.
        base: Constants of ``base_settings``.
        names: Names of shipped spaces; the branch of the first that has one joins.
        families: Families that the user names; empty for all.
        name: Family that adapts a base to this kind of data.

    Raises:
        SettingsError: a base without its family among those that are named, or the family without a base.
    """
    if not base:
        rest = [family for family in space.families if family != name]
        if name in families or not rest:
            raise SettingsError(
                f"the family {name} adapts a model that you have: give its folder, --pretrained FOLDER"
            )
        return space.restrict(rest) if name in space.families else space
    if families and name not in families:
        raise SettingsError(
            f"pretrained names a model, but families leaves out the family that adapts it: add {name} to "
            "families, or leave pretrained out"
        )
    own = space if name in space.families else SearchSpace.load(family_space(name, names))
    branches: dict[str, dict[str, Parameter | Value]] = {
        family: dict(space.branch(family).declared()) for family in space.families
    }
    branches[name] = dict(own.branch(name).declared()) | dict(base)
    return space.rebuilt(branches)


def check_memory(space: SearchSpace, base: Config, data: DataModule, workers: int) -> None:
    """Refuse a base of which the machine has no room for one copy in each worker.

    Args:
        space: Search space of the study.
        base: Constants of ``base_settings``.
        data: Data of the study.
        workers: Number of workers on this machine; 0 if a cluster decides.

    Raises:
        SettingsError: the defaults of the space do not fit.
    """
    if not base or not workers:
        return
    name = declared(data.kind.name).adapts
    family = _family(name)
    config = parse_config(_model_family(name), space.default(name))
    needed = family.needed_bytes(config, family.codec(config, data.codec).spec)
    free = free_memory()
    if needed * workers > free:
        fit = int(free // needed)
        advice = f"give --workers {fit}" if fit else "take a smaller one, or a machine with more memory"
        raise SettingsError(
            f"the model of --pretrained needs about {needed / 1e9:.2g} GB in each of {workers} workers, but "
            f"{free / 1e9:.2g} GB are free; {advice}"
        )


def _family(name: str) -> HasBase:
    family = _model_family(name)
    assert isinstance(family, HasBase)
    return family


def _model_family(name: str) -> ModelFamily:
    family: ModelFamily = registry.get("family", name)()
    return family


def _settings(base: Config, name: str) -> FamilyConfig:
    return parse_config(_model_family(name), {"family": name, **base})
