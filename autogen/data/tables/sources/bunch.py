"""Data sets of scikit-learn's loaders."""

from typing import Any

import numpy as np
import pandas as pd


def of_bunch(bunch: Any) -> Any:
    """Take the images, or make a table of the features and the target, of a Bunch of scikit-learn."""
    frame = getattr(bunch, "frame", None)
    if frame is not None:
        return frame
    if hasattr(bunch, "images"):
        return np.asarray(bunch.images)
    data = np.asarray(bunch.data)
    if data.ndim != 2:
        return bunch
    names = getattr(bunch, "feature_names", None)
    made = pd.DataFrame(
        data, columns=[f"x{i}" for i in range(data.shape[1])] if names is None else list(names)
    )
    target = getattr(bunch, "target", None)
    if target is not None and np.ndim(target) == 1:
        labels = getattr(bunch, "target_names", None)
        coded = labels is not None and np.asarray(target).dtype.kind in "iu" and len(labels) > np.max(target)
        made["target"] = np.asarray(labels)[target] if coded else target
    return made
