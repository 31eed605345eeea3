"""Real data sets that scikit-learn ships, by name: ``digits``, ``breast_cancer``, ``wine``."""

import numpy as np

from autogen.data.kind import RawData

IMAGE_SETS = ("digits",)
#: Name of each table, to the column that holds its class.
TABLE_SETS = {"breast_cancer": "diagnosis", "wine": "cultivar"}


def read_digits() -> RawData:
    """Read 1797 gray digits, 8 x 8 pixels, 17 levels (Alpaydin 1998, UCI optical recognition, test part)."""
    from sklearn import datasets  # importing it takes a second, which the list of names must not cost

    found = datasets.load_digits()
    return RawData(
        samples=found.images.astype(np.uint8)[..., None],
        labels=found.target.astype(np.int64),
        label_names=tuple(str(name) for name in found.target_names),
    )


def read_columns(name: str) -> tuple[dict[str, np.ndarray], str]:
    """Read the columns of a built-in table, (N,) each, and the name of the target column (class names)."""
    from sklearn import datasets

    found = {"breast_cancer": datasets.load_breast_cancer, "wine": datasets.load_wine}[name]()
    columns = {str(key): found.data[:, i] for i, key in enumerate(found.feature_names)}
    target = TABLE_SETS[name]
    return columns | {target: found.target_names.astype(object)[found.target]}, target
