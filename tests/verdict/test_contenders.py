import pytest

from autogen.errors import RunError
from autogen.verdict.contenders import Entry, Measured, Ranked, with_scores


def test_finalists_of_which_none_could_be_scored_end_the_study_in_one_line():
    failed = Ranked(Entry("trial 3", "finalist"), excluded="could not be scored: the loss is nan")
    fine = Ranked(Entry("trial 4", "finalist"), Measured(scores=[0.5], replicates=[[0.5]]))
    assert with_scores([failed, fine]) == [fine]
    with pytest.raises(RunError, match=r"scored \(trial 3: could not be scored: the loss is nan\)"):
        with_scores([failed])
