import re

from autogen.report.contents import Tune
from autogen.report.page.music import roll, tune
from tests.report.example import tune as melody


def test_a_roll_has_a_bar_for_every_note_and_tells_their_range():
    html = roll("Generated 1", Tune([(0.0, 0.5, 60), (0.5, 0.5, 67), (1.0, 1.0, 72)], b"")).html
    assert html.count('class="note"') == 3
    assert "3 notes between C4 and C5 in 2 seconds" in html


def test_higher_notes_stand_higher_and_later_ones_to_the_right():
    html = roll("Real 1", Tune([(0.0, 0.5, 60), (0.5, 0.5, 72)], b"")).html
    (x0, y0), (x1, y1) = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)"[^>]*class="note"', html)
    assert float(x1) > float(x0)
    assert float(y1) < float(y0)


def test_a_piece_brings_its_midi_file_along():
    assert "data:audio/midi;base64,TVRoZA" in tune("Generated 1", melody()).html


def test_a_piece_without_notes_says_so():
    assert "has no notes" in tune("Generated 1", Tune([], b"")).html
