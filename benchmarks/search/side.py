"""One search in a process of its own: ``python -m benchmarks.search.side SIDE SET SEED SECONDS TRACE BEGAN``.

``ours`` is the search as ``autogen run`` does it, without finals. ``BEGAN`` is the second of the system's
clock at which the process was started, so that imports count.
"""

import contextlib
import sys
import time
from pathlib import Path

from autogen import registry
from autogen.hpo.budget import Budget
from autogen.hpo.study.event import Event
from autogen.hpo.study.events import End, Rung
from autogen.hpo.study.journal import Journal
from autogen.hpo.study.log import Listener, StudyLog
from autogen.hpo.study.state import StudyState
from autogen.hpo.study.study import Limits, Strategy, Study
from autogen.hpo.trial import State, derived_seed
from benchmarks.search import asked
from benchmarks.search.chosen import learnt, starting_with
from benchmarks.search.setting import Setting
from benchmarks.search.trace import Trace, spent

#: Searches that ours is compared with.
OTHERS = ("tune", *asked.METHODS)


def listener(trace: Trace) -> Listener:
    """Note what a study of ours measures in a trace; a trial with fewer steps is not fully trained."""

    def note(event: Event, state: StudyState) -> None:
        match event:
            case Rung():
                trace.measured(event.n, spent(state.trials[event.n].curve[-1]))
            case End(state=State.COMPLETE) if not state.trials[event.n].cut:
                trial = state.trials[event.n]
                trace.complete(trial.curve[-1].score, str(trial.task.config["family"]))

    return note


def ours(setting: Setting, seconds: float, trace: Trace, journal: Path) -> None:
    """Search by our sampler and our pruner until so many seconds after the start of the process.

    The portfolio of the space is chosen without the set that is searched.
    """
    plan = setting.plan
    space = starting_with(plan.space, learnt(plan.space.origin, without=setting.name))
    defaults = [space.default(family) for family in space.families]
    sampler = registry.get("sampler", plan.sampler_name)(space, derived_seed(setting.seed, "sampler"))
    strategy = Strategy(sampler, registry.get("pruner", plan.pruner_name)(), defaults=defaults)
    with (
        contextlib.closing(Journal(journal)) as written,
        contextlib.closing(asked.executor()) as executor,
    ):
        log = StudyLog(written, setting.objective, listen=listener(trace), spent=trace.clock())
        limits = Limits(Budget(seconds))
        Study(strategy, executor, log, limits, seed=setting.seed).run(setting.work())


def main() -> None:
    """Run one search."""
    side, name, seed, seconds, path, began = sys.argv[1:]
    setting = Setting(name, int(seed))
    trace = Trace(setting.objective, lambda: time.time() - float(began), Path(path))
    if side == "ours":
        ours(setting, float(seconds), trace, Path(path).with_suffix(".journal"))
    elif side == "tune":
        from benchmarks.search import tuned

        tuned.search(setting, float(seconds), trace)
    else:
        asked.search(side, setting, float(seconds), trace)


if __name__ == "__main__":
    main()
