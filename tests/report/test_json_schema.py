"""Types, JSON schemas and pages of documentation that say the same."""

import json
from pathlib import Path

import jsonschema
import pytest

from autogen.hpo.study.events import KINDS
from autogen.report import json_schema
from tests.hpo.study.test_events import HAPPENED
from tests.report.example import KINDS as DATA
from tests.report.example import example

DOCS = Path(__file__).parents[2] / "docs"
MADE = {json_schema.RESULT: json_schema.result_schema, json_schema.JOURNAL: json_schema.journal_schema}
PAGES = {
    ("result.md", "result"): json_schema.result_page,
    ("run-folder.md", "journal"): json_schema.journal_page,
}


@pytest.mark.parametrize("path", MADE, ids=lambda path: path.name)
def test_the_schemas_that_ship_are_those_of_the_types(path):
    shipped = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(shipped)
    assert shipped == MADE[path](), "run: python -m autogen.report.json_schema"


@pytest.mark.parametrize(("page", "mark"), PAGES)
def test_the_tables_of_the_docs_are_those_of_the_types(page, mark):
    text = (DOCS / page).read_text(encoding="utf-8")
    made = json_schema.between_marks(text, mark, PAGES[page, mark]())
    assert text == made, "run: python -m autogen.report.json_schema"


def test_every_field_has_a_description():
    for schema in (json_schema.result_schema(), json_schema.journal_schema()):
        for name, kind in schema["$defs"].items():
            for field, shape in kind["properties"].items():
                assert shape.get("description") or "const" in shape, f"{name}.{field}"


@pytest.mark.parametrize("kind", DATA)
def test_a_result_that_is_written_keeps_to_its_schema(kind):
    written = json.loads(json.dumps(example(kind).result.to_json()))
    jsonschema.validate(written, json_schema.result_schema())


def test_a_result_that_lacks_a_field_does_not_keep_to_the_schema():
    written = example("text").result.to_json()
    del written["verdict"]
    with pytest.raises(jsonschema.ValidationError, match="'verdict' is a required property"):
        jsonschema.validate(written, json_schema.result_schema())


def test_every_event_keeps_to_the_schema_of_the_journal():
    validator = jsonschema.Draft202012Validator(json_schema.journal_schema())
    validator.validate({"format": "autogen-journal", "version": 1})
    for event in HAPPENED:
        record = json.loads(json.dumps(event.to_json()))
        assert validator.is_valid(record) == isinstance(event, KINDS), record
    assert not validator.is_valid({"e": "rung", "n": "zero", "step": 1, "score": 0.5, "keep": True, "t": 0})
