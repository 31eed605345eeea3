from dataclasses import dataclass, field

import numpy as np
import pytest

from autogen.data.open import open_data
from autogen.errors import MetricError, SettingsError, UnknownNameError
from autogen.hpo.objective import Objective
from autogen.judging.metrics import JudgeMetric
from autogen.verdict.judges import FinalJudging, parse_judges
from tests.data.texts.makers import words

DATA = open_data(words(300))


@dataclass
class Lengths(JudgeMetric):
    """Grades a text by its letters: one is 1, five and more are 5; real texts may be too short to trust."""

    doubt: str = ""
    prepared: list = field(default_factory=list)
    criterion = "fluency"
    most = 100
    objective = Objective("lengths", 1, "maximize")

    def prepare(self, real, codec):
        self.prepared.append(real)
        if not real:
            raise MetricError("no text at all")
        return real

    def grades(self, reference, items):
        return [float(min(len(item.answer), 5)) for item in items]

    def why_unreliable(self, reference):
        return self.doubt

    def warnings(self):
        return ("it counts letters",)


def made(least=None, **metric):
    found = Lengths(**metric)
    return found, FinalJudging(DATA, {"lengths": found}, {} if least is None else {"lengths": least})


def texts(length, n=40):
    return [["x" * (length + at % 2) for at in range(n)]] * 2


def test_a_mean_has_an_interval_and_both_splits_have_a_judge_of_their_own():
    metric, judging = made()
    mean = judging.judge(texts(2), texts(3))["lengths"]
    assert (mean.select, mean.mean) == (2.5, 3.5)
    assert mean.low < 3.5 < mean.high
    assert metric.prepared == [DATA.split("select"), DATA.split("test")]


def test_nothing_of_select_and_test_is_read_before_the_finals():
    metric, judging = made()
    judging.check()
    assert metric.prepared == [DATA.split("tune")]


def test_a_constraint_reads_the_select_split_and_says_what_it_found():
    _, judging = made(least=3)
    assert judging.refusal(judging.judge(texts(3), texts(1))) == ""
    refusal = judging.refusal(judging.judge(texts(1), texts(4)))
    assert refusal == "lengths 1.50 on the select split is below 3"


def test_texts_that_cannot_be_judged_do_not_keep_a_constraint():
    _, judging = made(least=3)
    found = judging.judge(texts(3, n=4), texts(3, n=4))
    assert found["lengths"].mean is None
    assert "needs 10 texts" in judging.refusal(found)
    assert "left no samples" in judging.refusal(judging.judge([], []))


def test_an_unreliable_judge_may_be_shown_but_not_decide():
    made(doubt="AUC 0.61 only")[1].check()
    with pytest.raises(SettingsError, match=r"lengths must not decide on list of 300: AUC 0.61 only"):
        made(doubt="AUC 0.61 only", least=3)[1].check()


def test_the_record_tells_what_is_known_of_a_judge():
    _, judging = made(least=2, doubt="AUC 0.61 only")
    (told,) = judging.about(["xxxx"] * 20)
    assert told["real"] == 4.0
    assert (told["least"], told["unreliable"], told["caveats"]) == (2, "AUC 0.61 only", ["it counts letters"])


def test_judges_and_constraints_are_written_in_one_place():
    metrics, least = parse_judges(["fluency.embedded=3.5", "coherence.embedded"], "text")
    assert list(metrics) == ["fluency.embedded", "coherence.embedded"]
    assert least == {"fluency.embedded": 3.5}


@pytest.mark.parametrize(
    ("wanted", "kind", "error", "match"),
    [
        ("fluency.embeded", "text", UnknownNameError, "fluency.embedded"),
        ("reverse_ngram", "text", SettingsError, "a judge of texts such as fluency.embedded"),
        ("fluency.embedded", "image", SettingsError, "for image"),
        ("fluency.embedded=9", "text", SettingsError, "from 1 to 5"),
        ("fluency.embedded=high", "text", SettingsError, "from 1 to 5"),
    ],
)
def test_what_is_no_judge_is_one_clear_error(wanted, kind, error, match):
    with pytest.raises(error, match=match):
        parse_judges([wanted], kind)


def test_replicates_of_a_jackknife_need_texts():
    with pytest.raises(MetricError):
        Lengths().replicates(None, ["xxx"] * 12, 10)
    assert np.allclose(Lengths().replicates(None, ["xxx"] * 20, 10), 3.0)
