"""Models that are named by a run and the number of a trial: ``RUN:TRIAL``."""

from pathlib import Path

from autogen.errors import RunError
from autogen.files import near_path
from autogen.training.checkpoint import MODEL


def split_trial(source: str) -> tuple[Path, int | None]:
    """Split ``RUN:TRIAL``; a colon in the name of a folder that exists is a part of it."""
    name, colon, number = source.rpartition(":")
    if colon and number.isdecimal() and not Path(source).exists():
        return Path(name), int(number)
    return Path(source), None


def model_folder(source: str) -> Path:
    """Find what to load a model from.

    Args:
        source: Run, ``RUN:TRIAL``, or folder of a model.

    Raises:
        RunError: the trial is that of no run, or the run has no such trial, or it left no model.
    """
    run, trial = split_trial(source)
    if trial is None:
        return run
    if not (run / "study.toml").exists():
        near = "" if run.exists() else near_path(run)
        hint = f"; did you mean {near!r}?" if near else ""
        raise RunError(f"{run} is not the folder of a run: it lacks study.toml{hint}")
    folder = run / "trials" / f"{trial:04d}"
    if not folder.is_dir():
        numbers = sorted(int(one.name) for one in folder.parent.glob("[0-9]*") if one.name.isdecimal())
        known = f"its trials are 0 to {numbers[-1]}" if numbers else "it has none yet"
        raise RunError(f"{run} has no trial {trial}; {known}")
    if not (folder / MODEL).exists():
        raise RunError(
            f"trial {trial} of {run} has no model: it was stopped early, failed, or still runs; "
            "leaderboard.csv lists the complete trials"
        )
    return folder
