"""What ``autogen federate`` does: try in one process, serve in a folder, join in a folder."""

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from autogen import registry
from autogen.data.open import kind_of, open_data
from autogen.engine.run_folder import unused_folder
from autogen.errors import DataError, SettingsError, agreed, counted
from autogen.families.counted import GrowsFromCounts
from autogen.federated.folder import FolderTransport, check_name, join
from autogen.federated.owner import THRESHOLD, Owner
from autogen.federated.parts import split_by
from autogen.federated.server import Care
from autogen.federated.study import BEST, Plan, start
from autogen.federated.transport import InProcess
from autogen.files import short_path
from autogen.hpo.budget import Budget
from autogen.hpo.study.log import Listener

_WAIT = 3600.0
#: Standard errors of a difference that is told as one.
_CLEAR = 1.96


def seconds_of(text: str | None, flag: str) -> float:
    """Read a time such as ``10m``; an hour by default. Raises ``SettingsError``."""
    found = _WAIT if text is None else Budget.time(text)
    if found is None:
        raise SettingsError(f"{flag} is a time such as 90s, 10m or 2h, not {text!r}")
    return found


def care_of(quorum: float | None, deadline: str | None) -> Care:
    """Make what a server waits for from options. Raises ``SettingsError``."""
    usual = Care()
    share = usual.quorum if quorum is None else quorum
    if not 0 < share <= 1:
        raise SettingsError(f"--quorum is a share above 0 and at most 1, not {share:g}")
    return Care(share, usual.deadline if deadline is None else seconds_of(deadline, "--deadline"))


def plan_of(
    budget: str | None, space: str | None, families: Sequence[str], care: Care, seed: int | None
) -> Plan:
    """Make a plan from options; those that were left out have their defaults."""
    Budget.parse(budget or Plan().budget)
    return Plan(budget or Plan().budget, space or "", tuple(families), seed=seed or 0, care=care)


def threshold_of(given: int | None) -> int:
    """Read the threshold of sketches. Raises ``SettingsError``."""
    if given is not None and given < 1:
        raise SettingsError(f"--threshold is a number of rows from 1 up, not {given}")
    return THRESHOLD if given is None else given


def try_here(
    places: Sequence[str],
    by: str,
    owners: int,
    reading: Mapping[str, Any],
    threshold: int | None,
    plan: Plan,
    out: Path | None,
    listen: Listener | None = None,
) -> dict[str, Any]:
    """Run a study whose owners are all in this process.

    Args:
        places: Data of each owner, or one table that is split.
        by: Column by which one table is split; empty for data of each owner.
        owners: Number of parts; 0 for all.
        reading: Options of the reader.
        threshold: Rows below which a value is not told; ``None`` for the default.
        plan: Settings of the study.
        out: Folder of the run; ``None`` for a new one.
        listen: See ``study.start``.

    Raises:
        UserError: the data or a setting cannot be used.
    """
    least = threshold_of(threshold)
    sources: dict[str, Any] = {}
    if by:
        if len(places) > 1:
            raise SettingsError("--by splits one table; give one, or leave --by out")
        sources = _split(places[0], by, owners, reading)
        there = next(iter(sources.values()))  # without columns that were dropped
        kinds = {name: one for name, one in reading.get("columns", {}).items() if name in there}
        reading = {**reading, "columns": kinds}
    elif owners:
        raise SettingsError("--owners is the number of parts of one table; it needs --by")
    else:
        for place in places:
            name = _free(_name_of(place), sources)
            sources[name] = place
    if len(sources) < 2:
        raise SettingsError("give the data of two owners or more, or one table and --by COLUMN")
    made = [Owner(name, _opened(source, reading, name), least) for name, source in sources.items()]
    return start(plan, InProcess(made), out or unused_folder(places[0]), listen)


def _split(source: str, by: str, owners: int, reading: Mapping[str, Any]) -> dict[str, Any]:
    """Read a table and split it; the column that splits stays in the parts."""
    raw = kind_of(source).read(source, reading)
    if not hasattr(raw.samples, "columns"):
        raise DataError(f"--by splits a table, but {source} is none")
    return split_by(raw.samples, by, owners)


def _opened(source: Any, reading: Mapping[str, Any], name: str) -> Any:
    """Read the data of an owner, whose name errors begin with."""
    try:
        return open_data(source, options=dict(reading))
    except DataError as error:
        raise DataError(f"{name}: {error}") from error


def _name_of(place: str) -> str:
    """Name an owner by the file of its data."""
    stem = Path(place).name.split(".")[0]
    plain = "".join(one if one.isascii() and (one.isalnum() or one in "-_") else "-" for one in stem)
    return plain.strip("-_")[:40] or "owner"


