import dataclasses
import json
import math

import pytest

from autogen.hpo.objective import Objective
from autogen.hpo.study.state import SPENT
from autogen.report.contents import Marginal, Nearest
from autogen.report.figures import parameters as parameter_figures
from autogen.report.figures import search as search_figures
from autogen.report.figures import verdict as final_figures
from autogen.report.figures.plot import CLEAR, dots, frame, label, scale
from autogen.report.figures.samples import marginal
from tests.report.example import study

LOWER = Objective("kd", 1, "minimize")
HIGHER = Objective("auc", 1, "maximize")


def trace(plot, name):
    return next(trace for trace in plot.traces if trace["name"] == name)


def test_the_best_so_far_never_gets_worse():
    plot = search_figures.history(study().trials, LOWER)
    best = [y for y in trace(plot, "best so far")["y"] if y is not None]
    assert best == sorted(best, reverse=True)


def test_the_best_so_far_follows_the_direction():
    trials = study().trials
    best = [y for y in trace(search_figures.history(trials, HIGHER), "best so far")["y"] if y is not None]
    assert best == sorted(best)
    assert best[-1] == max(trial["score"] for trial in trials if trial["state"] == "complete")


def test_history_does_not_depend_on_the_order_of_trials():
    trials = study().trials
    assert search_figures.history(trials, LOWER) == search_figures.history(trials[::-1], LOWER)


def test_the_history_names_the_best_trial():
    page = study()
    best = min((t["score"], t["number"]) for t in page.trials if t["score"] is not None)[1]
    assert search_figures.history(page.trials, LOWER).title.startswith(f"Trial {best} found the best score")


def test_without_a_complete_trial_there_is_nothing_to_draw():
    trials = [t for t in study().trials if t["state"] != "complete"]
    made = (search_figures.history, search_figures.curves, search_figures.families)
    assert [make(trials, LOWER) for make in made] == [None, None, None]
    assert parameter_figures.slices(trials, "vae", LOWER) == []


def test_curves_of_pruned_trials_are_counted_and_those_out_of_time_apart():
    trials = list(study().trials)
    stopped = [number for number, t in enumerate(trials) if t["state"] == "pruned"]
    for number in stopped[:3]:
        trials[number] = trials[number] | {"reason": SPENT}
    plot = search_figures.curves(trials, LOWER)
    assert f", {len(stopped) - 3} pruned, 3 out of time and " in plot.title
    assert trace(plot, "pruned")["x"].count(None) == len(stopped) - 3
    assert trace(plot, "out of time")["x"].count(None) == 3
    history = search_figures.history(trials, LOWER)
    assert len(trace(history, "out of time")["x"]) == 3
    rungs = search_figures.rungs(trials)
    assert sum(trace(rungs, "out of time")["y"]) == 3


def test_all_trials_are_in_the_title_of_the_curves_also_those_without_one():
    made = list(study().trials)
    done = [trial for trial in made if trial["state"] == "complete"][:2]
    silent = done[0] | {"number": 98, "state": "running", "curve": [], "score": None}
    late = silent | {"number": 99, "state": "pruned", "reason": SPENT}
    plot = search_figures.curves([*done, silent, late], LOWER)
    assert plot.title == "2 of 4 trials were trained to the end, 1 out of time and 1 not ended"
    assert search_figures.curves(done, LOWER).title.endswith("were trained to the end, none stopped")


def test_many_thousands_of_curves_are_not_all_drawn():
    plot = search_figures.curves(study(trials=2000).trials, LOWER)
    assert sum(trace["x"].count(None) for trace in plot.traces) == search_figures.CURVES


def test_baselines_that_would_flatten_the_finalists_are_told_in_words():
    plot = final_figures.finalists(study().result, LOWER)
    drawn = {name for trace in plot.traces for name in trace["y"]}
    assert "independent pixels" not in drawn
    assert "independent pixels (0.21)" in plot.caption
    assert "pixelwise KDE" in drawn


