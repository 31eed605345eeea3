"""Small data, small models and owners for tests of studies over several owners."""

import numpy as np
import pandas as pd

from autogen.data.open import open_data
from autogen.federated.owner import Owner

SPACE = """
[vae.model]
latent_dim = 4
width = 16
depth = 1
prior = "normal"
[vae.training]
steps = 4
batch_size = 32
lr = 3e-3
swap_noise = 0.0
ema = 0.9
[vae.federated]
strategy = "{strategy}"
local_steps = 3
"""


def table(rows=160, seed=0):
    rng = np.random.default_rng(seed)
    city = rng.choice(["Bonn", "Kiel", "Ulm"], rows, p=np.roll([0.6, 0.3, 0.1], seed))
    age = rng.integers(18, 70, rows)
    return pd.DataFrame({"age": age, "city": city, "wage": (age * 30.0 + rng.normal(0, 90, rows)).round(1)})


def owners(*names, kind=Owner):
    return [kind(name, open_data(table(seed=seed))) for seed, name in enumerate(names)]


def space(folder, strategy="fedavg"):
    path = folder / f"{strategy}.toml"
    path.write_text(SPACE.format(strategy=strategy))
    return str(path)
