"""Run of a benchmark: open the data of a plan, run its cells, write tables and page."""

import contextlib
import csv
import io
import json
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import autogen
from autogen.benchmarking import events
from autogen.benchmarking.cells import Cell, Ground
from autogen.benchmarking.outcome import Outcome
from autogen.benchmarking.page import render
from autogen.benchmarking.plan import BenchmarkPlan, SetEntry, absent, plan_path, read_plan
from autogen.benchmarking.schedule import Ledger, Schedule, measure_costs
from autogen.benchmarking.tables import COLUMNS, entries_of, rows_of, scale_of
from autogen.data.open import open_data
from autogen.documents import parse_json
from autogen.errors import DataError, RunError, SettingsError, suggesting
from autogen.executors.lookup import executor_for, read_options
from autogen.files import write
from autogen.hpo.study.event import Unknown
from autogen.hpo.study.journal import Journal, read

#: Function of the number of ended cells, the number of all cells, the last ended cell and its end.
Listener = Callable[[int, int, Cell, events.End], None]


@dataclass(frozen=True)
class BenchmarkResult:
    """Result of a benchmark.

    Attributes:
        folder: Folder with all files.
        outcome: Scores, means and ranks.
    """

    folder: Path
    outcome: Outcome

    @property
    def page(self) -> Path:
        """Path of the page with tables and figures."""
        return self.folder / "benchmark.html"

    @property
    def summary(self) -> dict[str, Any]:
        """Content of summary.json."""
        record: dict[str, Any] = parse_json((self.folder / "summary.json").read_text(encoding="utf-8"))
        return record

    def table(self) -> Any:
        """Return one line for each model and data set, trained on all rows for all steps, as a DataFrame."""
        import pandas as pd

        lines = [
            {
                "data": mean.data,
                "kind": mean.kind,
                "model": mean.model,
                "role": str(mean.role),
                "seeds": mean.seeds,
                "score": mean.score and mean.score.mean,
                "low": mean.score and mean.score.low,
                "high": mean.score and mean.score.high,
                "calibrated": mean.calibrated and mean.calibrated[0],
                "share": mean.share,
                "passed": mean.passed,
                "seconds": mean.seconds,
                "latency_ms": mean.cost and mean.cost.latency_ms,
                "parameters": mean.cost and mean.cost.parameters,
            }
            for mean in self.outcome.means
            if mean.full
        ]
        return pd.DataFrame(lines)

    def results(self) -> Any:
        """Return results.csv as a DataFrame: one line for each cell."""
        import pandas as pd

        return pd.read_csv(self.folder / "results.csv")


@suggesting("autogen.benchmark")
def benchmark(
    plan: BenchmarkPlan | Path | str,
    *,
    out: Path | str,
    executor: str = "local",
    workers: int = 0,
    address: str = "",
    executor_options: Mapping[str, Any] | None = None,
    listen: Listener | None = None,
) -> BenchmarkResult:
    """Compare models over data sets and seeds; the same folder resumes an earlier benchmark.

    Args:
        plan: Path of a TOML file, name of a plan that comes with the package, or a plan.
        out: Folder for the results: new, empty, or of an earlier benchmark, whose finished cells are kept.
        executor: Name of the executor: ``local``, ``ray`` or that of a plug-in.
        workers: Number of parallel cells; 0 for one per core, or as many as fit on a cluster.
        address: Address of the Ray cluster; the executor's option of this name.
        executor_options: Options of the executor by name.
        listen: Function that is called after each cell.

    Raises:
        UserError: the plan or the data cannot be used, or the folder holds something else.
    """
    folder = Path(out).absolute()
    wanted = plan if isinstance(plan, BenchmarkPlan) else read_plan(plan)
    options = read_options(executor, dict(executor_options or {}) | ({"address": address} if address else {}))
    runner = executor_for(executor, options.worker_count(workers), options)
    _check_folder(folder)
    grounds, missing = _opened(wanted)
    cells = [cell for ground in grounds.values() for cell in ground.cells(wanted)]
    cells.sort(key=lambda cell: (not cell.full, cell.seed))  # cells of the ranking first, seed by seed
    with contextlib.closing(_journal(folder)) as journal, contextlib.closing(runner):
        if not isinstance(plan, BenchmarkPlan):
            write(folder / "plan.toml", plan_path(plan).read_text(encoding="utf-8"))
        ledger = Ledger(journal)
        ledger.write(events.Start(wanted.name, _versions()))
        if waiting := ledger.waiting(cells):
            schedule = Schedule(
                ledger,
                waiting,
                folder / "cells",
                seed=wanted.seed,
                timeout=wanted.timeout_seconds,
                listen=_counting(listen, len(cells) - len(waiting), len(cells)),
            )
            try:
                schedule.run(runner, grounds)
            except KeyboardInterrupt:
                _publish(folder, wanted, grounds, missing, cells, ledger)
                raise
        runner.close()  # no training may disturb the measurement of costs
        measure_costs(ledger, cells, folder / "cells", grounds)
    return _publish(folder, wanted, grounds, missing, cells, ledger)