def test_a_returned_baseline_is_drawn_also_far_from_the_finalists():
    result = study().result
    far = dataclasses.replace(result.best, trial=None, baseline="independent pixels")
    plot = final_figures.finalists(dataclasses.replace(result, best=far, verdict="baseline"), LOWER)
    assert "independent pixels" in {name for trace in plot.traces for name in trace["y"]}
    assert "independent pixels" not in plot.caption


@pytest.mark.parametrize("verdict", ["winner", "unrivaled"])
def test_the_figure_claims_no_more_than_the_heading_where_a_baseline_was_refused(verdict):
    result = dataclasses.replace(study().result, verdict=verdict)
    first = dataclasses.replace(result.baselines[1], excluded="20 % of its samples are copies")
    refused = dataclasses.replace(result, baselines=[*result.baselines[:1], first, *result.baselines[2:]])
    assert final_figures.finalists(result, LOWER).title.endswith("the best baseline")
    assert final_figures.finalists(refused, LOWER).title.endswith("the baselines compared")


def test_better_scores_of_trials_that_were_stopped_early_are_not_called_worse():
    done = [t for t in study().trials if t["state"] == "complete"][:1]
    found = done[0]["number"]
    cut = done[0] | {"number": found + 1, "state": "pruned", "reason": SPENT, "score": None}
    better = cut | {"curve": [[1, done[0]["score"] / 2]]}
    title = search_figures.history([*done, better], LOWER).title
    assert title == f"Trial {found} found the best score; 1 later trial was stopped early"
    worse = done[0] | {"number": found + 2, "score": 2 * done[0]["score"]}
    title = search_figures.history([*done, better, worse], LOWER).title
    assert title.endswith("1 later score was not better, 1 later trial was stopped early")


def test_parallel_lines_need_enough_trials():
    trials = study(trials=200).trials
    assert parameter_figures.parallel(trials, "vae", LOWER) is not None
    assert parameter_figures.parallel(study(trials=20).trials, "vae", LOWER) is None


def test_slices_hold_each_varied_parameter_of_the_family():
    titles = [
        plot.title.partition(":")[0]
        for plot in parameter_figures.slices(study(trials=200).trials, "vae", LOWER)
    ]
    assert sorted(titles) == ["model.width", "training.lr", "training.optimizer"]


def test_hopeless_scores_do_not_flatten_the_others():
    axis, said = frame([-1.0, *(0.1 * i for i in range(20)), 500.0], LOWER)
    assert axis["range"][1] < 10
    assert "1 much worse measurement lies" in said


def test_hopeless_scores_are_low_ones_where_higher_is_better():
    axis, _ = frame([-500.0, *(0.1 * i for i in range(20))], HIGHER)
    assert axis["range"][0] > -10
    assert axis["range"][1] > 1.9


@pytest.mark.parametrize(("values", "kind"), [([1, 9], "log"), ([1, 8], "linear"), ([0, 9], "linear")])
def test_axes_are_logarithmic_where_values_differ_by_factors(values, kind):
    assert scale(values)["type"] == kind


def test_texts_in_figures_are_escaped_and_numbers_left_alone():
    assert (label("<b>"), label(0.5)) == ("&lt;b&gt;", 0.5)
    assert dots(["<i>"], [1])["x"] == ["&lt;i&gt;"]


def test_a_figure_cannot_leave_its_script_element():
    plot = search_figures.history(study().trials, LOWER)
    told = dataclasses.replace(plot, x={"title": "</script><script>"}).to_json()
    assert "<" not in told
    assert json.loads(told)["layout"]["xaxis"]["title"]["text"] == "</script><script>"


def test_a_number_that_is_not_finite_is_a_gap():
    plot = dataclasses.replace(search_figures.history(study().trials, LOWER), traces=[dots([1], [math.nan])])
    assert json.loads(plot.to_json())["data"][0]["y"] == [None]


def measured(steps, curve, state, reason=""):
    """A trial with a score after each of some steps."""
    trial = {"number": 0, "family": "vae", "config": {}, "steps": steps, "state": state, "reason": reason}
    return trial | {"curve": [(step, 1.0) for step in curve]}


