"""A small study on names, whose trials take parts of a second."""

import autogen

SPACE = """
first = ["autoregressive"]
[markov.model]
order = 3
[markov.training]
steps = 1
[autoregressive.model]
net = "gru"
width = { choice = [16, 24], default = 16 }
depth = 1
temperature = { float = [0.8, 1.0], default = 1.0 }
[autoregressive.training]
steps = 6
batch_size = 16
lr = { float = [1e-3, 1e-2], log = true, default = 3e-3 }
"""
MORE = {"sampler": "random", "pruner": "none", "workers": 1, "models_only": True, "seed": 3, "finalists": 2}


def search(data, folder, name, space=SPACE, **more):
    (folder / "space.toml").write_text(space)
    return autogen.search(
        str(data), out=folder / name, space=str(folder / "space.toml"), **{"budget": "3trials"} | MORE | more
    )
