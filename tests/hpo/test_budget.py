import pytest

from autogen.errors import SettingsError
from autogen.hpo.budget import Budget


@pytest.mark.parametrize(
    ("text", "seconds", "trials"),
    [
        ("90s", 90, None),
        ("10m", 600, None),
        ("1.5h", 5400, None),
        ("200trials", None, 200),
        ("1trial", None, 1),
        ("2h,200trials", 7200, 200),
    ],
)
def test_a_budget_is_read_from_its_text(text, seconds, trials):
    assert Budget.parse(text) == Budget(seconds, trials)


@pytest.mark.parametrize(
    "text",
    [
        *("", "0s", "0trials", "10", "ten minutes", "-5m", "1.5trials", "5m,", "5 parsecs"),
        *("1h,30m", "5trials,6trials", "9" * 400 + "s"),
    ],
)
def test_another_text_is_refused_in_one_line(text):
    with pytest.raises(SettingsError, match="budget|whole") as caught:
        Budget.parse(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["30m,20trials", "20trials", "0s", "1h,30m", "soon"])
def test_only_a_time_is_a_time(text):
    assert Budget.time("30m") == 1800
    assert Budget.time(text) is None


def test_a_budget_is_extended_by_a_plus_and_replaced_without():
    budget = Budget.parse("10m,5trials")
    assert budget.extended("+5m") == Budget(900, 5)
    assert budget.extended("5m") == Budget(300, None)


@pytest.mark.parametrize(
    ("text", "written", "words"),
    [
        ("60s,1trials", "60s,1trial", "60s and 1 trial"),
        ("2trials", "2trials", "2 trials"),
        ("10m", "600s", "600s"),
    ],
)
def test_one_trial_is_one_trial_for_files_and_for_readers(text, written, words):
    budget = Budget.parse(text)
    assert (str(budget), budget.words()) == (written, words)
    assert Budget.parse(written) == budget


@pytest.mark.parametrize("text", ["90s", "7trials", "600s,7trials"])
def test_a_budget_prints_as_it_is_read(text):
    assert str(Budget.parse(text)) == text


@pytest.mark.parametrize(
    ("budget", "more", "seconds", "trials", "expected"),
    [
        ("10m", "+10m", 3600.0, 9, Budget(4200.0, None)),
        ("200trials", "+10m", 3600.0, 200, Budget(4200.0, None)),
        ("10m", "+50trials", 700.0, 30, Budget(None, 80)),
        ("10m,40trials", "+5m", 100.0, 30, Budget(900.0, 40)),
        ("10m", "5m", 700.0, 30, Budget(300.0, None)),
    ],
)
def test_more_comes_on_top_of_what_is_spent_and_lifts_what_is_exhausted(
    budget, more, seconds, trials, expected
):
    assert Budget.parse(budget).extended(more, seconds, trials) == expected


def test_long_budgets_print_as_they_are_read():
    assert str(Budget(1_036_800.0)) == "1036800s"
    assert Budget.parse(str(Budget(1_036_800.0))) == Budget(1_036_800.0)
