"""Writes what a study leaves: the best model, its samples and card, leaderboard, result and report."""

import json
from collections.abc import Callable, Sequence

from autogen.data.module import DataModule
from autogen.engine.previews import save_exhibits
from autogen.engine.report_data import gather, publish_page
from autogen.engine.result import compose
from autogen.engine.run_folder import RunFolder
from autogen.engine.settings import Settings
from autogen.engine.study_result import StudyResult
from autogen.files import write
from autogen.generator.generator import GeneratedModel
from autogen.hpo.study.event import Event
from autogen.hpo.study.events import Finalists
from autogen.hpo.study.journal import read
from autogen.hpo.study.state import StudyState
from autogen.hpo.study.timing import Times
from autogen.report.card import card
from autogen.verdict.contenders import FinalVerdict
from autogen.verdict.goals import Goals


def publish(
    folder: RunFolder,
    data: DataModule,
    goals: Goals,
    state: StudyState,
    verdict: FinalVerdict,
    settings: Settings,
    *,
    events: Sequence[Event],
    times: Callable[[], Times],
) -> StudyResult:
    """Write everything that a finished study leaves in its folder; result.json comes last but one.

    Args:
        folder: Of the run.
        data: The data, split.
        goals: What was optimised.
        state: Of the search.
        verdict: Of the finals.
        settings: Of the study.
        events: Events of the journal.
        times: Tells where the study's seconds went, as late as can be.
    """
    model = GeneratedModel.of_trial(folder.finalists / f"{verdict.model:04d}", data.codec)
    model.save(folder.best)
    save_exhibits(folder, data, model, settings.seed, goals.target)
    confirmations = [event for event in events if isinstance(event, Finalists)]
    result = compose(
        data,
        goals,
        settings,
        state,
        verdict,
        parameters=model.parameters,
        test_reads=len(confirmations),
        confirmation=confirmations[-1],
        times=times(),
    )
    write(folder.best / "card.md", card(result))
    write(folder.result, json.dumps(result.to_json(), indent=2, allow_nan=False) + "\n")
    publish_page(folder, gather(folder, read(folder.journal), result))
    return StudyResult(folder.path)
