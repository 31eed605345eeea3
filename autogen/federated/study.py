"""A study over several owners: sketches, codec, search, comparison, and what is kept of it."""

import contextlib
import json
import math
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from autogen import registry
from autogen.data.codec import Codec
from autogen.data.kind import DataKind
from autogen.errors import DataError, RunError, counted, one_line, told
from autogen.executors.inprocess import InProcessExecutor
from autogen.federated.config import sketching, space_for
from autogen.federated.messages import Message
from autogen.federated.owner import save_model
from autogen.federated.server import WEIGHTS, Care, Server, finite
from autogen.federated.transport import Transport
from autogen.files import new_folder, write
from autogen.generator.codec_document import check_codec, check_document
from autogen.generator.generator import write_codec
from autogen.hpo.budget import Budget
from autogen.hpo.objective import Objective
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.study.events import Start
from autogen.hpo.study.journal import Journal
from autogen.hpo.study.log import Listener, StudyLog
from autogen.hpo.study.state import StudyState
from autogen.hpo.study.study import Limits, Strategy, Study
from autogen.hpo.trial import State, derived_seed
from autogen.threads import one_thread
from autogen.training.checkpoint import read_tensors

#: Score of trials: held-out nats a row above independent columns. Unlike a distance between samples and rows
#: it is a mean over rows, so that the owners' means give the mean over all rows, however they differ.
OBJECTIVE = Objective("nats_above_marginals", 1, "maximize")
RESULT, SPACE, JOURNAL, BEST = "federated.json", "space.toml", "journal.jsonl", "best"
#: Most rows of a split of an owner.
MOST_ROWS = 50_000_000
_FORMAT = 1
_FAREWELL = 10.0  # seconds to wait for owners who are told that the study is over


@dataclass(frozen=True)
class Plan:
    """Settings of a study over several owners.

    Attributes:
        budget: Budget, such as ``10m`` or ``20trials``.
        space: File of a search space; empty for the shipped one.
        families: Families to search; all of the space by default.
        sampler: Name of the sampler.
        pruner: Name of the pruner.
        seed: Seed of the study.
        care: Quorum and deadline.
    """

    budget: str = "10m"
    space: str = ""
    families: tuple[str, ...] = ()
    sampler: str = "bayesian"
    pruner: str = "halving"
    seed: int = 0
    care: Care = field(default_factory=Care)


def start(plan: Plan, transport: Transport, out: Path, listen: Listener | None = None) -> dict[str, Any]:
    """Run a study with the owners that are present; the record that ``federated.json`` holds is returned.

    Args:
        plan: Settings.
        transport: Way to the owners, which is told when the study ends.
        out: Folder of the run, new or empty.
        listen: Function called after each event with the event and the study's state.

    Raises:
        UserError: the owners' data does not go together, or a setting is wrong.
    """
    began = time.monotonic()
    budget = Budget.parse(plan.budget)
    if not 0 < plan.care.quorum <= 1:
        raise RunError(f"the quorum is a share above 0 and at most 1, not {plan.care.quorum:g}")
    try:
        owners = transport.present()
        kind, codec, told_of = merged(transport, owners, plan.care)
        space = space_for(kind, plan.space, plan.families)
        rows = _counted(transport, told_of, codec, plan.care)
        new_folder(out)
        write(out / SPACE, space.to_toml())
        write_codec(out, codec)
        server = Server(transport, codec, rows, plan.care, out)
        state = _search(plan, space, budget, server, listen, time.monotonic() - began)
        if not state.complete():
            whys = [trial.reason for trial in state.trials if trial.reason]
            raise RunError(f"no trial is complete; the last ended because: {whys[-1] if whys else 'no time'}")
        record = _concluded(server, state) | {"seconds": round(time.monotonic() - began, 1)}
        write(out / RESULT, json.dumps(record, indent=2) + "\n")
    finally:
        with contextlib.suppress(RunError):  # of the folder: what ended the study is told
            _dismiss(transport)
    return record | {"run": str(out)}


