"""M2: Nottingham folk tunes, 694/173/170 pieces of 88-key frames; to beat: 3.07 nats per frame.

python -m benchmarks.anchors.m2 [--budget 4m] [--workers 2] [--seeds 2]
"""

from benchmarks.anchors.rolls import measure

PUBLISHED = {"TCN": 3.07, "LSTM": 3.29, "GRU": 3.46, "RNN": 4.05}
SPACE = """
about = "Folk tunes as frames."
[autoregressive.model]
net = { choice = ["gru", "lstm"], default = "gru" }
width = { choice = [128, 192, 256], default = 128 }
depth = { int = [1, 2], default = 1 }
[autoregressive.training]
steps = 300
batch_size = 16
optimizer = "adamw"
lr = { float = [2e-3, 1e-2], log = true, default = 7e-3 }
beta2 = 0.99
schedule = "cosine"
warmup = 0.05
clip = 1.0
dropout = { float = [0.0, 0.3], default = 0.1 }
weight_decay = { float = [0.01, 0.3], log = true, default = 0.1 }
transpose = { choice = [0.0, 3.0, 6.0], default = 3.0 }
ema = 0.98
"""

if __name__ == "__main__":
    measure("m2", "nottingham_pianoroll", PUBLISHED, SPACE, length=64)
