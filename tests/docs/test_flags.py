"""Every flag of the command line stands in a page."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
COMMANDS = (
    "run",
    "resume",
    "report",
    "sample",
    "score",
    "compare",
    "export",
    "inspect",
    "benchmark",
    "judge",
    "spaces",
    "plugins",
    "licenses",
    "check",
)


@pytest.fixture(scope="module")
def pages() -> str:
    return "\n".join(page.read_text(encoding="utf-8") for page in PAGES)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_flag_of_a_command_is_named_in_a_page(command, pages):
    call = [sys.executable, "-m", "autogen", command, "--help"]
    told = subprocess.run(call, capture_output=True, text=True, check=True).stdout
    flags = set(re.findall(r"^\s+(?:-\w, ?)?(--[\w-]+)", told, re.MULTILINE)) - {"--help"}
    assert {flag for flag in flags if not re.search(rf"{flag}(?![\w-])", pages)} == set()
