"""Tables on the terminal: nothing is cut, and the legend explains the words that are there, and no other."""

import dataclasses
import io

from rich.console import Console

from autogen.cli.terminal.verdict import legend, table_of
from autogen.cli.terminal.width import widen
from autogen.report.hard_tests import Diversity, Rejection
from tests.report.example import example


def changed(**entries):
    """A result whose first baseline is another."""
    found = example("tabular").result
    first, *others = found.baselines
    return dataclasses.replace(found, baselines=[dataclasses.replace(first, **entries), *others])


def test_a_wide_table_is_not_cut():
    name = "a_baseline_with_a_name_" + "of_many_words_" * 8
    console = Console(file=io.StringIO(), width=60)
    table = table_of(changed(name=name))
    widen(console, table)
    console.print(table)
    out = console.file.getvalue()
    assert "\u2026" not in out
    assert name in out
    assert "train s" in out


def test_the_legend_explains_words_of_the_table_alone():
    assert not [line for line in legend(changed()) if line.startswith(("repeats", "rejected"))]
    shares = {"p_value": 0.0, "passed": False, "samples": 100}
    diversity = Diversity(near_duplicates=90, real_near_duplicates=3, found_up_to=99, **shares)
    found = changed(diversity=diversity, rejection=Rejection(share=0.4, bound=0.1, **shares))
    repeats, rejected = legend(found)[-2:]
    assert repeats.startswith("repeats  diversity test: ")
    assert rejected.startswith("rejected too many of its samples ")
