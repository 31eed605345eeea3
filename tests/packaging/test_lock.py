"""The lock pins what the constraints pin, but for torch, and every version by hashes."""

import re
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
_PIN = re.compile(r"^([A-Za-z0-9_.-]+)==(\S+)(?: ; .*?)?", re.MULTILINE)


def pins(text: str) -> dict[str, str]:
    """Versions by name, as PEP 503 compares names, without torch, whose builds differ by machine."""
    found = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in _PIN.findall(text)}
    return {name: version for name, version in found.items() if name != "torch"}


def test_the_lock_has_the_versions_of_the_constraints_and_no_others() -> None:
    constraints = pins((CHECKOUT / "constraints.txt").read_text())
    assert pins((CHECKOUT / "requirements.lock").read_text()) == constraints, "run: make lock"
    assert len(constraints) > 50


def test_every_version_in_the_lock_has_hashes() -> None:
    entries = re.split(r"\n(?=\S)", (CHECKOUT / "requirements.lock").read_text().strip())
    assert [entry for entry in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}", entry)] == []
    assert len(entries) == len(pins((CHECKOUT / "constraints.txt").read_text()))


def test_the_audit_looks_up_torch_which_the_lock_leaves_out() -> None:
    makefile = (CHECKOUT / "Makefile").read_text()
    recipe = re.split(r"^\S.*:", makefile.partition("\naudit:")[2], maxsplit=1, flags=re.MULTILINE)[0]
    assert "requirements.lock" in recipe
    pattern = re.search(r"grep '(\^torch==)' constraints.txt > (\S+)", recipe)
    assert pattern
    assert f"pip-audit --strict --disable-pip --no-deps --requirement {pattern[2]}" in recipe
    assert len(re.findall(pattern[1], (CHECKOUT / "constraints.txt").read_text(), re.MULTILINE)) == 1
