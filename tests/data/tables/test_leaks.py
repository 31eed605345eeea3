import numpy as np
import pandas as pd

from autogen.data.open import open_data
from autogen.data.tables.leaks import is_classes, leak_sentence, xi


def passengers(n: int = 240) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    fare = rng.exponential(20, n).round(2)
    survived = (fare + rng.normal(0, 15, n) > 18).astype(int)
    return pd.DataFrame({"fare": fare, "deck": rng.choice(list("ABC"), n), "survived": survived})


def warned(frame: pd.DataFrame, target: str) -> list[str]:
    notes = open_data(frame, options={"target": target}).notes
    return [note for note in notes if "target leakage" in note]


def test_a_copy_of_the_target_is_named_with_the_option_that_leaves_it_out():
    frame = passengers()
    assert warned(frame, "survived") == []
    alive = frame.assign(alive=np.where(frame["survived"] == 1, "yes", "no"))
    (note,) = warned(alive, "survived")
    assert "column 'alive' alone determines the target 'survived'" in note
    assert note.endswith("To leave it out: --column alive=drop.")
    both = alive.assign(**{"risk %": 1 - alive["survived"] * 0.5})
    (note,) = warned(both, "survived")
    assert "columns 'alive', 'risk %' alone each determine" in note
    assert note.endswith("--column alive=drop --column 'risk %=drop'.")


def test_a_quantity_leaks_through_any_function_of_it_and_not_through_noise():
    frame = passengers().assign(deck="A")
    assert warned(frame.assign(euros=(frame["fare"] * 1.17 + 2).round(2)), "fare")
    assert not warned(
        frame.assign(near=frame["fare"] * np.exp(np.random.default_rng(1).normal(0, 1, 240))), "fare"
    )


def test_a_threshold_and_many_categories_leak_too_but_names_of_rows_do_not():
    rng = np.random.default_rng(2)
    score = rng.normal(size=400)
    assert xi(score, (score > 1).astype(float), False, True) > 0.95
    codes = rng.integers(0, 100, 400).astype(float)
    assert xi(codes, codes % 7, True, True) > 0.95
    assert xi(rng.permutation(400).astype(float), rng.integers(0, 2, 400), True, True) == 0
    assert abs(xi(score, rng.integers(0, 2, 400), False, True)) < 0.2
    assert abs(xi(score, rng.normal(size=400), False, False)) < 0.2


def test_rows_without_an_equal_one_count_too():
    rng = np.random.default_rng(3)
    claims = np.where(rng.random(1000) < 0.7, 0, rng.exponential(size=1000))
    fraud = np.where(claims > 0, rng.random(1000) < 0.5, False).astype(float)  # at best 15 % wrong
    assert 0.3 < xi(claims, fraud, False, True) < 0.6
    copy = np.where(rng.random(1000) < 0.4, 2 + np.arange(1000), fraud)  # 4 of 10 rows have names instead
    assert 0.55 < xi(copy, fraud, True, True) < 0.65
    assert xi(claims, np.where(claims > 0, 1 + claims, 0), False, False) > 0.95


def test_few_rows_of_a_class_are_no_evidence():
    rng = np.random.default_rng(4)
    rare = np.arange(300) < 3
    for _ in range(300):
        column = np.where(rng.random(300) < 0.4, 1000 + np.arange(300), rng.integers(0, 60, 300))
        assert max(xi(column, rare * 1.0, nominal, True) for nominal in (True, False)) < 0.95
    assert xi(rare * 1.0, rare * 1.0, True, True) == 0
    some = (np.arange(300) < 5) * 1.0
    assert xi(some, some, True, True) == xi(some, some, False, True) == 1


def test_a_column_of_one_value_in_rows_sorted_by_the_target_determines_nothing():
    frame = passengers().sort_values("survived", ignore_index=True).assign(ship="RMS")
    assert warned(frame, "survived") == []


def test_categories_and_two_values_are_classes():
    assert is_classes(np.array([0.0, 1, 1, np.nan]), nominal=False)
    assert is_classes(np.array([0.0, 1, 2]), nominal=True)
    assert not is_classes(np.array([0.0, 1, 2]), nominal=False)
    assert not is_classes(np.array([1.0, 1]), nominal=False)


def test_of_many_columns_a_few_are_named():
    said = leak_sentence([f"c{n}" for n in range(8)], "y")
    assert "'c4' and 3 more alone each determine" in said
