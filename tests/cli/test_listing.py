"""Packages with their licenses, and a bill of materials."""

import json
from importlib import metadata

import pytest

pytestmark = pytest.mark.usefixtures("installed")


@pytest.fixture
def installed():
    try:
        metadata.distribution("autogen-search")
    except metadata.PackageNotFoundError:
        pytest.skip("autogen runs from a folder and is no installed package")


def test_every_package_is_listed_with_version_and_license(command_line):
    code, out, _ = command_line("licenses")
    assert code == 0
    lines = out.splitlines()
    assert any(line.startswith("autogen-search ") and line.endswith("Apache-2.0") for line in lines)
    listed = {line.split()[0].lower() for line in lines}
    assert {"torch", "numpy", "safetensors", "optuna", "sympy"} <= listed  # sympy is needed by torch alone
    assert "pytest" not in listed
    assert not any(line.endswith("not said") for line in lines)


def test_the_bill_of_materials_holds_what_is_listed(command_line, tmp_path):
    _, out, _ = command_line("licenses", "--sbom", tmp_path / "sbom.json")
    bill = json.loads((tmp_path / "sbom.json").read_text())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    assert len(bill["components"]) == len(out.splitlines())
    torch = next(part for part in bill["components"] if part["name"] == "torch")
    assert torch["version"] == metadata.version("torch")
    assert torch["purl"] == f"pkg:pypi/torch@{metadata.version('torch')}"
