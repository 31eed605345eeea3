"""docs/extending.md shows the code of the package that the tests install."""

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
PAGE = (CHECKOUT / "docs" / "extending.md").read_text()
SHOWN = re.findall(r"<!-- (\S+) -->\n```\w+\n(.*?)\n```\n", PAGE, re.DOTALL)


@pytest.mark.parametrize(("file", "code"), SHOWN, ids=[file for file, _ in SHOWN])
def test_the_page_shows_what_the_file_holds(file, code):
    assert code in (CHECKOUT / file).read_text()


def test_every_link_of_the_page_leads_somewhere():
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", PAGE)
    assert len(SHOWN) >= 6
    assert [link for link in links if not (CHECKOUT / "docs" / link).exists()] == []
