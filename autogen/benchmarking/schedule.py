"""Gets the cells of a benchmark done on an executor, and writes each down when it has ended."""

import contextlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from autogen.benchmarking.cells import Cell, Ground, Role
from autogen.benchmarking.work import SCORES, Arena, BenchmarkWork
from autogen.errors import RunError
from autogen.generator.generator import GeneratedModel
from autogen.hpo.executor import Executor
from autogen.hpo.study.journal import Journal, Record
from autogen.hpo.trial import Cohort, Finished, State, Task, derived_seed

#: How often a cell is tried again after its worker was lost.
RETRIES = 1


class Ledger:
    """What a benchmark's journal says: which cell has which number, how each ended, what models cost.

    Args:
        journal: Open; what it holds is taken in.
    """

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.numbers: dict[str, int] = {}
        self.ends: dict[str, Record] = {}
        self.costs: dict[int, Record] = {}
        for record in journal.records:
            self._apply(record)

    def write(self, record: Record) -> None:
        """Write a record, stamped with the time, and take it in."""
        record["t"] = round(time.time(), 3)
        self.journal.append(record)
        self._apply(record)

    def number(self, cell: Cell) -> int:
        """A cell's number; a new one gets the next."""
        if cell.key not in self.numbers:
            about = {"data": cell.data, "model": cell.model, "seed": cell.seed}
            shares = {"rows": cell.rows, "steps": cell.steps}
            self.write({"e": "cell", "n": len(self.numbers), "key": cell.key} | about | shares)
        return self.numbers[cell.key]

    def waiting(self, cells: Sequence[Cell]) -> list[Cell]:
        """Cells that have not ended, or ended because their worker was lost."""
        return [cell for cell in cells if self.ends.get(cell.key, {"retry": True}).get("retry")]

    def _apply(self, record: Record) -> None:
        if record["e"] == "cell":
            self.numbers[record["key"]] = record["n"]
        elif record["e"] == "end":
            self.ends[record["key"]] = record
        elif record["e"] == "cost":
            self.costs[record["n"]] = record


class Schedule:
    """The cells that are still to be done.

    Args:
        ledger: Where ends are written.
        cells: To be done.
        folder: Where models and scores are left.
        seed: Of the plan.
        timeout: Seconds after which a training is given up.
        listen: Called with each cell that has ended, and its record.
    """

    def __init__(
        self,
        ledger: Ledger,
        cells: Sequence[Cell],
        folder: Path,
        *,
        seed: int,
        timeout: float | None,
        listen: Callable[[Cell, Record], None],
    ) -> None:
        self.ledger, self.folder, self.seed, self.timeout, self.listen = ledger, folder, seed, timeout, listen
        self.cells = {ledger.number(cell): cell for cell in cells}
        self._lost: set[int] = set()
        self._tries: dict[int, int] = {}

    def run(self, executor: Executor, grounds: Mapping[str, Ground]) -> None:
        """Do all cells.

        Args:
            executor: Fresh; it is started here, and closed by the caller.
            grounds: The data sets, by name.
        """
        arenas = {name: Arena.of(grounds[name], self.seed) for name in {c.data for c in self.cells.values()}}
        executor.start(BenchmarkWork(arenas, self.cells))
        waiting = [self._task(number, arenas[cell.data].work.rows) for number, cell in self.cells.items()]
        tasks = {task.number: task for task in waiting}
        flying: set[int] = set()
        while waiting or flying:
            while waiting and len(flying) < executor.workers:
                task = waiting.pop(0)
                executor.submit(Cohort((task,), str(self.folder), self.timeout))
                flying.add(task.number)
            for finished in executor.results(lambda _: True, timeout=1.0):
                flying.discard(finished.number)
                if self._ended(finished):
                    continue
                waiting.append(tasks[finished.number])

    def _task(self, number: int, samples: int) -> Task:
        cell = self.cells[number]
        steps = int(cell.config.get("training.steps", 1))
        seed = derived_seed(self.seed, "benchmark", cell.seed)
        if cell.role is not Role.MODEL:
            seed = derived_seed(self.seed, "benchmark", cell.data, cell.model, cell.seed)
        return Task(number, cell.config, seed, steps, (steps,), samples)

    def _ended(self, finished: Finished) -> bool:
        """Write down how a cell ended; ``False`` where it is to be tried again."""
        number, cell = finished.number, self.cells[finished.number]
        self._tries[number] = self._tries.get(number, 0) + 1
        if finished.retry and self._tries[number] <= RETRIES:
            return False
        record: Record = {"e": "end", "n": number, "key": cell.key, "state": str(finished.state)}
        if finished.state is State.COMPLETE:
            record |= _scores(self.folder / f"{number:04d}" / SCORES)
        else:
            record |= {"why": finished.reason} | ({"retry": True} if finished.retry else {})
        self.ledger.write(record)
        self.listen(cell, record)
        return True


def measure_costs(ledger: Ledger, cells: Sequence[Cell], folder: Path, grounds: Mapping[str, Ground]) -> None:
    """Measure what drawing from each model costs, one after the other, while nothing is trained."""
    measured: set[tuple[str, str]] = set()
    for cell in cells:
        number, place = ledger.numbers.get(cell.key), (cell.data, cell.model)
        complete = ledger.ends.get(cell.key, {}).get("state") == State.COMPLETE
        if (
            number is None
            or not complete
            or cell.role is not Role.MODEL
            or not cell.full
            or place in measured
        ):
            continue
        measured.add(place)
        if number not in ledger.costs:
            with contextlib.suppress(RunError):  # its files are gone or another version's: no costs then
                model = GeneratedModel.of_trial(folder / f"{number:04d}", grounds[cell.data].data.codec)
                ledger.write({"e": "cost", "n": number} | model.efficiency().to_json())


def _scores(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(f"cannot read {path}, which a worker should have left: {error}") from error
    return found
