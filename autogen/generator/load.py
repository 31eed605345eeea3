"""Loading of a model from a run folder or a model's folder."""

from functools import partial
from pathlib import Path

from autogen.errors import RunError, resume_command, suggesting
from autogen.generator.baseline import BaselineModel, is_baseline
from autogen.generator.delivered import check_model
from autogen.generator.generator import DATA, GeneratedModel
from autogen.generator.instead import instead_of
from autogen.generator.trial_folder import model_folder
from autogen.training.checkpoint import MODEL


@suggesting("autogen.load")
def load(path: Path | str) -> GeneratedModel | BaselineModel:
    """Load a generative model, or the baseline that no model of a run was shown to beat.

    Of a study that has no verdict, it is the complete trial with the best score so far; its ``note`` says so.

    Args:
        path: Run folder, for its best model; ``"RUN:7"`` for the model of trial 7; or the folder of a model
            or a trial (``RUN/trials/0007``).

    Returns:
        The model; ``model.sample(100)`` draws from it.

    Raises:
        RunError: there is no model, or it is damaged, foreign, a newer autogen's, or not what the journal of
            its run recorded.
    """
    if not isinstance(path, (str, Path)):
        raise RunError(f"a model is loaded from the path of a run or of its own folder; got {path!r:.80}")
    path = model_folder(str(path))
    if (path / "study.toml").exists():
        if not (path / "best" / MODEL).exists():
            if (path / "result.json").exists():
                raise RunError(
                    f"{path} has a verdict, but {path / 'best' / MODEL} is missing; write it again: "
                    f"{resume_command(path)}"
                )
            return _best_so_far(path)
        path = path / "best"
    check_model(path)
    if is_baseline(path):
        return BaselineModel.load(path, partial(instead_of, path.parent))
    return GeneratedModel.load(path, data=_codec_of_trial(path))


def _codec_of_trial(folder: Path) -> Path | None:
    """Find the codec that all trials of a run share; ``None`` for a folder that has its own."""
    shared = folder.absolute().parent.parent / "trials" / DATA
    return shared if not (folder / DATA).exists() and shared.exists() else None


def _best_so_far(run: Path) -> GeneratedModel:
    """Load the complete trial with the best score of a study that has no verdict yet."""
    from autogen.hpo.study.journal import read  # needs file locks, which models do not
    from autogen.hpo.study.state import replayed

    state = replayed(read(run / "journal.jsonl"), run / "journal.jsonl")
    if state is None or not (run / "trials" / DATA).exists():
        raise RunError(f"{run} has no best model yet; finish it: {resume_command(run)}")
    if not state.complete():
        raise RunError(
            f"no trial of {run} has been trained to its end yet; go on with it: {resume_command(run)}"
        )
    best = state.complete()[0]
    number, doubt = best.task.number, state.doubt()
    model = GeneratedModel.load(run / "trials" / f"{number:04d}", data=run / "trials" / DATA)
    more = f"; {doubt}" if doubt else ""
    model.note = (
        f"the study has no verdict yet: this is trial {number}, the best of {len(state.complete())} so far "
        f"by {state.objective.name}, untested{more}; finish it: {resume_command(run)}"
    )
    return model