def _free(name: str, taken: Mapping[str, Any]) -> str:
    """Return a name that is not taken."""
    numbers = (f"{name}-{number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(one for one in numbers if one not in taken)


def serve_folder(
    folder: Path,
    owners: int,
    wait: float,
    plan: Plan,
    out: Path | None,
    listen: Listener | None = None,
) -> dict[str, Any]:
    """Run a study with owners that join in a shared folder.

    Args:
        folder: The shared folder.
        owners: Number of owners to wait for.
        wait: Seconds to wait for them.
        plan: Settings of the study.
        out: Folder of the run; ``None`` for a new one.
        listen: See ``study.start``.

    Raises:
        UserError: too few owners came, or their data or a setting cannot be used.
    """
    if owners < 1:
        raise SettingsError(f"--owners is a number from 1 up, not {owners}")
    with contextlib.closing(FolderTransport(folder)) as transport:
        until = time.monotonic() + wait
        while len(transport.present()) < owners:
            if time.monotonic() > until:
                there = ", ".join(transport.present()) or "nobody"
                raise DataError(
                    f"{counted(owners, 'owner')} {agreed(owners, 'was', 'were')} to join in {folder}; "
                    f"there is {there} after {wait:g} s; each runs: autogen federate join {folder} DATA"
                )
            time.sleep(0.2)
        return start(plan, transport, out or unused_folder(folder.name), listen)


def join_folder(
    folder: Path,
    data: str,
    reading: Mapping[str, Any],
    name: str,
    threshold: int | None,
    out: Path | None,
    wait: float,
    told: Callable[[str], None],
) -> None:
    """Take part in a study with one's own data.

    Args:
        folder: The shared folder.
        data: The data, which stays here.
        reading: Options of the reader.
        name: Name of this owner; empty for that of the data.
        threshold: Rows below which a value is not told; ``None`` for the default.
        out: Folder for the model at the end; ``None`` to keep none.
        wait: Seconds without a sign of the server after which it ends.
        told: Function that gets what is asked.

    Raises:
        UserError: the data cannot be used, or there is no server.
    """
    own = check_name(name or _name_of(data))
    owner = Owner(own, _opened(data, reading, own), threshold_of(threshold), out)
    join(folder, owner, patience=wait, told=told)


def told(record: Mapping[str, Any]) -> list[str]:
    """Say in lines what a study over several owners ended with."""
    best, test = record["best"], record["test"]
    config = best["config"]
    grown = issubclass(registry.get("family", config["family"]), GrowsFromCounts)
    how = (
        f"counts, {config['training.steps']} trees a column"
        if grown
        else f"{config.get('federated.strategy', 'fedavg')}, {config['training.steps']} rounds of "
        f"{config.get('federated.local_steps', 25)} steps"
    )
    lines = [
        f"best of {counted(record['trials']['total'], 'trial')}: {config['family']} by {how}",
        "held-out test rows, nats a row above independent columns (more is better):",
    ]
    for owner, one in test["owners"].items():
        lines.append(
            f"{owner}: together {one['joint']:.3f}, alone {one['alone']:.3f}, difference "
            f"{one['difference']:+.3f} ({_CLEAR * one['error']:.3f}): {_verdict(one)}"
        )
    if whole := test["together"]:
        lines.append(
            f"all rows: together {whole['joint']:.3f}, alone {whole['alone']:.3f}, difference "
            f"{whole['difference']:+.3f} ({_CLEAR * whole['error']:.3f}): {_verdict(whole)}"
        )
    for owner, one in record["owners"].items():
        refused = "; ".join(f"{count} x {why}" for why, count in one["refused"].items())
        sent = f"{one.get('received', 0):,} bytes left {owner} in {one.get('answers', 0)} answers"
        lines.append(sent + (f"; refused: {refused}" if refused else ""))
    return [*lines, f"the model: {short_path(Path(record['run']).resolve() / BEST)}"]


def _verdict(one: Mapping[str, float]) -> str:
    """Say whether a difference is one, and if neither model is worth it.

    An owner's model knows whose rows it describes. To draw from the models of all owners by their shares
    would cost a row of an owner at most the logarithm of one over its share, its identity.
    """
    worthless = max(one["joint"], one["alone"]) < 0
    return _compared(one) + (", and independent columns are better than both" if worthless else "")


def _compared(one: Mapping[str, float]) -> str:
    reach = _CLEAR * one["error"]
    if one["difference"] > reach:
        return "together is better"
    if one["difference"] + one["identity"] < -reach:
        return "alone is better"
    if one["difference"] < -reach:
        return f"no more is lost than not to know whose row it is, up to {one['identity']:.3f}"
    return "no clear difference"
