"""The site has every page once, and the pages that repeat something repeat what is so."""

import re
from pathlib import Path

import pytest

from autogen import registry
from autogen.metrics.base import Metric

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def test_every_page_stands_once_in_the_navigation_of_the_site():
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[2]
    entries = re.findall(r"- (\S+\.md)", nav)
    assert sorted(entries) == sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))


@pytest.mark.parametrize("name", sorted(registry.BUILT_IN["metric"]))
def test_the_page_of_metrics_says_of_each_what_the_report_says(name):
    metric: type[Metric] = registry.get("metric", name)
    assert metric.about
    page = " ".join((DOCS / "metrics.md").read_text(encoding="utf-8").split())
    row = page.partition(f"| `{name}` |")[2]
    assert metric.about in row.partition(" |\n")[0][:700]


def test_every_notebook_is_named_on_the_site():
    page = (DOCS / "quickstart.md").read_text(encoding="utf-8")
    assert {path.name for path in (ROOT / "examples" / "notebooks").glob("*.ipynb")} <= set(
        re.findall(r"notebooks/(\w+\.ipynb)", page)
    )
