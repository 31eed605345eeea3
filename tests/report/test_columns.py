"""Columns of the data as lines of a terminal and as a table of the page."""

import shlex

import pytest

from autogen.data.kind import ColumnReading
from autogen.data.tables.rules.parse import parse_rule
from autogen.report.columns import SHORT, column_lines, columns_table, rule_option, short_column_lines

PRICE = ColumnReading(
    "price", "continuous", "learned", "$1.50", ("$2.00", "$-"), ("$2.00", "$0.00"), 0.25, 40
)
SAID = ColumnReading("said", "text", "left out", "", ("a remark",), (), 0.0, 7)


def test_each_column_has_two_lines():
    assert column_lines([PRICE, SAID]) == [
        "  price: continuous, written like $1.50; learned; 40 different, 25.0 % missing",
        "    $2.00 | $- -> $2.00 | $0.00",
        "  said: text; left out; 7 different",
        "    a remark",
    ]


def test_a_short_line_gives_cells_that_come_back_once():
    same = ColumnReading("x", "integer", "learned", "", ("1", "2"), ("1", "2"))
    assert short_column_lines([same, PRICE, SAID]) == [
        "  x      learned   integer: 1 | 2",
        "  price  learned   continuous: $2.00 | $- -> $2.00 | $0.00  25.0 % missing",
        "  said   left out  text: a remark",
    ]


def test_a_short_list_of_many_columns_says_how_many_it_leaves_out():
    lines = short_column_lines([SAID] * (SHORT + 3))
    assert len(lines) == SHORT + 1
    assert lines[-1] == "  ... and 3 more; autogen inspect lists all columns"


def test_nothing_in_a_name_or_a_cell_steers_the_terminal():
    odd = ColumnReading("a\x1b[31m\nb", "text", "left out", "\x1b", ("\x1b]0;x\x07",), ("\n" * 9,))
    assert all(line.isprintable() for line in (*column_lines([odd]), *short_column_lines([odd])))


def test_cells_of_kilobytes_are_cut():
    long = ColumnReading("n" * 500, "text", "left out", "", ("x" * 5000,))
    assert max(map(len, short_column_lines([long]))) < 120


def test_the_page_has_a_row_for_each_column_and_escapes_them():
    (page, more) = columns_table([PRICE, ColumnReading("<b>", "text", "left out", "", ("<i>",))])
    assert "<td>price</td><td>continuous, $1.50</td><td>learned</td>" in page.html
    assert '<td class="number">25.0 %</td><td class="number">40</td>' in page.html
    assert "&lt;i&gt;" in page.html
    assert "<i>" not in page.html
    assert more.html == ""
    assert columns_table([]) == []


def test_many_columns_are_folded():
    assert "The other 5 columns" in columns_table([SAID] * 35)[1].html


@pytest.mark.parametrize(
    "rule", ["zip -> city", '"a<b" <= c', "it's -> $HOME", "`x` -> y", "a missing <-> b missing"]
)
def test_a_rule_can_be_pasted_into_a_shell(rule):
    option, text = shlex.split(rule_option(rule))
    assert (option, text) == ("--rule", rule)
    assert parse_rule(text)