def _opened(plan: BenchmarkPlan) -> tuple[dict[str, Ground], dict[str, str]]:
    """Open the data sets of a plan; the second result names the missing ones with a reason."""
    grounds, missing = {}, {}
    for entry in plan.sets:
        if absent(entry):
            reason = f"{entry.source} does not exist"
            if not plan.skip_absent:
                raise DataError(
                    f"the data set {entry.name} is missing: {reason}; correct the plan's data or source, "
                    f"or set skip_absent = true"
                )
            missing[entry.name] = reason
        else:
            grounds[entry.name] = _ground(entry, plan)
    if not grounds:
        raise SettingsError(
            f"all data sets of the plan are missing; "
            f"the first of {len(plan.sets)}, {plan.sets[0].name}, should be at {plan.sets[0].source}"
        )
    return grounds, missing


def _ground(entry: SetEntry, plan: BenchmarkPlan) -> Ground:
    data = open_data(
        entry.source,
        kind=entry.kind or None,
        seed=plan.seed,
        options=entry.options,
        rows=entry.rows or None,
    )
    ground = Ground(entry, data)
    _ = ground.metric  # raises for a metric of another kind before any training
    return ground


def _check_folder(folder: Path) -> None:
    """Check that a folder is empty or holds a benchmark. Raises ``RunError``."""
    journal = folder / "journal.jsonl"
    if journal.exists():
        # Read without decoding, since a study's events have the same names but other fields.
        names = {record.to_json()["e"] for record in read(journal, Unknown.from_json)}
        if not names <= events.EVENTS.keys():
            raise RunError(f"{folder} is the folder of a run, not of a benchmark; choose another with --out")
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RunError(f"{folder} is not empty and holds no benchmark; choose another with --out")


def _journal(folder: Path) -> Journal:
    """Open the journal of a folder; create both if they do not exist."""
    try:
        (folder / "cells").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"cannot create the folder {folder}: {error.strerror}; choose another") from error
    return Journal(folder / "journal.jsonl", decode=events.decode)


def _counting(listen: Listener | None, done: int, total: int) -> Callable[[Cell, events.End], None]:
    """Wrap a listener so that it gets the number of ended cells."""
    count = [done]

    def ended(cell: Cell, end: events.End) -> None:
        count[0] += 1
        if listen:
            listen(count[0], total, cell, end)

    return ended


def _publish(
    folder: Path,
    plan: BenchmarkPlan,
    grounds: dict[str, Ground],
    missing: dict[str, str],
    cells: list[Cell],
    ledger: Ledger,
) -> BenchmarkResult:
    """Write results.csv, summary.json and benchmark.html."""
    entries = entries_of(cells, ledger.ends, ledger.costs)
    scales = {
        name: scale_of(
            [entry for entry in entries if entry.cell.data == name],
            ground.data.kind.name,
            ground.metric.objective,
        )
        for name, ground in grounds.items()
    }
    facts = {
        name: {
            "rows": {split: len(rows) for split, rows in ground.data.rows.items()},
            "sha256": ground.data.sha256,
            "test_sha256": ground.data.split_sha256["test"],
        }
        for name, ground in grounds.items()
    }
    outcome = Outcome(plan, entries, scales, missing, facts)
    table = io.StringIO()
    writer = csv.DictWriter(table, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows_of(entries, scales))
    for name, reason in missing.items():
        writer.writerow({"data": name, "state": "absent", "reason": reason})
    write(folder / "results.csv", table.getvalue())
    about = {"versions": _versions(), "written": datetime.now(UTC).isoformat(timespec="seconds")}
    summary = json.dumps(outcome.to_json() | about, indent=1, allow_nan=False)
    write(folder / "summary.json", summary)
    write(folder / "benchmark.html", render(outcome, about))
    return BenchmarkResult(folder, outcome)


def _versions() -> dict[str, str]:
    names = ("torch", "numpy", "scikit-learn", "scipy")
    return {"autogen": autogen.__version__, "python": platform.python_version()} | {
        name: version(name) for name in names
    }
