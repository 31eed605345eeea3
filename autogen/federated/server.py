"""The server of a study over several owners: a trial is a number of rounds, and no row comes here."""

import json
import math
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor, nn

from autogen.data.codec import Codec
from autogen.errors import TrialFailure, counted, listed
from autogen.families.counted import GrowsFromCounts
from autogen.federated.checks import Checked, check
from autogen.federated.config import local, of_model
from autogen.federated.counting.growth import grow
from autogen.federated.local import global_model, learned
from autogen.federated.messages import Message, digest_of
from autogen.federated.owner import save_model
from autogen.federated.strategies import ServerState, Update, advance, correction
from autogen.federated.transport import Transport
from autogen.files import append
from autogen.hpo.executor import Report
from autogen.hpo.trial import Config, Finished, Measurement, State, Task, TrialBatch, derived_seed
from autogen.threads import torch_threads
from autogen.training.checkpoint import write_tensors
from autogen.training.worker.work import failure, typed

ROUNDS = "rounds.jsonl"
WEIGHTS = "weights.safetensors"
#: Rounds that are tried again where too few owners answered, and refused updates after which an owner is out.
_AGAIN, _STRIKES = 2, 3
_MOST_NATS = 1e6  # of a score
_MOST = 2**53  # of a number of an answer


@dataclass(frozen=True)
class Care:
    """What a server waits for.

    Attributes:
        quorum: Share of the owners asked that must answer, in (0, 1].
        deadline: Seconds that an answer may take.
    """

    quorum: float = 0.5
    deadline: float = 600.0


@dataclass(frozen=True)
class Scores:
    """Scores of a model by the owners' tune rows: nats a row above independent columns.

    Attributes:
        gains: Gain by the owner's name.
        mean: Mean, weighted by rows.
        worst: Name of the owner with the least gain.
    """

    gains: Mapping[str, float]
    mean: float
    worst: str


