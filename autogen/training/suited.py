"""Search spaces that are made for other data: noticed before anything is written or trained."""

from collections.abc import Iterator

import torch

from autogen import registry
from autogen.data.declaration import declared, lineage
from autogen.data.module import DataModule
from autogen.errors import SettingsError, SpaceError, option, reason
from autogen.families.based import HasBase
from autogen.hpo.space.search_space import SearchSpace
from autogen.training.worker.work import typed


def refuse_unsuited(space: SearchSpace, name: str, data: DataModule) -> None:
    """Refuse the shipped space of other data, and a file of which no family's default fits the data.

    Args:
        space: Search space.
        name: Name or path that the user gave; empty for the usual one of the data.
        data: Data of the study.

    Raises:
        SettingsError: the space is for other data.
    """
    if not name:
        return
    kind = data.kind.name
    own = {one for known in lineage(kind) for one in declared(known).spaces}
    others = {one: known for known in registry.names("data") for one in declared(known).spaces}
    holds = declared(kind).plural
    instead = f"leave it out, or give {option('space', declared(kind).spaces[1])}"
    if name in others and name not in own:
        meant = declared(others[name]).plural
        raise SettingsError(
            f"the search space {name} is for {meant}, but {data.source} holds {holds}; {instead}"
        )
    if name not in own and (whys := list(_whys(space, data))):
        about = f"the search space {name} has no family whose default fits the {holds} of {data.source}"
        raise SettingsError(f"{about}: {whys[0]}; {instead}")


def _whys(space: SearchSpace, data: DataModule) -> Iterator[str]:
    """Say for each family why its default cannot be built; nothing if that of one can."""
    whys = []
    for name in space.families:
        try:
            family, config = typed(space.default(name))
            if isinstance(family, HasBase):  # its parts are those of the base
                return
            with torch.device("meta"), torch.random.fork_rng(devices=[]):
                family.build(config, data.codec.spec)
        except SpaceError as error:
            whys.append(f"{name}: {reason(error)}")
        except Exception:  # what fails for another reason is told by its trial
            return
        else:
            return
    yield from whys
