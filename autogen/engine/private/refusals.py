"""Settings of a study with epsilon: what would look at rows without noise is refused or switched off."""

from dataclasses import replace

from autogen.engine.settings import Settings
from autogen.errors import SettingsError, option
from autogen.hpo.budget import Budget
from autogen.hpo.objective import COSTS, parse_constraints
from autogen.privacy.settings import PrivacySettings

#: Settings that cannot be kept with epsilon, by name, with the reason.
REFUSED = {
    "init_from": "the earlier model was trained on rows without this guarantee",
    "update": "an update trains on the rows of the earlier run again, and would spend its epsilon again",
    "older": "rows of several sources have no unit of privacy in common",
    "learn_from": "the scores of earlier runs were computed on rows without noise",
    "feedback": "the rows that train would be chosen by a look at them",
    "pretrained": "what a base model saw is not known, and it reads rows in codes of its own",
    "judge": "a judge reads rows",
    "refit": "training on all rows would spend epsilon again",
    "rules": "binding rules are looked up in real rows",
    "time": "a split by time depends on all rows",
    "features": "a feature space is fitted on rows",
}


def in_force(settings: Settings) -> Settings:
    """Return the settings with which a study runs; without epsilon they stay as they are.

    With epsilon one model is compared and returned, whatever the verdict, and nothing is pruned or trained
    again: each of these decisions would look at rows without noise.

    Raises:
        SettingsError: a setting cannot be kept with epsilon.
    """
    wanted = PrivacySettings.of(settings.privacy)
    if wanted is None:
        return settings
    defaults = Settings()
    for name, why in REFUSED.items():
        if getattr(settings, name) != getattr(defaults, name):
            raise SettingsError(f"{name} cannot be used with epsilon: {why}; leave one of them out")
    if bounds := [bound.name for bound in parse_constraints(settings.constraints) if bound.name not in COSTS]:
        raise SettingsError(f"a bound on {bounds[0]} cannot be kept with epsilon: it is a score of real rows")
    if settings.execution.replica_count() > 1:
        raise SettingsError(
            "replicas cannot be used with epsilon: the accountant counts the noise of one process; leave one "
            "of them out"
        )
    if settings.retrain not in ("auto", "no"):
        raise SettingsError(
            "retrain cannot be used with epsilon: each training spends it; leave one of them out"
        )
    if trials_of(settings) > 1:
        raise SettingsError(
            f"epsilon is spent on one training, but the budget {settings.budget} has several trials: to "
            "choose among them would look at rows without noise; give a time, and --families or --space for "
            "another model"
        )
    return replace(settings, models_only=True, finalists=1, retrain="no", pruner="none")


def trials_of(settings: Settings) -> int:
    """Return the number of trainings that epsilon is divided among: that of the budget, or 1."""
    return Budget.parse(settings.budget).trials or 1


def refuse_more(settings: Settings, budget: str | None) -> None:
    """Refuse more trials for a run with epsilon.

    Raises:
        SettingsError: the run has a guarantee, and the new budget counts trials.
    """
    if settings.privacy and budget and Budget.parse(budget.removeprefix("+")).trials is not None:
        raise SettingsError(
            "the epsilon of this run is spent on one training; give time for it "
            f"({option('budget', '+10m')}), or start a new run, whose epsilon adds to this one's"
        )
