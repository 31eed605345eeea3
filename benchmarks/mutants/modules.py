"""Modules that bear the promises, tests that should notice a change in each, and what no test can notice."""

from dataclasses import dataclass

_VERDICT, _MEASURING = "tests/verdict", "tests/verdict/measuring"
_COPIES, _STUDY, _PRUNERS = "tests/metrics/memorization", "tests/hpo/study", "tests/hpo/pruners"
_FINALS = f"{_VERDICT}/test_finals.py"
_SEVERAL = f"{_VERDICT}/test_finals_of_several_objectives.py"


@dataclass(frozen=True)
class Tests:
    """Tests that should notice a change of a module.

    Attributes:
        quick: Files whose tests that are not slow run first.
        slow: Files or tests whose slow tests run then.
    """

    quick: tuple[str, ...]
    slow: tuple[str, ...] = ()

    @property
    def groups(self) -> list[list[str]]:
        """Arguments of pytest, one group after the other."""
        found = [["-m", "not slow", *self.quick]]
        return [*found, ["-m", "slow", *self.slow]] if self.slow else found


#: By path below ``autogen``.
MODULES = {
    "verdict/confirmation.py": Tests((f"{_VERDICT}/test_confirmation.py",)),
    "verdict/outcome.py": Tests((f"{_VERDICT}/test_outcome.py", _FINALS)),
    "verdict/statistics.py": Tests((f"{_VERDICT}/test_statistics.py",), (_SEVERAL,)),
    "verdict/measuring/scheduler.py": Tests((f"{_MEASURING}/test_scheduler.py",)),
    "metrics/memorization/gate.py": Tests(
        (f"{_COPIES}/test_gate.py",), (f"{_COPIES}/test_gate.py::test_some_overfitting_is_tolerated",)
    ),
    "metrics/memorization/neighbors.py": Tests((f"{_COPIES}/test_neighbors.py", f"{_COPIES}/test_gate.py")),
    "metrics/memorization/diversity.py": Tests(
        (f"{_COPIES}/test_diversity.py", f"{_COPIES}/test_constraints.py")
    ),
    "metrics/memorization/constraints.py": Tests((f"{_COPIES}/test_constraints.py",)),
    "metrics/memorization/power.py": Tests((f"{_COPIES}/test_power.py",)),
    "metrics/distance.py": Tests((f"{_COPIES}/test_distances.py", f"{_COPIES}/test_constraints.py")),
    "metrics/images/distance.py": Tests((f"{_COPIES}/test_distances.py", f"{_COPIES}/test_neighbors.py")),
    "data/split.py": Tests(("tests/data/test_split.py",)),
    "data/module.py": Tests(("tests/data/test_real_rows.py", "tests/data/test_module.py")),
    "hpo/study/journal.py": Tests((f"{_STUDY}/test_journal.py", f"{_STUDY}/test_chain.py")),
    "hpo/study/chain.py": Tests((f"{_STUDY}/test_chain.py", f"{_STUDY}/test_journal.py")),
    "hpo/study/state.py": Tests((f"{_STUDY}/test_state.py", f"{_STUDY}/test_study.py")),
    "hpo/study/study.py": Tests((f"{_STUDY}/test_study.py",)),
    "hpo/pruners/halving.py": Tests((f"{_PRUNERS}/test_halving.py", f"{_PRUNERS}/test_hyperband.py")),
    "hpo/pruners/hyperband.py": Tests((f"{_PRUNERS}/test_hyperband.py",)),
    "hpo/pruners/median.py": Tests((f"{_PRUNERS}/test_median.py",)),
    "hpo/pruners/ranking.py": Tests((f"{_PRUNERS}/test_ranking.py",)),
    "hpo/objective.py": Tests(("tests/hpo/test_constraint.py", f"{_STUDY}/test_study.py")),
    "verdict/finals.py": Tests((_FINALS,), (_SEVERAL, _FINALS)),
    "verdict/admission.py": Tests((_FINALS,), (_SEVERAL, _FINALS)),
    "verdict/contenders.py": Tests((f"{_VERDICT}/test_contenders.py", _FINALS)),
    "verdict/pareto.py": Tests((f"{_VERDICT}/test_pareto.py",), (_SEVERAL,)),
    "verdict/measuring/sources.py": Tests((_FINALS,), (_SEVERAL, _FINALS)),
    "verdict/measuring/evaluations.py": Tests(
        (f"{_MEASURING}/test_evaluations.py", f"{_MEASURING}/test_diagnostics.py", _FINALS)
    ),
}

