"""Rows of MST (McKenna 2021, arxiv.org/abs/2108.04978) by dpmm, for ``benchmarks/privacy.py``.

    PYTHON -m benchmarks.privacy_marginals EPSILON DELTA ROWS.csv DOMAIN.json DRAWN.csv

dpmm 0.1.9 asks for numpy 1.26 and pandas 2.1, so it has an environment of its own:

    python3.11 -m venv ENV && ENV/bin/pip install dpmm==0.1.9

A tenth of epsilon goes into the bins of numbers (dpmm's default is .1 beside epsilon 1). The names of all
categories are given to it as public, which is to its advantage. Its inference takes 1,000 iterations, as
dpmm's AIM does, and not 10,000, which took more than a quarter of an hour on a busy core.
"""

import json
import sys
from pathlib import Path

import pandas as pd


def main() -> None:
    """Fit on the rows of a file and write as many."""
    from dpmm.pipelines import MSTPipeline

    epsilon, delta, rows, domain, out = sys.argv[1:]
    frame = pd.read_csv(rows, keep_default_na=False)
    share = 0.1 * float(epsilon)
    pipeline = MSTPipeline(
        epsilon=float(epsilon) - share,
        delta=float(delta),
        proc_epsilon=share,
        n_jobs=1,
        gen_kwargs={"n_iters": 1000},
    )
    pipeline.fit(frame, domain=json.loads(Path(domain).read_text()), random_state=0)
    pipeline.generate(n_records=len(frame), random_state=0).to_csv(out, index=False)


if __name__ == "__main__":
    main()
