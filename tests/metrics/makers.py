"""Small simulated tables for tests of metrics."""

import numpy as np
import pandas as pd

from autogen.data.tables.codec import TableCodec
from autogen.data.tables.kind import Tables


def people(n: int, seed: int, tie: float = 0.8) -> pd.DataFrame:
    """Four tied columns: whole numbers, one decimal with gaps, a category, a truth value.

    Args:
        n: Rows.
        seed: Of the draw.
        tie: Correlation of age and height.
    """
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(2, n))
    second = tie * first + (1 - tie**2) ** 0.5 * second
    height = np.where(rng.random(n) < 0.1, np.nan, np.round(170 + 10 * second, 1))
    town = np.array(["Bern", "Oslo", "Rome"])[np.digitize(first + rng.normal(size=n), [-0.5, 0.8])]
    return pd.DataFrame(
        {
            "age": np.clip(np.rint(45 + 15 * first), 0, 99).astype(int),
            "height": height,
            "town": town,
            "insured": second + rng.normal(size=n) > 0,
        }
    )


def codec_of(frame: pd.DataFrame) -> TableCodec:
    """The codec fitted on all rows of a frame."""
    kind = Tables()
    return kind.fit(kind.read(frame, {}), np.arange(len(frame)))
