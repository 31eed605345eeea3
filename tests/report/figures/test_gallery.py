import dataclasses

import pytest

from autogen.errors import RunError
from autogen.report.figures.gallery import Gallery
from tests.report.example import changed, example, study

NAMES = ("history", "rungs", "curves", "families", "importance", "parallel")
NAMES += ("finalists", "normalized", "pareto", "latency", "distances")


@pytest.mark.parametrize("name", NAMES)
def test_each_figure_has_a_title_that_says_what_to_see_and_something_drawn(name):
    figure = getattr(Gallery(example("tabular")), name)()
    assert len(figure.layout.title.text) > 20
    assert any(len(trace.x or ()) > 0 for trace in figure.data)


def test_slices_and_marginals_are_one_figure_each():
    gallery = Gallery(example("tabular"))
    assert len(gallery.slices("vae")) == 3
    assert len(gallery.marginals()) == 8


def test_what_a_study_has_not_is_said_in_one_line():
    with pytest.raises(RunError, match="no second objective"):
        Gallery(study()).pareto()


def test_a_family_that_was_not_searched_is_refused_by_name():
    with pytest.raises(RunError, match="autoregressive, gan, vae"):
        Gallery(study()).importance("flow")


def test_the_front_is_filled_and_what_is_beaten_is_hollow():
    figure = Gallery(example("image")).pareto()
    symbols = [trace.marker.symbol for trace in figure.data if trace.name]
    assert symbols == ["circle", "circle", "circle-open"]


def test_the_line_of_the_front_leaves_out_whose_mean_is_beaten():
    page = example("image")
    front = page.result.to_json()["pareto"]
    for entry in front:
        entry["on_front"] = True  # nothing is beaten beyond chance
    means = [[told["mean"] for told in entry["scores"].values()] for entry in front]
    last = front[-1]["scores"]
    for told, worst in zip(last.values(), map(max, zip(*means, strict=True)), strict=True):
        told["mean"] = worst + 1.0
    page = dataclasses.replace(page, result=changed(page.result, pareto=front))
    line = next(trace for trace in Gallery(page).pareto().data if trace.mode == "lines")
    assert len([x for x in line.x if x is not None]) == len(front) - 1