class Server:
    """Trains trials by rounds of requests to owners; see ``autogen.hpo.executor.Work``.

    Args:
        transport: Way to the owners.
        codec: Codec of all owners.
        rows: Number of rows of each split of each owner, as it told them.
        care: What the server waits for.
        folder: Folder of the journal of rounds and of the trials.

    Attributes:
        refused: Reasons for which answers of an owner did not count, by its name.
        rounds: Number of rounds that counted.
    """

    def __init__(
        self,
        transport: Transport,
        codec: Codec,
        rows: Mapping[str, Mapping[str, int]],
        care: Care,
        folder: Path,
    ) -> None:
        self.transport, self.codec, self.rows, self.care, self.folder = transport, codec, rows, care, folder
        self.refused: dict[str, Counter[str]] = {}
        self._strikes: Counter[str] = Counter()
        self.rounds = 0

    def __call__(self, trial_batch: TrialBatch, report: Report) -> list[Finished]:
        """Train the trials one after the other; a trial's failure is a result and not an exception."""
        found = []
        with torch_threads(1):
            for task in trial_batch.tasks:
                try:
                    found.append(self._run(task, report))
                except Exception as error:  # whatever a plug-in raises ends its trial, not the study
                    found.append(failure(task.number, error))
        return found

    def trusted(self) -> list[str]:
        """List the owners that are there and did not send too many updates that were refused."""
        known = [owner for owner in self.transport.present() if owner in self.rows]
        return [owner for owner in known if self._strikes[owner] < _STRIKES]

    def refuse(self, owner: str, why: str, answer: Message) -> None:
        """Count an answer that does not count; one that says why there is none is no strike."""
        self.refused.setdefault(owner, Counter())[why] += 1
        self._strikes[owner] += answer.act != "failed"

    def _run(self, task: Task, report: Report) -> Finished:
        """Train one trial, and score it at its rungs."""
        family, settings, _ = local({**task.config, "training.steps": task.steps})
        model = global_model(family, settings, self.codec.spec, task.seed)
        weights = {name: one.clone() for name, one in learned(model).items()}
        state = ServerState(0, weights, weights)
        usual: list[float] = []
        clock, trained, evaluated = time.perf_counter, 0.0, 0.0
        for rung in task.rungs:
            began = clock()
            while state.round < rung:
                if isinstance(family, GrowsFromCounts):
                    state = self._growth(task, family, model, state)
                else:
                    state = self._round(task, state, usual)
            trained += clock() - began
            began = clock()
            scores = self.score(task.config, task.seed, state.average, task.steps)
            evaluated += clock() - began
            kept = report([Measurement(task.number, rung, scores.mean, trained, evaluated)])
            if rung == task.rungs[-1]:
                break
            if not kept[0]:
                return Finished(task.number, State.PRUNED)
        self._save(task, state.average)
        return Finished(task.number, State.COMPLETE, values={"worst_owner": scores.gains[scores.worst]})

    def _growth(
        self, task: Task, family: GrowsFromCounts, model: nn.Module, state: ServerState
    ) -> ServerState:
        """Do one step of growth by counts of all owners. Raises ``TrialFailure``: too few are left."""
        config = {**task.config, "training.steps": task.steps}
        about = {"config": config, "seed": task.seed, "step": state.round}
        found = grow(self, family, local(config)[1], model, about, self.care.quorum)
        for owner, why in found.refused.items():
            self.refuse(owner, why, found.answers[owner])
        weights = {name: one.clone() for name, one in learned(model).items()}
        state = ServerState(state.round + 1, weights, weights)
        self.rounds += 1
        asked = sorted({*found.counted, *found.refused})
        checked = Checked([Update(owner, 1, {}) for owner in found.counted], found.refused)
        self._note(task, state, 0, asked, checked, digest=digest_of(weights))
        return state

    def _round(self, task: Task, state: ServerState, usual: list[float]) -> ServerState:
        """Run one round, again where too few owners answered.

        Raises:
            TrialFailure: too few answers, or none that counts.
        """
        for attempt in range(_AGAIN + 1):
            asked, found, missing = self._updates(task, state, usual)
            needed = max(1, math.ceil(self.care.quorum * len(asked)))
            if len(found.updates) >= needed:
                break
            self._note(task, state, attempt, asked, found, digest="")
            if not missing and asked:
                raise TrialFailure(f"no update counts: {_told(found.refused)}")
        else:
            raise TrialFailure(
                f"{counted(len(found.updates), 'owner')} of {len(asked)} asked answered in "
                f"{self.care.deadline:g} s, but the quorum is {needed}"
            )
        config = {**task.config, "training.steps": task.steps}
        _, _, rounds = local(config)
        decay = typed(of_model(config))[1].training.ema ** rounds.local_steps
        state = advance(rounds, state, found.updates, decay)
        self.rounds += 1
        self._note(task, state, attempt, asked, found, digest=digest_of(state.weights))
        return state

    def _updates(
        self, task: Task, state: ServerState, usual: list[float]
    ) -> tuple[list[str], Checked, list[str]]:
        """Ask the owners of a round; return their names, the checked answers, and who may answer later."""
        config = {**task.config, "training.steps": task.steps}
        _, _, rounds = local(config)
        there = self.trusted()
        order = np.random.default_rng(derived_seed(task.seed, "round", state.round)).permutation(len(there))
        most = max(1, math.ceil(rounds.participation * len(there)))
        asked = sorted(there[place] for place in order[:most])
        about = {"config": config, "seed": task.seed, "round": state.round}
        weights = {f"weights.{name}": one for name, one in state.weights.items()}
        control = rounds.strategy == "scaffold"
        train = {owner: self.rows[owner]["train"] for owner in self.rows}
        requests = {}
        for owner in asked:
            tilt = correction(state, owner, train) if control and state.round else {}
            requests[owner] = Message("train", about, weights | {f"tilt.{n}": one for n, one in tilt.items()})
        answers = self.ask(requests)
        found = check(answers, state.weights, train, usual, control=control)
        for owner, why in found.refused.items():
            self.refuse(owner, why, answers[owner])
        return asked, found, sorted({*asked} - {*answers} | {*self.recoded(answers)})

    def ask(self, requests: Mapping[str, Message]) -> dict[str, Message]:
        """Ask owners; one that is there but does not answer in time is refused, so that it delays no more."""
        answers = self.transport.ask(requests, self.care.deadline)
        there = set(self.transport.present())
        for owner in requests:
            if owner not in answers and owner in there:
                self.refuse(owner, f"it did not answer in {self.care.deadline:g} s", Message("late"))
        return answers

    def ask_all(self, request: Message) -> dict[str, Message]:
        """Ask all trusted owners, those again that were started again; return the answers by name."""
        answers = self.ask(dict.fromkeys(self.trusted(), request))
        if lost := self.recoded(answers):
            answers |= self.ask(dict.fromkeys(lost, request))
        return answers

    def recoded(self, answers: Mapping[str, Message]) -> list[str]:
        """Send the codec to owners that were started again; return their names."""
        lost = [owner for owner, answer in answers.items() if answer.about.get("needs") == "codec"]
        if lost:
            request = Message("codec", {"codec": self.codec.to_json()})
            self.ask(dict.fromkeys(lost, request))
        return lost

    def score(self, config: Config, seed: int, weights: Mapping[str, Tensor], steps: int) -> Scores:
        """Ask all owners for the scores of a model by their tune rows.

        Raises:
            TrialFailure: fewer than the quorum answered with a number.
        """
        about = {"config": {**config, "training.steps": steps}, "seed": seed}
        request = Message("score", about, {f"weights.{name}": one for name, one in weights.items()})
        gains = {}
        for owner, answer in self.ask_all(request).items():
            gain = answer.about.get("gain")
            if answer.act == "score" and isinstance(gain, float) and abs(gain) <= _MOST_NATS:
                gains[owner] = gain
            else:
                why = str(answer.about.get("reason", "its score is no number that a score can be"))[:200]
                self.refuse(owner, why, answer)
        if len(gains) < max(1, math.ceil(self.care.quorum * len(self.rows))):
            raise TrialFailure(
                f"{counted(len(gains), 'owner')} of {len(self.rows)} sent a score, fewer than the quorum"
            )
        total = sum(self.rows[owner]["tune"] for owner in gains)
        mean = sum(gain * self.rows[owner]["tune"] for owner, gain in sorted(gains.items())) / total
        return Scores(gains, mean, min(sorted(gains), key=lambda owner: gains[owner]))

    def _save(self, task: Task, weights: Mapping[str, Tensor]) -> None:
        """Write the model of a complete trial, and its weights for the comparison."""
        place = self.folder / "trials" / f"{task.number:04d}"
        save_model(place, task.config, self.codec, task.seed, weights)
        write_tensors(place / WEIGHTS, weights, {"seed": task.seed})

    def _note(
        self, task: Task, state: ServerState, attempt: int, asked: list[str], found: Checked, digest: str
    ) -> None:
        """Append a round to the journal of rounds."""
        line = {
            "trial": task.number,
            "round": state.round,
            "attempt": attempt,
            "asked": asked,
            "counted": sorted(one.owner for one in found.updates),
            "refused": found.refused,
            "clipped": {owner: round(factor, 4) for owner, factor in found.clipped.items()},
            "sha256": digest,
        }
        append(self.folder / ROUNDS, json.dumps(line) + "\n")


def _told(refused: Mapping[str, str]) -> str:
    """Name the owners whose answers do not count, with the reasons."""
    return listed([f"{owner} ({why})" for owner, why in sorted(refused.items())]) or "nobody answered"


def finite(value: Any) -> float:
    """Return a number of an answer, at most 2**53. Raises ``TypeError`` for what is none."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= _MOST:
        raise TypeError(f"{value!r:.40} is no number")
    return float(value)
