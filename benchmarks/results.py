"""Where benchmarks leave their figures: benchmarks/results/NAME.json, with command, versions and date."""

import datetime
import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "results"


def save(name: str, figures: dict[str, Any]) -> None:
    """Write a benchmark's figures beside what is needed to repeat them."""
    FOLDER.mkdir(exist_ok=True)
    told = {
        "command": "python -m benchmarks." + " ".join([Path(sys.argv[0]).stem, *sys.argv[1:]]),
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": {package: version(package) for package in ("torch", "optuna", "numpy", "scikit-learn")},
    }
    (FOLDER / f"{name}.json").write_text(json.dumps(told | figures, indent=2) + "\n")
