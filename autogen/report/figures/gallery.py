"""Figures of the report for Python: ``result.plot.history()`` and the like."""

from dataclasses import dataclass
from typing import Any

from autogen.errors import RunError
from autogen.report.contents import ReportData
from autogen.report.figures import parameters as parameter_figures
from autogen.report.figures import search as search_figures
from autogen.report.figures import verdict as final_figures
from autogen.report.figures.plot import Plot
from autogen.report.figures.samples import marginal
from autogen.report.result import Result


@dataclass(frozen=True)
class Gallery:
    """Figures of a finished study, each a ``plotly.graph_objects.Figure`` with its finding as title.

    All raise ``RunError`` if the study has no data for a figure.

    Attributes:
        page: Data of the report.
    """

    page: ReportData

    def history(self) -> Any:
        """Scores of all trials in the order in which they were asked, and the best so far."""
        return _figure(search_figures.history(self.page.trials, self.page.objective), "complete trials")

    def rungs(self) -> Any:
        """Number of trials that reached each rung, by what happened to them there."""
        return _figure(search_figures.rungs(self.page.trials), "pruned trials")

    def curves(self) -> Any:
        """Scores over training steps."""
        return _figure(search_figures.curves(self.page.trials, self.page.objective), "curves of two points")

    def families(self) -> Any:
        """Scores of each family's trials that were trained to the end."""
        return _figure(search_figures.families(self.page.trials, self.page.objective), "complete trials")

    def importance(self, family: str | None = None) -> Any:
        """Importance of each parameter of a family, by default that of the delivered model."""
        found = parameter_figures.importance(self.page.trials, self._family(family))
        return _figure(found, "sufficient trials of this family")

    def parallel(self, family: str | None = None) -> Any:
        """Parallel coordinates: a line for each trial through the values of its parameters."""
        found = parameter_figures.parallel(self.page.trials, self._family(family), self.page.objective)
        return _figure(found, "15 complete trials of this family")

    def slices(self, family: str | None = None) -> list[Any]:
        """Score over each parameter, the strongest trend first; empty with too few trials."""
        made = parameter_figures.slices(self.page.trials, self._family(family), self.page.objective)
        return [plot.figure() for plot in made]

    def finalists(self) -> Any:
        """Test scores of finalists and baselines with their intervals."""
        return _figure(final_figures.finalists(self._result, self.page.objective), "finalists with scores")

    def normalized(self) -> Any:
        """Normalized scores of finalists and baselines: 0 best trivial baseline, 1 real data."""
        return _figure(final_figures.normalized(self._result), "normalized score")

    def pareto(self) -> Any:
        """Finalists by the first two of several objectives."""
        return _figure(final_figures.pareto(self._result), "second objective")

    def latency(self, by: str = "batch") -> Any:
        """Time of sampling over the ``batch`` size or the ``length``."""
        return _figure(final_figures.latency(self._result, by), f"latency by {by}")

    def distances(self) -> Any:
        """Distances of generated and of unseen real samples to the closest training sample."""
        near = self.page.nearest
        return _figure(final_figures.distances(near) if near else None, "distances from the training data")

    def marginals(self) -> list[Any]:
        """Distributions of columns or measured quantities, generated beside real; empty for images."""
        return [marginal(entry).figure() for entry in self.page.marginals]

    @property
    def _result(self) -> Result:
        assert self.page.result is not None
        return self.page.result

    def _family(self, name: str | None) -> str:
        known = sorted({str(trial["family"]) for trial in self.page.trials})
        if name is not None and name not in known:
            raise RunError(f"the study has no trials of family {name!r}; there are {', '.join(known)}")
        return name or self._result.best.family


def _figure(plot: Plot | None, lacking: str) -> Any:
    if plot is None:
        raise RunError(f"nothing to draw: the study has no {lacking}")
    return plot.figure()
