"""Schedule of a benchmark: runs its cells on an executor and records each in the journal when it ends."""

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from autogen.benchmarking import events
from autogen.benchmarking.cells import Cell, Ground, Role, Scored
from autogen.benchmarking.work import SCORES, Arena, BenchmarkWork
from autogen.documents import parse_json
from autogen.errors import RunError
from autogen.generator.generator import GeneratedModel
from autogen.hpo.executor import Executor
from autogen.hpo.study.event import Event
from autogen.hpo.study.journal import Journal
from autogen.hpo.trial import Finished, State, Task, TrialBatch, derived_seed
from autogen.training.worker.efficiency import Efficiency

#: Retries of a cell after its worker was lost.
RETRIES = 1


class Ledger:
    """State of a benchmark's journal: number, end and cost of each cell.

    Args:
        journal: Open journal; its events are replayed.
    """

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.numbers: dict[str, int] = {}
        self.ends: dict[str, events.End] = {}
        self.costs: dict[int, Efficiency] = {}
        for event in journal.events:
            self._apply(event)

    def write(self, event: Event) -> None:
        """Append an event with the time of day, and apply it."""
        stamped = replace(event, t=round(time.time(), 3))
        self.journal.append(stamped)
        self._apply(stamped)

    def number(self, cell: Cell) -> int:
        """Return the number of a cell; a new cell gets the next number."""
        if cell.key not in self.numbers:
            number, about = len(self.numbers), (cell.key, cell.data, cell.model, cell.seed)
            self.write(events.Number(number, *about, cell.rows, cell.steps))
        return self.numbers[cell.key]

    def waiting(self, cells: Sequence[Cell]) -> list[Cell]:
        """List the cells that have not ended, or ended because their worker was lost."""
        return [cell for cell in cells if cell.key not in self.ends or self.ends[cell.key].retry]

    def completed(self, cell: Cell) -> bool:
        """Check whether a cell ended without a failure."""
        return cell.key in self.ends and self.ends[cell.key].state is State.COMPLETE

    def _apply(self, event: Event) -> None:
        match event:
            case events.Number():
                self.numbers[event.key] = event.n
            case events.End():
                self.ends[event.key] = event
            case events.Cost():
                self.costs[event.n] = event.efficiency


class Schedule:
    """Cells that are still to run.

    Args:
        ledger: Journal that records the ends.
        cells: Cells to run.
        folder: Folder for models and scores.
        seed: Random seed of the plan.
        timeout: Seconds after which a training is stopped; ``None`` for no limit.
        listen: Function that gets each cell when it ends, and its end.
    """

    def __init__(
        self,
        ledger: Ledger,
        cells: Sequence[Cell],
        folder: Path,
        *,
        seed: int,
        timeout: float | None,
        listen: Callable[[Cell, events.End], None],
    ) -> None:
        self.ledger, self.folder, self.seed, self.timeout, self.listen = ledger, folder, seed, timeout, listen
        self.cells = {ledger.number(cell): cell for cell in cells}
        self._lost: set[int] = set()
        self._tries: dict[int, int] = {}

    def run(self, executor: Executor, grounds: Mapping[str, Ground]) -> None:
        """Run all cells.

        Args:
            executor: Fresh executor; this starts it, the caller closes it.
            grounds: Data sets by name.
        """
        arenas = {name: Arena.of(grounds[name], self.seed) for name in {c.data for c in self.cells.values()}}
        executor.start(BenchmarkWork(arenas, self.cells))
        waiting = [self._task(number, arenas[cell.data].work.rows) for number, cell in self.cells.items()]
        tasks = {task.number: task for task in waiting}
        in_flight: set[int] = set()
        while waiting or in_flight:
            while waiting and len(in_flight) < executor.workers:
                task = waiting.pop(0)
                executor.submit(TrialBatch((task,), str(self.folder), self.timeout))
                in_flight.add(task.number)
            for finished in executor.results(lambda _: True, timeout=1.0):
                in_flight.discard(finished.number)
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
        """Record the end of a cell; ``False`` if it has to run again."""
        number, cell = finished.number, self.cells[finished.number]
        self._tries[number] = self._tries.get(number, 0) + 1
        if finished.retry and self._tries[number] <= RETRIES:
            return False
        done = finished.state is State.COMPLETE
        scored = _scores(self.folder / f"{number:04d}" / SCORES) if done else None
        end = events.End(number, cell.key, finished.state, scored, finished.reason, finished.retry)
        self.ledger.write(end)
        self.listen(cell, end)
        return True


def measure_costs(ledger: Ledger, cells: Sequence[Cell], folder: Path, grounds: Mapping[str, Ground]) -> None:
    """Measure the cost of sampling from each model, one after the other, while nothing else runs."""
    measured: set[tuple[str, str]] = set()
    for cell in cells:
        number, place = ledger.numbers.get(cell.key), (cell.data, cell.model)
        trained = ledger.completed(cell) and cell.role is Role.MODEL and cell.full
        if number is None or not trained or place in measured:
            continue
        measured.add(place)
        if number not in ledger.costs:
            with contextlib.suppress(RunError):  # its files are gone or of another version: no cost then
                model = GeneratedModel.of_trial(folder / f"{number:04d}", grounds[cell.data].data.codec)
                ledger.write(events.Cost(number, model.efficiency()))


def _scores(path: Path) -> Scored:
    """Read the scores that a worker wrote. Raises ``RunError`` if they are missing or damaged."""
    try:
        return Scored.from_json(parse_json(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise RunError(f"cannot read {path}, which a worker should have written: {error}") from error
