"""Where benchmarks leave their figures: benchmarks/results/NAME.json, with command, versions and date."""

import datetime
import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "benchmarks" / "results"


def save(name: str, figures: dict[str, Any]) -> None:
    """Write a benchmark's figures beside what is needed to repeat them; ``anchors/a1`` is in a folder."""
    path = FOLDER / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    spec = sys.modules["__main__"].__spec__
    module = spec.name if spec else Path(sys.argv[0]).name
    told = {
        "command": "python -m " + " ".join([module, *sys.argv[1:]]),
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": {package: version(package) for package in ("torch", "optuna", "numpy", "scikit-learn")},
    }
    path.write_text(json.dumps(told | figures, indent=2) + "\n")
