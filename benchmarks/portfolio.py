"""Makes the portfolios of the small shipped spaces, and judges each on a set that it was chosen without.

    python -m benchmarks.portfolio [--spaces text_tiny,...] [--write]

``benchmarks.search.record`` has trained the same configs on each public set. ``--write`` writes
``search_spaces/portfolios/NAME.toml`` with its provenance. The figures are the mean over the sets of the
least regret after the first defaults and so many configs: of the portfolio that is chosen without the set,
and of as many recorded configs at random (mean of 2,000 draws). 0 is the best recorded config of the set, 1
the median one.
"""

import argparse
from collections.abc import Sequence

import numpy as np

from autogen.hpo.space import SearchSpace
from autogen.hpo.space.toml import dump
from autogen.hpo.trial import Config
from benchmarks.results import ROOT, save
from benchmarks.search.chosen import Grid, gathered, greedy
from benchmarks.search.setting import SHORT_SPACES

#: Numbers of configs after which regret is told.
AFTER = (0, 2, 4, 8)
DRAWS = 2000


def judged(grid: Grid, begin: Sequence[Config]) -> dict[str, list[float]]:
    """Regret on each set after some configs of a portfolio that is chosen without it, and of random ones."""
    rng = np.random.default_rng(0)
    first = [place for config in begin if (place := grid.place(config)) is not None]
    learnt, random = [], []
    for row, name in enumerate(grid.sets):
        regrets = grid.regrets[row]
        start = min((float(regrets[place]) for place in first), default=1.0)
        own = greedy(grid.without(name), begin)
        learnt.append([min([start, *regrets[own[:count]]]) for count in AFTER])
        drawn = [rng.permutation(len(regrets)) for _ in range(DRAWS)]
        random.append([np.mean([min([start, *regrets[one[:count]]]) for one in drawn]) for count in AFTER])
    return {
        "learnt_without_the_set": [round(float(one), 4) for one in np.mean(learnt, axis=0)],
        "random": [round(float(one), 4) for one in np.mean(random, axis=0)],
    }


def written(grid: Grid, portfolio: Sequence[Config]) -> str:
    """A portfolio as the file that is shipped."""
    origin = (
        f"# Made by `python -m benchmarks.portfolio --write` from {len(grid.configs)} configs,\n"
        f"# each trained on {', '.join(grid.sets)}\n"
        "# (benchmarks/results/curves). Not to be edited by hand.\n\n"
    )
    return origin + dump("", {}, (), portfolio).lstrip()


def main() -> None:
    """Choose, judge, save and, if asked, write the portfolios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--spaces", default=",".join(sorted(set(SHORT_SPACES.values()))))
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    told = {}
    for name in chosen.spaces.split(","):
        space, grid = SearchSpace.load(name), gathered(name)
        begin = [space.default(family) for family in space.first]
        if len(grid.sets) < 2:
            print(f"{name}: {len(grid.sets)} sets are recorded, two are needed")
            continue
        portfolio = [grid.configs[place] for place in greedy(grid, begin)]
        told[name] = {"sets": grid.sets, "configs": len(grid.configs), "after": AFTER} | judged(grid, begin)
        print(name, told[name], [one["family"] for one in portfolio])
        if chosen.write:
            path = ROOT / "search_spaces" / "portfolios" / f"{name}.toml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(written(grid, portfolio), encoding="utf-8")
    save("portfolio", {"spaces": told})


if __name__ == "__main__":
    main()
