"""Whether a search has found anything that can be compared."""

import itertools

from autogen.engine.plan import Plan
from autogen.engine.run_folder import RunFolder
from autogen.errors import agreed, resume_command
from autogen.hpo.study.state import StudyState
from autogen.hpo.trial import State


def nothing_complete(state: StudyState, folder: RunFolder, plan: Plan) -> str:
    """Say why a search has no complete trial, and what to do."""
    refused = [trial for trial in state.trials if trial.state is State.INFEASIBLE]
    if refused:
        bounds = ", ".join(map(str, plan.goals.constraints))
        return (
            f"no trial of {len(state.trials)} keeps {bounds}: {len(refused)} "
            f"{agreed(len(refused), 'breaks', 'break')} it, such as trial "
            f"{refused[-1].task.number} ({refused[-1].reason}); relax it, or search other models"
        )
    reasons = {trial.reason for trial in state.trials if trial.state is State.FAILED}
    shown = f": {'; '.join(itertools.islice(sorted(reasons), 3))}" if reasons else ""
    if plan.private:
        return (
            f"the one training did not reach its last step{shown}; start a new run, to whose epsilon that of "
            "this one adds only if something of it is published"
        )
    what = (
        f"no trial of {len(state.trials)} reached its last step" if state.trials else "no trial began in time"
    )
    return (
        f"{what}{shown}; "
        f"give more time ({resume_command(folder.path)} --budget +10m) or a search space of smaller trials"
    )
