"""Progress: words before anything heavy is loaded, a bar with what is left, no colors where none are due."""

import os
import pty
import select
import subprocess
import sys

import pytest

from autogen.cli.terminal.bar import bar, seconds_in_words
from autogen.cli.terminal.opening import Opening
from autogen.cli.terminal.progress import Progress
from autogen.hpo.objective import Objective
from autogen.hpo.study.events import Ask, End, Rung, Start
from autogen.hpo.study.state import StudyState
from autogen.hpo.trial import State


def test_a_bar_is_read_without_colors():
    assert bar(0.5, "utf-8", 4) == "\u2501\u2501\u254c\u254c  50 %"
    assert bar(1.7, "ascii", 4) == "#### 100 %"
    assert bar(0.0, "latin-1", 4) == "----   0 %"


def test_seconds_are_written_as_people_say_them():
    assert [seconds_in_words(s) for s in (0.4, 59, 61, 3600, 7500)] == [
        "0s",
        "59s",
        "1m 1s",
        "1h 0m",
        "2h 5m",
    ]


def followed(*story):
    """A progress and the state after some events."""
    progress, state = Progress(silent=False), StudyState(Objective("kd"))
    for event in story:
        state.apply(event)
        progress.listen(event, state)
    return progress, state


def test_a_time_budget_says_what_is_left(capsys):
    progress, state = followed(Start(seconds=60.0, workers=1), Ask(0, {"family": "vae"}, 0, (1,), t=20.0))
    assert progress.share(state) == pytest.approx(1 / 3, abs=0.02)
    assert progress.left(state) == "40s left"
    assert "search  20s of 60s  40s left  0 trials  1 worker busy" in progress.line(state)
    state.seconds = 61.0
    assert progress.left(state) == "finishing"
    assert progress.share(state) == 1.0


def test_a_budget_of_trials_says_about_how_long(capsys, tmp_path):
    (tmp_path / "study.toml").write_text('budget = "4trials"\n')
    progress, state = followed(
        Start(run=str(tmp_path)),
        Ask(0, {"family": "vae"}, 0, (1,)),
        Rung(0, 1, 0.5, True, t=10.0),
        End(0, State.COMPLETE, t=10.0),
    )
    assert progress.share(state) == 0.25
    assert progress.left(state) == "about 30s of search left"
    assert "25 %" in progress.renderable().plain


def test_a_suspect_with_the_best_score_is_said_beside_the_best_trial(capsys):
    def ended(number, score, suspect=""):
        asked = Ask(number, {"family": "vae"}, 0, (1,))
        return asked, Rung(number, 1, score, True, t=10.0), End(number, State.COMPLETE, suspect=suspect)

    story = *ended(0, 0.3794, "copies"), *ended(1, 0.9269), *ended(2, 0.2)
    progress, state = followed(Start(), *story[:3])
    doubt = "trial 0 (vae) scores 0.3794 but is suspected of copying training data"
    assert capsys.readouterr().err.splitlines()[-1] == f"{doubt}: it ranks behind all others"
    assert progress.line(state).endswith("best 0.3794 (vae, trial 0, suspected of copying)")
    progress, state = followed(Start(), *story[:6])
    said = capsys.readouterr().err.splitlines()
    assert said[-1] == f"trial 1 (vae) is the best so far: 0.9269 after 10s; {doubt}"
    progress.listen(Start(), state)  # of the process that resumes it
    assert capsys.readouterr().err.splitlines()[-1] == f"note: {doubt}"
    followed(Start(), *story)
    assert capsys.readouterr().err.splitlines()[-1] == "trial 2 (vae) is the best so far: 0.2 after 10s"


def test_nothing_comes_before_an_error_where_there_is_no_terminal(capsys):
    with Opening(silent=False) as opening:
        opening.say("loading autogen ...")
    assert capsys.readouterr().err == ""


@pytest.mark.slow
def test_the_first_words_come_before_torch_is_imported_and_without_color_where_none_is_wanted():
    code = (
        "import sys; sys.argv = ['autogen', 'run', 'nosuch.csv']\n"
        "import autogen.cli.terminal.opening as opening\n"
        "say = opening.Opening.say\n"
        "def noted(self, doing):\n"
        "    say(self, doing)\n"
        "    if doing.startswith('loading'): print(sorted({'torch', 'pandas'} & set(sys.modules)))\n"
        "opening.Opening.say = noted\n"
        "from autogen.cli.app import main; main()\n"
    )
    said = on_a_terminal([sys.executable, "-c", code], {"NO_COLOR": "1", "TERM": "xterm-256color"})
    assert said.startswith("loading autogen ...")
    assert said.index("loading autogen ...") < said.index("[]") < said.index("reading nosuch.csv ...")
    assert "error: " in said
    assert "\x1b[" not in said


def on_a_terminal(command, more_environment):
    """What a command writes to a terminal."""
    main, other = pty.openpty()
    child = subprocess.Popen(command, stdout=other, stderr=other, env=os.environ | more_environment)
    os.close(other)
    said = b""
    while select.select([main], [], [], 120)[0]:
        try:
            more = os.read(main, 4096)
        except OSError:  # the terminal is closed
            break
        if not more:
            break
        said += more
    child.wait()
    os.close(main)
    return said.decode()
