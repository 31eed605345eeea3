"""Whether a model started from an earlier one, and what came of that, in sentences."""

from autogen.report.result import Result
from autogen.report.scores import number


def of_start(result: Result) -> list[str]:
    """Say whether the delivered model started from an earlier one, and what the search saw of both starts."""
    start = result.start
    if start is None:
        return []
    named = {"earlier": "from it", "fresh": "with fresh weights"}
    seen = [
        f"{number(start.tune[name])} for {start.trials[name]} started {words}"
        for name, words in named.items()
        if name in start.tune
    ]
    scores = f" (best score on tune: {', '.join(seen)})" if seen else ""
    if start.update:
        takers = {"tuned": "a model that started from its weights", "fresh": "a model with fresh weights"}
        end, answer = "its model is kept, since no other was shown to beat it", start.update.answer
        if answer != "old":
            end = f"{takers.get(answer, 'a baseline')} takes its place"
        led = result.verdict == "baseline" and result.best.trial is not None
        why = ", since it is better on validation data" if led else ""
        return [f"This is an update of {start.source}: {end}{why}{scores}."]
    if start.used:
        unknown = "; none with fresh weights can be compared, so that whether the start helps is not known"
        alone = unknown * (list(start.tune) == ["earlier"])
        return [f"The model was trained from the weights of {start.source}{scores}{alone}."]
    if start.tune.keys() == named.keys():
        worse = start.tune["earlier"] - start.tune["fresh"]
        if (worse if result.objective.direction == "minimize" else -worse) >= 0:
            return [f"The start from {start.source} did not help{scores}."]
    alone = "; no trial that did can be compared" * ("earlier" not in start.tune)
    return [f"What is returned did not start from {start.source}{scores}{alone}."]
