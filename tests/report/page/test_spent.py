"""The tables of where the time went."""

from autogen.report.markup import safe
from autogen.report.page.spent import spent
from autogen.report.result import TimeSpent


def test_start_up_has_a_row_and_both_tables_have_their_sums():
    time = TimeSpent(
        budget=30.0, seconds=28.0, startup=12.8, search=9.2, finals=6.0, search_training=5.5, test=2.5
    )
    text = safe(spent(time))
    clock, work = text.split("</table>")[:2]
    assert "start-up: loading autogen" in clock
    assert '<td class="number">12.8</td><td class="number">46 %</td>' in clock
    assert 'the whole study</strong></td><td class="number">28.0</td>' in clock
    assert 'all work</strong></td><td class="number">8.0</td>' in work


def test_files_of_earlier_versions_have_no_clock():
    text = safe(spent(TimeSpent(budget=None, seconds=9.0, test=2.5)))
    assert "By the clock" not in text
    assert spent(TimeSpent(budget=None, seconds=9.0)) is None
