"""Faults by name, each of which would break a promise of the verdict: some test must fail for every one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Named:
    """A fault.

    Attributes:
        what: The fault in words.
        file: Path below ``autogen``.
        changes: Texts of the file, each of which occurs once, with what replaces them.
    """

    what: str
    file: str
    changes: tuple[tuple[str, str], ...]

    def apply(self, source: str) -> str:
        """Change a source.

        Raises:
            ValueError: a text does not occur once, since the file has changed.
        """
        for old, new in self.changes:
            if source.count(old) != 1:
                raise ValueError(
                    f"{self.what}: {old!r} is {source.count(old)} times in {self.file}, not once"
                )
            source = source.replace(old, new)
        return source


def _one(what: str, file: str, *changes: str) -> Named:
    """A fault of old and new texts in turn."""
    return Named(what, file, tuple(zip(changes[::2], changes[1::2], strict=True)))


_FINALS, _ADMISSION, _SOURCES = "verdict/finals.py", "verdict/admission.py", "verdict/measuring/sources.py"
_CONFIRM, _STATISTICS = "verdict/confirmation.py", "verdict/statistics.py"
_GATE, _NEIGHBORS = "metrics/memorization/gate.py", "metrics/memorization/neighbors.py"
_JOURNAL, _CHAIN, _STATE = "hpo/study/journal.py", "hpo/study/chain.py", "hpo/study/state.py"
_SPLIT = "data/split.py"

NAMED = (
    # finals
    _one(
        "of a recipe's trainings the delivered one is chosen by test",
        _FINALS,
        "best = int(np.argmin(self._sign * np.array(scores)))",
        "best = int(np.argmin(self._sign * test.scores))",
    ),
    _one(
        "finalists are ranked on test",
        _FINALS,
        'self.sources.add(entry, "select", len(entry.select))',
        'self.sources.add(entry, "test", len(entry.test))',
        'self.sources.measured(entry, "select", len(entry.select) or RANKING_DRAWS)',
        'self.sources.measured(entry, "test" if entry.test else "select", len(entry.test) or RANKING_DRAWS)',
    ),
    _one(
        "the leader is the best on test",
        _FINALS,
        "finalists.sort(key=lambda tested: bool(tested.excluded))",
        "finalists.sort(key=lambda one: self._losses(one.test).mean if one.test else 9.0)",
    ),
    _one(
        "samples for test are those for select",
        _SOURCES,
        'derived_seed(self.seed, "draw", split, index)',
        'derived_seed(self.seed, "draw", index)',
    ),
    _one(
        "contenders have draws of their own",
        _SOURCES,
        "read_config(draw.model / CONFIG), self.sampling_seed(split, draw.index)",
        "read_config(draw.model / CONFIG), derived_seed(self.seed, split, draw.label)",
    ),
    _one("a refusal by the gate is ignored", _ADMISSION, "excluded = excluded or gate.reason", "pass"),
    _one("a broken constraint is ignored", _ADMISSION, "excluded = excluded or self._breaks(entry)", "pass"),
    _one(
        "the leader is compared with a baseline that copies",
        _FINALS,
        "best = min(ordinary or rivals, key=lambda one: self._order(one.ranked))",
        "best = min(ordinary or rivals, key=lambda one: self._order(replace(one.ranked, excluded='')))",
    ),
    _one(
        "the leader is compared with the worst baseline",
        _FINALS,
        "best = min(ordinary or rivals,",
        "best = max(ordinary or rivals,",
    ),
    _one("the floor is the worst baseline", _FINALS, "Scale(min(trivial,", "Scale(max(trivial,"),
    _one(
        "any baseline may be the floor",
        _FINALS,
        "trivial = [self._losses(one.test) for one in baselines if one.test and one.entry.trivial]",
        'trivial = [self._losses(one.test) for one in baselines if one.test and one.entry.role != "control"]',
    ),
    _one(
        "a control competes",
        _SOURCES,
        '{True: "control", False: "baseline"}',
        '{True: "baseline", False: "baseline"}',
    ),
    _one(
        "a control is a rival on test",
        _FINALS,
        'rivals = [one for one in baselines if one.test and one.entry.role == "baseline"]',
        "rivals = [replace(one, excluded='') for one in baselines if one.test]",
    ),
    _one(
        "all are compared on select",
        _FINALS,
        'self.sources.measured(ranked.entry, "test", rules.draws)',
        "(ranked.select, '')",
    ),
    _one("a model clearly worse on select is compared", _STATISTICS, "CLEARLY = 0.001", "CLEARLY = 0.0"),
    _one("later looks cost nothing", _STATISTICS, "LEVELS[claim] / 2 ** (look - 1)", "LEVELS[claim]"),
    _one("a tie is a winner", _STATISTICS, '"tie" if close else "winner"', '"winner" if close else "winner"'),
    _one(
        "a baseline that is not beaten is no matter",
        _STATISTICS,
        "if not all(comparison.separated for comparison in of_baselines):",
        "if False:",
    ),
    # several objectives
    _one(
        "a cheaper model off the front is returned",
        _FINALS,
        "if front and verdict.chosen not in front:",
        "if False:",
    ),
    _one(
        "a loss is not given up for a cost",
        _FINALS,
        "giving_up=self.goals.multi_objective",
        "giving_up=False",
    ),
    _one("the margin is all of the scale", _FINALS, "TOLERATED * scale.room", "scale.room"),
    _one("there is no margin", _FINALS, "TOLERATED * scale.room", "0.0"),
    _one(
        "excluded models are on the front", _FINALS, "if one.losses and not one.excluded}", "if one.losses}"
    ),
    # confirmation
    _one(
        "failed seeds are tolerated",
        _CONFIRM,
        '{failed[0]}" if failed else ""',
        '{failed[0]}" if False else ""',
    ),
    _one(
        "a fresh seed is a trial's own",
        _CONFIRM,
        'derived_seed(seed, "confirm", index)',
        'derived_seed(seed, "trial", index)',
    ),
    _one(
        "finalists are trained on different seeds",
        _CONFIRM,
        "Task(number, trial.task.config, seed, steps,",
        "Task(number, trial.task.config, seed + number, steps,",
    ),
    _one(
        "a family's worst trial is its champion",
        _CONFIRM,
        'champions.setdefault(trial.task.config["family"], trial)',
        'champions[trial.task.config["family"]] = trial',
    ),
    _one(
        "seeds that rank recipes carry their claim",
        _CONFIRM,
        "(one.seed_index < RANKING) is first",
        "one.seed_index is not first",
    ),
    # copies and repeats
    _one("a share of .62 is tolerated", _GATE, "TOLERATED_SHARE = 0.55", "TOLERATED_SHARE = 0.62"),
    _one("15 % of copies are tolerated", _GATE, "TOLERATED_COPIES = 0.05", "TOLERATED_COPIES = 0.15"),
    _one("near is a quarter as far", _NEIGHBORS, "least < half * second", "least < half**2 * second"),
    _one("near is as far", _NEIGHBORS, "least < half * second", "least < second"),
    _one("near is a quarter as far, in tables", "metrics/distance.py", "[float] = 0.5", "[float] = 0.25"),
    _one(
        "near is a quarter as far, in images",
        "metrics/images/distance.py",
        "half: ClassVar[float] = 0.25",
        "half: ClassVar[float] = 0.0625",
    ),
    _one(
        "unseen rows are ignored by the share",
        _GATE,
        "on_train / (on_train + on_unseen)",
        "on_train / (on_train + 1)",
    ),
    _one("unseen rows are ignored by the count of copies", _GATE, "on_train - on_unseen", "on_train"),
    _one(
        "unseen rows are the test split alone",
        "data/module.py",
        '("select", "test", OLDER)',
        '("test", OLDER)',
    ),
    _one(
        "unseen rows are training rows",
        _SOURCES,
        "unseen_rows(data)",
        'data.split("train")',
    ),
    _one(
        "rows are not weighed by how many there are",
        _NEIGHBORS,
        "trained / (rows - trained) * float",
        "float",
    ),
    _one(
        "repeats up to a third are tolerated",
        "metrics/memorization/diversity.py",
        "TOLERATED_REPEATS = 0.1",
        "TOLERATED_REPEATS = 0.33",
    ),
    _one(
        "repeats of real rows are ignored",
        "metrics/memorization/diversity.py",
        "counts[0] - counts[1] > TOLERATED_REPEATS",
        "counts[0] > TOLERATED_REPEATS",
    ),
    _one(
        "one of the two hard tests suffices",
        "metrics/memorization/constraints.py",
        'return "; ".join(found)',
        'return "; ".join(found) if len(found) > 1 else ""',
    ),
    # statistics
    _one("the p-value is one-sided", _STATISTICS, "p_value = 2 * float", "p_value = float"),
    _one(
        "rows are not paired",
        _STATISTICS,
        "rival.replicates - leader.replicates, alpha",
        "rival.replicates - leader.replicates[:, ::-1], alpha",
    ),
    _one(
        "rows are not paired with a set that was drawn once",
        _STATISTICS,
        "rival.replicates.mean(axis=0) - leader.replicates.mean(axis=0)",
        "rival.replicates.mean(axis=0) - leader.replicates.mean(axis=0)[::-1]",
    ),
    _one(
        "degrees of freedom are those of the other source",
        _STATISTICS,
        "by_units**2 / units + by_rows**2 / rows",
        "by_units**2 / rows + by_rows**2 / units",
    ),
    _one(
        "freedom is not bounded where seeds dominate",
        _STATISTICS,
        "min(freedom, units)",
        "min(freedom, rows)",
    ),
    _one(
        "groups - 1 is dropped from an interval",
        _STATISTICS,
        "by_rows = float(np.var(replicates.mean(axis=0)) * (groups - 1))",
        "by_rows = float(np.var(replicates.mean(axis=0)))",
    ),
    _one(
        "groups - 1 is dropped from rows of a draw's own",
        _STATISTICS,
        "(rest**2).sum() * (groups - 1) /",
        "(rest**2).sum() /",
    ),
    _one(
        "groups - 1 is dropped from one set",
        _STATISTICS,
        "by_rows = float(np.var(replicates) * (groups - 1))",
        "by_rows = float(np.var(replicates))",
    ),
    _one(
        "groups - 1 is dropped from a normalized score",
        _STATISTICS,
        "float(np.var(left_out) * (groups - 1))",
        "float(np.var(left_out))",
    ),
    _one(
        "groups - 1 is dropped from a comparison with a set drawn once",
        _STATISTICS,
        "float(np.var(rows) * (groups - 1))",
        "float(np.var(rows))",
    ),
    # the journal, rungs and peers
    _one(
        "fsync is removed",
        _JOURNAL,
        "        with disk_errors(self.path):\n            os.fsync(self._file)\n",
        "",
    ),
    _one(
        "a second passes without fsync",
        _JOURNAL,
        "self._synced > SYNC_SECONDS:\n            self.sync()",
        "self._synced > SYNC_SECONDS:\n            pass",
    ),
    _one(
        "fsync is removed from the end",
        _JOURNAL,
        "            with contextlib.suppress(OSError):\n                os.fsync(self._file)\n",
        "",
    ),
    _one("a newer journal is accepted", _CHAIN, "if version > VERSION:", "if version > VERSION + 1:"),
    _one("a checksum is not checked", _CHAIN, "if line[-_LENGTH:] != _SEAL % known:", "if False:"),
    _one(
        "a second writer is let in",
        _JOURNAL,
        "fcntl.LOCK_EX | fcntl.LOCK_NB",
        "fcntl.LOCK_SH | fcntl.LOCK_NB",
    ),
    _one(
        "the best is that of the first rung",
        _STATE,
        "bool(trial.suspect), trial.losses[-1],",
        "bool(trial.suspect), trial.losses[0],",
    ),
    _one(
        "a score is that of the first rung",
        _STATE,
        "return self.curve[-1].score if",
        "return self.curve[0].score if",
    ),
    _one(
        "a sampler learns the first rung",
        _STATE,
        "None if failed else self.losses[-1]",
        "None if failed else self.losses[0]",
    ),
    _one(
        "infeasible trials are peers",
        _STATE,
        "if trial.state is State.INFEASIBLE or trial.suspect:",
        "if trial.suspect:",
    ),
    _one(
        "suspects are peers",
        _STATE,
        "if trial.state is State.INFEASIBLE or trial.suspect:",
        "if trial.state is State.INFEASIBLE:",
    ),
    _one("a suspect may be the best", _STATE, "return bool(trial.suspect), trial", "return False, trial"),
    _one("pruned trials may win", _STATE, "if trial.state is State.COMPLETE:\n", "if trial.losses:\n"),
    _one(
        "peers are those of another rung",
        "hpo/study/study.py",
        "self.state.peers[trial.task.rungs, len(trial.losses)]",
        "self.state.peers[trial.task.rungs, 0]",
    ),
    # splits
    _one("20 rows are too few", _SPLIT, "if len(digests) < MINIMUM:", "if len(digests) <= MINIMUM:"),
    _one("19 rows suffice", _SPLIT, "MINIMUM = 20", "MINIMUM = 19"),
    _one(
        "groups are dealt in the order of the file",
        _SPLIT,
        'together = order[np.argsort(rank[lead[order]], kind="stable")]',
        'together = order[np.argsort(lead[order], kind="stable")]',
    ),
    _one("equal rows are dealt one by one", _SPLIT, "if len(roots) > 1 and sum", "if False and sum"),
    _one(
        "groups are dealt row by row",
        _SPLIT,
        "if groups is None or len(np.unique(groups)) < MINIMUM:",
        "if True:",
    ),
    _one(
        "the latest rows train",
        _SPLIT,
        "blocks.sort(key=lambda block: float(known[block].max()))",
        "blocks.sort(key=lambda block: -float(known[block].max()))",
    ),
)