#: Mutations that change nothing that a caller can see: module, line and change, with the reason.
EQUIVALENT = {
    (
        "verdict/confirmation.py",
        "for finished in self.executor.results(self._note, timeout=1.0):",
        "1.0 -> 2.0",
    ): "how long the controller waits at most; a result wakes it",
    (
        "verdict/statistics.py",
        "cost: float = 0.0",
        "0.0 -> 1.0",
    ): "where no cost is given, all contenders cost the same",
    (
        "metrics/memorization/neighbors.py",
        "marked = np.flatnonzero((sums > 0) | (sizes > 1))",
        "sums > 0 -> (sums >= 0)",
    ): "rows without hits may be dealt one by one or by their number: the distribution is the same",
    (
        "metrics/memorization/neighbors.py",
        "reached += bool(statistic(total - on_unseen, weighed) + tolerance >= found - _EQUAL)",
        "statistic(total - on_unseen, weighed) + tolerance >= found - _EQUAL -> "
        "(statistic(total - on_unseen, weighed) + tolerance > found - _EQUAL)",
    ): "no statistic lies below another by exactly the allowed rounding error",
    (
        "metrics/memorization/power.py",
        "different = np.unique(np.geomspace(1, 100 * samples, 400).astype(int))",
        "np.geomspace(1, 100 * samples, 400) -> (np.geomspace(100 * samples, 1, 400))",
    ): "the same numbers in another order, which are sorted then",
    (
        "metrics/images/distance.py",
        "single = 255 * (-(-max(images.shape[:2]) // THUMBNAIL)) ** 2 < 2**24",
        "255 -> 510",
    ): "sums are exact in double precision too; single precision saves memory",
    (
        "metrics/images/distance.py",
        "if block == 1:",
        "1 -> 0",
    ): "sums over blocks of one pixel are the pixels; the branch saves time",
    (
        "data/split.py",
        "parent[block] = parent[parent[block]]",
        "parent[block] = parent[parent[block]] -> pass",
    ): "a shorter way to the root saves time",
    (
        "verdict/finals.py",
        "cost = float(np.mean(tested.losses[1][0])) if tested.losses else tested.entry.seconds or 0.0",
        "0.0 -> 1.0",
    ): "the cost of baselines, which is never compared",
    **dict.fromkeys(
        [
            (
                "verdict/admission.py",
                "self._sign = goals.metric.objective.loss(1.0)",
                f"1.0 -> {other}",
            )
            for other in (0.5, 2.0)
        ],
        "losses are compared with each other alone, so their scale does not matter",
    ),
    (
        "verdict/admission.py",
        "self.sources.queue.run(keys)  # all workers are busy from the start",
        "self.sources.queue.run(keys) -> pass",
    ): "the same is done a little later, by fewer workers at once",
    (
        "verdict/measuring/evaluations.py",
        "return isinstance(other, _Named) and self.name == other.name",
        "isinstance(other, _Named) and self.name == other.name -> (isinstance(other, _Named))",
    ): "a cache compares only what has the same hash, which is that of the name",
    (
        "verdict/statistics.py",
        "by_units = sum(slope**2 * _between(scores) for slope, scores in "
        "zip(slopes, (model, floor), strict=True))",
        "True -> False",
    ): "both have two members",
    (
        "metrics/memorization/power.py",
        "found = different[least > np.maximum(tolerated * samples, chance)]",
        "np.maximum(tolerated * samples, chance) -> (np.maximum(chance, tolerated * samples))",
    ): "the larger of two, in whichever order",
    (
        "data/split.py",
        "return [rows for rows in _duplicates(digests, most) if len(rows) > 1]",
        "1 -> 0",
    ): "a row alone has nothing to be joined with; to leave it out saves time",
    (
        "data/module.py",
        "pool = np.random.default_rng(0).permutation(pool)",
        "0 -> 1",
    ): "any random order does",
}
#: Mutations that survive although they change something: with the reason why no test looks.
KEPT = {
    (
        "metrics/memorization/gate.py",
        "MOST_POOL, MOST_PAIRS = 100_000, 5_000_000",
        "5_000_000 -> 10000000",
    ): "a limit of cost, which the result tells as its number of samples",
    (
        "metrics/memorization/gate.py",
        '_enough(("training", train), ("unseen real", holdout))',
        '_enough(("training", train), ("unseen real", holdout)) -> '
        "(_enough(('unseen real', holdout), ('training', train)))",
    ): "of two parts that are too small either may be named first",
    (
        "hpo/study/journal.py",
        "if self._file >= 0:",
        "self._file >= 0 -> (self._file > 0)",
    ): "only a process that has closed its standard input opens a file as number 0",
}
