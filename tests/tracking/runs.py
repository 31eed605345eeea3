"""A search of seconds, whose run all tests of trackers and exports look at."""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

import autogen

SPACE = """
about = "Trials of a second."
[vae.model]
net = "mlp"
width = 16
latent_dim = { int = [2, 16], default = 4 }
[vae.training]
lr = { float = [1e-4, 1e-2], log = true, default = 1e-3 }
steps = 20
[gan.model]
net = "mlp"
width = 16
critic_width = 16
latent_dim = { int = [4, 32], default = 8 }
[gan.training]
lr = { float = [1e-5, 1e-2], log = true, default = 1e-4 }
steps = 20
"""


def searched(folder: Path, **more: object) -> "autogen.StudyResult":
    """Search 160 digits with three trials; what loses to a baseline is delivered all the same."""
    (folder / "mine.toml").write_text(SPACE)
    images = load_digits().images[:160].astype(np.uint8)
    settings = {"n_trials": 3, "n_jobs": 1, "models_only": True, "space": str(folder / "mine.toml")}
    return autogen.search(images, out=folder / "run", executor="inprocess", **(settings | more))
