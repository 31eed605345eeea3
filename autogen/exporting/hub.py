"""A folder that ``huggingface_hub`` uploads as it is: model, and a card with the Hub's YAML front matter."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from autogen.engine.run_folder import RunFolder
from autogen.errors import SettingsError
from autogen.families.based import BASE
from autogen.files import new_folder, write
from autogen.report.card import card
from autogen.report.result import Result
from autogen.training.worker.trial_folder import CONFIG, read_config, write_config

#: Files of a model that are left behind: real rows of the test split.
REAL = "real.*"
#: Tasks of the Hub, by kind of data; tables and music have none that fits.
_TASKS = {"image": "unconditional-image-generation", "text": "text-generation"}
_LICENSE = re.compile(r"[a-z0-9][a-z0-9.+-]*")


def export_hub(run: Path, folder: Path, license_: str = "", language: str = "") -> Path:
    """Copy the delivered model without real rows, with a model card as ``README.md``.

    ``huggingface_hub.upload_folder(repo_id=..., folder_path=folder)`` publishes it;
    ``autogen.load(huggingface_hub.snapshot_download(...))`` loads it again.

    Args:
        run: Folder of a finished run.
        folder: New or empty folder.
        license_: Identifier of the license as the Hub has it, ``apache-2.0``; default none is stated.
        language: Language of texts, ``en``; default none is stated.

    Raises:
        RunError: the run has no result, or the folder is not empty.
        SettingsError: the license or the language is no identifier.
    """
    source = RunFolder.open(run)
    result = source.read_result()
    for name, value in (("license", license_), ("language", language)):
        if value and not _LICENSE.fullmatch(value):
            raise SettingsError(f"{name} must be an identifier of the Hub such as apache-2.0; got {value!r}")
    new_folder(folder)
    for path in sorted(source.best.iterdir()):
        if path.is_file() and not path.match(REAL) and path.name != "card.md":
            shutil.copyfile(path, folder / path.name)
    if BASE in result.best.config:  # readers find it by its name and digest, not at a path of this machine
        config = read_config(folder / CONFIG)
        write_config(folder / CONFIG, {**config, BASE: Path(str(config[BASE])).name})
        named = {**result.best.config, BASE: Path(str(result.best.config[BASE])).name}
        result = replace(result, best=replace(result.best, config=named))
    text = card(result, real_rows=False)
    write(folder / "README.md", front_matter(result, license_, language) + "\n" + text)
    return folder


def front_matter(result: Result, license_: str = "", language: str = "") -> str:
    """Write the YAML block of a model card, between lines of three hyphens.

    Args:
        result: Result of the study.
        license_: Identifier of the license; empty for none.
        language: Language of texts; empty for none.
    """
    data: dict[str, Any] = {"license": license_, "language": language}
    data |= {"library_name": "autogen", "pipeline_tag": _TASKS.get(result.data.kind, "")}
    data["tags"] = ["autogen", "synthetic-data", "generative-model", result.data.kind, result.best.family]
    data["metrics"] = [result.objective.name]
    if result.test.mean is not None and result.privacy is None:  # a score has no noise
        data["model-index"] = [_evaluation(result)]
    lines = [f"{key}: {json.dumps(value)}" for key, value in data.items() if value]  # JSON is YAML
    return "\n".join(["---", *lines, "---", ""])


def _evaluation(result: Result) -> dict[str, Any]:
    """Test score in the form of the Hub's evaluation results."""
    kind = result.data.kind
    task = {"type": _TASKS.get(kind, f"{kind}-generation"), "name": f"generation of {kind} data"}
    name = result.data.source.rstrip("/").rpartition("/")[2] or "data given in memory"
    metric = {
        "type": result.objective.name,
        "name": f"{result.objective.name}, version {result.objective.version}",
        "value": result.test.mean,
    }
    evaluated = {"task": task, "dataset": {"type": name, "name": name, "split": "test"}, "metrics": [metric]}
    return {"name": f"{result.best.family} of {name}", "results": [evaluated]}
