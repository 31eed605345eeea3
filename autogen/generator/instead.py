"""A searched model of a run that does what the baseline which the run delivers cannot."""

from collections.abc import Iterator
from pathlib import Path

from autogen.data.tables.codec import TableCodec
from autogen.documents import parse_json
from autogen.errors import UserError
from autogen.files import read_file
from autogen.generator.delivered import check_model
from autogen.generator.generator import DATA, MOST_BYTES, GeneratedModel
from autogen.training.checkpoint import MODEL

#: What no baseline can, in words that follow ``cannot``.
CONDITION, IMPUTE, CONTINUE = "keep to a condition", "impute", "continue a text"
_CALLS = {
    CONDITION: "autogen sample {run}:{trial} --condition COLUMN=VALUE",
    IMPUTE: 'autogen.load("{run}:{trial}").impute(rows)',
    CONTINUE: 'autogen.load("{run}:{trial}").complete(prompts)',
}


def instead_of(run: Path, what: str) -> str:
    """Name a finalist of a run that passed the tests and can do something, and how to ask it.

    Args:
        run: Folder of a finished run.
        what: ``CONDITION``, ``IMPUTE`` or ``CONTINUE``.

    Returns:
        A clause; empty if no model that is kept can, or the folder does not tell.
    """
    for trial in _passed(run) if what in _CALLS else ():
        folder = run / "trials" / f"{trial:04d}"
        try:
            if not (folder / MODEL).exists():
                continue
            check_model(folder)
            model = GeneratedModel.load(folder, data=run / "trials" / DATA)
        except UserError:
            continue
        if model.completes or (what == CONDITION and isinstance(model.codec, TableCodec)):
            call = _CALLS[what].format(run=run, trial=trial)
            return f"trial {trial} ({model.family}) of its run can, and passed the hard tests: {call}"
    return ""


def _passed(run: Path) -> Iterator[int]:
    """Numbers of the finalists that passed both hard tests, the best ones first."""
    try:
        finalists = parse_json(read_file(run / "result.json", MOST_BYTES, links=True))["finalists"]
        for one in finalists:
            tests = (one["memorisation"], one["diversity"])
            if not one["excluded"] and all(test and test["passed"] is True for test in tests):
                yield int(one["trial"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return
