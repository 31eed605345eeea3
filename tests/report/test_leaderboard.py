import csv
import io

from autogen.report.leaderboard import NOT_CONFIRMED, cleared, from_csv, leaderboard, suspected, to_csv


def made(number, state, scores=(), **config):
    curve = [(10 * (i + 1), score) for i, score in enumerate(scores)]
    score = scores[-1] if state == "complete" else None
    return {"number": number, "family": "vae", "config": {"family": "vae", **config}, "state": state} | {
        "curve": curve,
        "score": score,
        "reason": "",
        "seconds": 1.234,
    }


def test_a_pruned_trial_never_stands_above_a_complete_one():
    trials = [made(0, "pruned", [0.1]), made(1, "complete", [0.9, 0.5]), made(2, "failed")]
    assert [row["trial"] for row in leaderboard(trials, "minimize")] == [1, 0, 2]


def test_the_best_complete_trial_is_first_in_either_direction():
    trials = [made(0, "complete", [0.1]), made(1, "complete", [0.2])]
    assert [row["trial"] for row in leaderboard(trials, "minimize")] == [0, 1]
    assert [row["trial"] for row in leaderboard(trials, "maximize")] == [1, 0]


def test_a_suspect_ranks_last_unless_the_test_at_the_end_cleared_it():
    found = "copies training rows"
    trials = [made(0, "complete", [0.1]), made(1, "complete", [0.2]), made(2, "complete", [0.3])]
    trials[0]["reason"] = found
    assert [row["trial"] for row in leaderboard(trials, "minimize")] == [1, 2, 0]
    trials[0]["reason"] = found + NOT_CONFIRMED
    rows = leaderboard(trials, "minimize")
    assert [(row["rank"], row["trial"]) for row in rows] == [(1, 0), (2, 1), (3, 2)]
    assert (suspected(rows[0]), cleared(rows[0])) == (False, True)


def test_only_complete_trials_have_a_rank_and_a_score():
    rows = leaderboard([made(0, "complete", [0.3]), made(1, "pruned", [0.2])], "minimize")
    assert [(row["rank"], row["score"], row["last_score"]) for row in rows] == [
        (1, 0.3, 0.3),
        (None, None, 0.2),
    ]


def test_equal_scores_stand_in_the_order_of_their_numbers():
    trials = [made(2, "complete", [0.1]), made(1, "complete", [0.1])]
    assert [row["trial"] for row in leaderboard(trials, "maximize")] == [1, 2]


def test_every_row_has_a_column_for_every_parameter():
    rows = leaderboard([made(0, "complete", [0.3], a=1), made(1, "complete", [0.4], b="x, y")], "minimize")
    assert [(row["a"], row["b"]) for row in rows] == [(1, None), (None, "x, y")]


def test_csv_reads_back_with_commas_and_quotes_in_place():
    text = to_csv(leaderboard([made(0, "complete", [0.25], note='a "b", c')], "minimize"))
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["note"], float(row["score"]), row["seconds"]) == ('a "b", c', 0.25, "1.23")


def test_no_trials_make_an_empty_text():
    assert to_csv(leaderboard([], "minimize")) == ""


def test_whole_numbers_and_texts_stay_such_where_cells_are_empty(tmp_path):
    trials = [made(0, "complete", [0.3], width=64, lr=0.1), made(1, "pruned", [0.4], net="mlp", tied=True)]
    (tmp_path / "board.csv").write_text(to_csv(leaderboard(trials, "minimize")))
    types = from_csv(tmp_path / "board.csv").dtypes
    wanted = {"rank": "Int64", "trial": "Int64", "score": "Float64", "reason": "string", "width": "Int64"}
    wanted |= {"lr": "Float64", "net": "string", "tied": "boolean", "state": "string"}
    assert {name: str(types[name]) for name in wanted} == wanted
