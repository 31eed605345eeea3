"""M1: Bach's chorales, 229/76/77 pieces of 88-key frames; to beat: 8.10 nats per frame.

python -m benchmarks.anchors.m1 [--budget 4m] [--workers 2] [--seeds 2]
"""

from benchmarks.anchors.rolls import measure

PUBLISHED = {"TCN": 8.10, "GRU": 8.43, "LSTM": 8.45, "RNN": 8.91}
SPACE = """
about = "Chorales as frames."
[autoregressive.model]
net = { choice = ["gru", "lstm"], default = "gru" }
width = { choice = [128, 192, 256], default = 192 }
depth = { int = [1, 2], default = 1 }
[autoregressive.training]
steps = 500
batch_size = 16
optimizer = "adamw"
lr = { float = [2e-3, 1e-2], log = true, default = 5e-3 }
beta2 = 0.99
schedule = "cosine"
warmup = 0.05
clip = 1.0
dropout = { float = [0.1, 0.5], default = 0.3 }
weight_decay = { float = [0.01, 0.3], log = true, default = 0.1 }
transpose = { choice = [3.0, 6.0], default = 6.0 }
ema = 0.98
"""

if __name__ == "__main__":
    measure("m1", "jsb_chorales_pianoroll", PUBLISHED, SPACE, length=64)