def _dismiss(transport: Transport) -> None:
    """Tell owners who were not told so far that the study is over."""
    why = "the study has ended, or had begun before this owner came: there is no model for it"
    transport.ask(dict.fromkeys(transport.present(), Message("end", {"why": why})), _FAREWELL)


def merged(
    transport: Transport, owners: tuple[str, ...], care: Care
) -> tuple[DataKind, Codec, dict[str, int]]:
    """Ask owners for their sketches, and merge them to the codec; the last is their training rows by owner.

    Raises:
        DataError: an owner sends none, or the owners' data does not go together.
    """
    answers = transport.ask(dict.fromkeys(owners, Message("sketch")), care.deadline)
    _refuse_failed(owners, answers, "sketch")
    kinds = {owner: str(answers[owner].about.get("kind")) for owner in owners}
    if len(set(kinds.values())) > 1:
        raise DataError(f"all owners must have one kind of data, but it is {kinds}")
    kind: DataKind = registry.get("data", kinds[owners[0]])()
    sketches: dict[str, Mapping[str, Any]] = {}
    for owner in owners:
        try:
            sketches[owner] = sketch = answers[owner].about["sketch"]
            check_document({"columns": [{"form": c["form"], **c["encoder"]} for c in sketch["columns"]]})
            check_codec(sketching(kind).merged_codec({owner: sketch}))
        except Exception as error:  # whatever a hostile answer makes it fail with
            raise DataError(f"the sketch of {owner} cannot be used: {told(error)}") from error
    try:
        codec = sketching(kind).merged_codec(sketches)
    except DataError:
        raise
    except Exception as error:  # counts that do not go with their encoder
        raise DataError(f"the sketches of the owners cannot be merged: {told(error)}") from error
    codec.kind = kind.name
    return kind, codec, {owner: _rows_of(owner, answers[owner]) for owner in owners}


def _rows_of(owner: str, answer: Message) -> int:
    """Read the training rows of a sketch. Raises ``DataError`` where the sketch does not have so many."""
    rows = answer.about.get("rows")
    most = max(sum(one["counts"]) for one in answer.about["sketch"]["columns"])
    if type(rows) is not int or not most <= rows <= MOST_ROWS:
        raise DataError(f"{owner} tells of {rows!r:.40} training rows, but its sketch has {most:,} of them")
    return rows


def _counted(
    transport: Transport, told_of: Mapping[str, int], codec: Codec, care: Care
) -> dict[str, dict[str, int]]:
    """Send the codec to the owners; return the number of rows of each split of each.

    The training rows are those of the sketches: they bound what an owner counts, and weigh its updates.
    """
    owners = tuple(told_of)
    answers = transport.ask(
        dict.fromkeys(owners, Message("codec", {"codec": codec.to_json()})), care.deadline
    )
    _refuse_failed(owners, answers, "codec")
    found = {}
    for owner in owners:
        rows = answers[owner].about.get("rows")
        if not isinstance(rows, dict) or not all(
            type(one) is int and 0 < one <= MOST_ROWS for one in rows.values()
        ):
            raise DataError(f"{owner} does not say how many rows it has")
        if rows.get("train") != told_of[owner]:
            raise DataError(
                f"{owner} now has another number of training rows than its sketch; start it again"
            )
        found[owner] = {name: int(rows.get(name, 1)) for name in ("train", "tune", "test")}
    return found


def _refuse_failed(owners: tuple[str, ...], answers: Mapping[str, Message], act: str) -> None:
    """Raise ``DataError`` if there is no owner, or one did not answer before the search as it should."""
    if not owners:
        raise DataError("there is no owner to ask")
    for owner in owners:
        if owner not in answers:
            raise DataError(f"{owner} did not answer; start it again, or begin without it")
        if answers[owner].act != act:
            raise DataError(f"{owner}: {one_line(str(answers[owner].about.get('reason', 'no answer')))}")


