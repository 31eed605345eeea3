"""Sources of samples: what one process fits once is known by rows, split and codec."""

import contextlib

import numpy as np
import pandas as pd

from autogen.data.module import Earlier
from autogen.data.open import open_data
from autogen.hpo.study.journal import Journal
from autogen.hpo.study.log import StudyLog
from autogen.verdict.contenders import Entry
from autogen.verdict.goals import Goals
from autogen.verdict.measuring.scheduler import EvaluationQueue
from autogen.verdict.measuring.sources import Sources


def table(rows, shift):
    draw = np.random.default_rng(rows)
    return pd.DataFrame({"x": draw.normal(shift, 1, rows), "y": draw.normal(size=rows)})


def test_a_baseline_is_fitted_anew_for_the_same_rows_with_another_codec(tmp_path):
    """Else a study that starts from an earlier run would get that of one that does not, or vice versa."""
    earlier = Earlier(open_data(table(120, 3.0)).codec)
    metric = Goals("tabular", ("kd",)).metric
    keys = []
    with contextlib.closing(Journal(tmp_path / "journal.jsonl")) as journal:
        queue = EvaluationQueue(StudyLog(journal, metric.objective))
        for known in (None, earlier, None):
            sources = Sources(open_data(table(100, 0.0), earlier=known), metric, 0, queue)
            (source,) = sources.sources(Entry("gaussian_copula", "baseline"), "test", 1)
            keys.append(source.key)
    assert keys[0] == keys[2] != keys[1]


def test_what_is_fitted_on_a_table_is_not_that_of_equal_cells_under_other_names(tmp_path):
    """Else the second search of a process gets baselines and distances of columns that it does not have."""
    first = table(100, 3.0)
    metric = Goals("tabular", ("kd",)).metric
    entry, keys, drawn = Entry("gaussian_copula", "baseline"), [], []
    with contextlib.closing(Journal(tmp_path / "journal.jsonl")) as journal:
        queue = EvaluationQueue(StudyLog(journal, metric.objective))
        for names in (["x", "y"], ["y", "x"], ["a", "b"]):
            sources = Sources(open_data(first.set_axis(names, axis=1)), metric, 0, queue)
            (source,) = sources.sources(entry, "test", 1)
            keys += [source.key, sources.hard_tests(entry, 1).key]
            drawn.append(next(source.draws()))
    assert len(set(keys)) == 6
    assert [list(one) for one in drawn] == [["x", "y"], ["y", "x"], ["a", "b"]]
    assert [one.iloc[:, 0].mean() > 2 for one in drawn] == [True] * 3