def test_shares_of_a_rung_that_differ_only_by_rounding_of_steps_are_one():
    trials = [measured(400, (45, 134, 400), "complete"), measured(200, (23,), "pruned")]
    trials += [measured(400, (45,), "pruned"), measured(200, (23, 67), "pruned")]
    plot = search_figures.rungs(trials)
    assert plot.traces[0]["x"] == ["rung 1: 11%", "rung 2: 34%", "rung 3: 100%"]
    assert plot.title.startswith("Of 4 trials that were measured, 2 were pruned at the first rung")


def test_trials_of_families_with_different_rungs_are_pruned_at_their_own_first_one():
    trials = [measured(100, (25, 50, 100), "complete"), measured(8, (1,), "pruned")]
    trials += [measured(100, (25,), "pruned"), measured(8, (1, 3), "pruned"), measured(20, (20,), "complete")]
    trials += [measured(100, (25,), "pruned", SPENT), measured(100, (), "pruned")]
    plot = search_figures.rungs(trials)
    assert plot.title == (
        "Of 6 trials that were measured, 2 were pruned at the first rung and 2 were trained to the end"
    )
    assert trace(plot, "pruned")["x"] == ["rung 1: 12% to 100%", "rung 2: 38% to 50%", "rung 3: 100%"]
    assert [list(trace(plot, name)["y"]) for name in ("went on", "pruned", "out of time")] == [
        [3, 1, 1],
        [2, 1, 0],
        [1, 0, 0],
    ]


def test_one_score_near_zero_does_not_make_an_axis_logarithmic():
    assert scale([0.003, *(0.3 + 0.01 * i for i in range(20))])["type"] == "linear"


@pytest.mark.parametrize(
    ("generated", "said"),
    [([1.0] * 9, "farther from"), ([0.1] * 9, "nearer to"), ([0.9] * 9, "about as far")],
)
def test_distances_are_compared_as_wholes_not_by_their_middles(generated, said):
    unseen = [0.85, 0.87, 0.89, 0.91, 0.93, 0.95]
    plot = final_figures.distances(Nearest(generated, unseen, 0, b""))
    assert said in plot.title


def test_samples_that_equal_training_samples_are_said_although_the_others_lie_as_far():
    unseen, generated = [0.3, 0.4, 0.5, 0.6], [0.0, 0.4, 0.5, 0.7]
    plot = final_figures.distances(Nearest(generated, unseen, 0, b""))
    assert plot.title == "25 % of samples equal a training sample (unseen: 0 %)"
    assert "does not show copying" in plot.caption
    both = final_figures.distances(Nearest([0.0, 0.5], [0.0, 0.5], 0, b""))
    assert "about as far" in both.title
    assert "copying" not in both.caption


def test_families_of_few_trials_get_no_box():
    page = study()
    done = [t for t in page.trials if t["state"] == "complete"]
    few = [next(t for t in done if t["family"] == name) for name in ("vae", "gan")]
    plot = search_figures.families(few, LOWER)
    assert {trace["line"]["color"] for trace in plot.traces} == {CLEAR}


def test_long_names_of_categories_are_cut_under_the_bars_only():
    entry = Marginal("job", ["unemployed non-resident", "1"], [0.5, 0.5], [0.5, 0.5], [0.1, 0.25])
    plot = marginal(entry)
    assert plot.x["ticktext"] == ["unemployed no…", "1"]
    assert plot.traces[0]["x"][0] == plot.x["tickvals"][0] == "unemployed non-resident"
    assert plot.title == "job: 100 % overlap"
    assert plot.caption == "Missing: 10 % of real cells, 25 % of generated ones."


def test_dates_stand_on_an_axis_of_time():
    days = ["2024-01-15T00:00:00", "2024-02-15T00:00:00"]
    assert marginal(Marginal("signup", days, [0.5, 0.5], [0.4, 0.6], scale="date")).x == {"type": "date"}
    hours = ["1900-01-01T06:00:00", "1900-01-01T18:00:00"]
    clock = marginal(Marginal("opens", hours, [0.5, 0.5], [0.4, 0.6], scale="date")).x
    assert clock == {"type": "date", "tickformat": "%H:%M"}
