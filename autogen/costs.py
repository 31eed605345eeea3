"""What a model costs, by the names that users give to objectives and constraints."""

from autogen.objective import Objective

#: Costs that can be objectives and be bounded; lower is better, but for throughput.
COSTS = {
    "latency": Objective("latency"),
    "params": Objective("params"),
    "flops": Objective("flops"),
    "memory": Objective("memory"),
    "train_seconds": Objective("train_seconds"),
    "throughput": Objective("throughput", direction="maximize"),
}

#: Units that an amount may be given in, as factors of the first, which is printed.
UNITS: dict[str, dict[str, float]] = {
    "latency": {"ms": 1.0, "us": 1e-3, "s": 1e3},
    "params": {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9},
    "flops": {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12},
    "memory": {"MB": 1.0, "KB": 1e-3, "GB": 1e3},
    "train_seconds": {"s": 1.0, "m": 60.0, "h": 3600.0},
    "throughput": {"/s": 1.0},
}


def unit_of(name: str) -> str:
    """The unit that a value is printed in; empty for counts and for scores of quality."""
    return next(iter(UNITS.get(name, {"": 1.0})))


def amount(name: str, value: float) -> str:
    """A value with its unit, to three digits, counts with their thousands parted."""
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{text} {unit_of(name)}".rstrip()