def _search(
    plan: Plan, space: SearchSpace, budget: Budget, server: Server, listen: Listener | None, spent: float
) -> StudyState:
    """Search over families, strategies and their settings; a step of a trial is a round."""
    sampler = registry.get("sampler", plan.sampler)(space, derived_seed(plan.seed, "sampler"))
    strategy = Strategy(
        sampler,
        registry.get("pruner", plan.pruner)(),
        defaults=[space.default(family) for family in space.families],
    )
    executor = InProcessExecutor()
    about = f"{counted(len(server.rows), 'owner')}: {', '.join(sorted(server.rows))}; budget {budget}"
    with one_thread(), contextlib.closing(Journal(server.folder / JOURNAL)) as journal:
        log = StudyLog(journal, OBJECTIVE, listen=listen, spent=spent)
        limits = Limits(budget, reserve=_longest)
        study = Study(strategy, executor, log, limits, seed=plan.seed, folder=str(server.folder / "trials"))
        log.record(Start(about, seconds=budget.seconds, workers=1, objective=OBJECTIVE))
        return study.run(server)


def _longest(state: StudyState) -> float:
    """Seconds to keep for the comparison: each owner then trains alone about as long as a trial took."""
    return max((trial.seconds for trial in state.trials if trial.state is State.COMPLETE), default=0.0)


def _concluded(server: Server, state: StudyState) -> dict[str, Any]:
    """Compare the best model with those that owners train alone, keep it, and end the study."""
    best = state.complete()[0]
    place = server.folder / "trials" / f"{best.task.number:04d}"
    weights, _ = read_tensors(place / WEIGHTS)
    config, seed = dict(best.task.config), best.task.seed
    tensors = {f"weights.{name}": one for name, one in weights.items()}
    about = {"config": config, "seed": seed}
    answers = server.ask_all(Message("compare", about, tensors))
    shares = _shares({owner: one["train"] for owner, one in server.rows.items()})
    tests = {
        owner: one | {"identity": -math.log(shares[owner])}
        for owner, answer in answers.items()
        if (one := _test_of(answer, server.rows[owner]["test"]))
    }
    save_model(server.folder / BEST, config, server.codec, seed, weights)
    server.ask_all(Message("end", about, tensors))
    traffic = {owner: asdict(one) for owner, one in sorted(server.transport.traffic.items())}
    return {
        "schema": _FORMAT,
        "objective": asdict(OBJECTIVE),
        "best": {
            "trial": best.task.number,
            "config": config,
            "tune": best.score,
            "worst_owner": best.values.get("worst_owner"),
        },
        "test": {"owners": tests, "together": together(tests)},
        "trials": {"total": len(state.trials)} | {str(s): count for s, count in sorted(state.ended.items())},
        "rounds": server.rounds,
        "owners": {
            owner: {
                "rows": server.rows[owner],
                **traffic.get(owner, {}),
                "refused": dict(server.refused.get(owner, {})),
            }
            for owner in sorted(server.rows)
        },
    }


def _shares(rows: Mapping[str, int]) -> dict[str, float]:
    """Shares of all owners' training rows, by owner."""
    return {owner: count / sum(rows.values()) for owner, count in rows.items()}


def _test_of(answer: Message, rows: int) -> dict[str, float]:
    """Read an owner's comparison; empty where it sent none, or no numbers. Its rows are those told before."""
    names = ("joint", "alone", "difference", "error")
    try:
        if answer.act != "compare":
            return {}
        return {"rows": float(rows)} | {name: finite(answer.about[name]) for name in names}
    except (KeyError, TypeError):
        return {}


def together(tests: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Join the owners' comparisons, weighted by rows; the standard error is of rows, not of trainings."""
    rows = sum(one["rows"] for one in tests.values())
    if not rows:
        return {}
    names = ("joint", "alone", "difference", "identity")
    means = {name: sum(one[name] * one["rows"] for one in tests.values()) / rows for name in names}
    error = math.sqrt(sum((one["error"] * one["rows"]) ** 2 for one in tests.values())) / rows
    return {"rows": rows, **means, "error": error}
