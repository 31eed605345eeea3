"""What the mutation run changes, and that what it is told about fits the package."""

import ast
from itertools import chain

import pytest

from benchmarks.mutants.modules import EQUIVALENT, KEPT, MODULES
from benchmarks.mutants.named import NAMED
from benchmarks.mutants.operators import mutations
from benchmarks.mutations import Figures, drawn, mutants
from benchmarks.results import ROOT

SOURCE = '''"""One of 1 < 2."""

@decorated(1 < 2)
def least(rows: list[3], most: int = 20, *, all_of=False) -> bool:
    """Tell of 1 < 2."""
    if len(rows) < most and all_of:
        raise ValueError(f"{1 < 2} of {min(1, 2)}")
    assert len(rows) <= 7
    os.fsync(rows)
    return min(rows) - most > 0

class One:
    def __repr__(self):
        return "a" + str(1 < 2)
'''


def changes(source):
    return {(one.kind, one.change) for one in mutations(source)}


def test_every_operator_finds_its_places_and_what_no_promise_rests_on_is_left_out():
    assert changes(SOURCE) == {
        ("constant", "20 -> 21"),
        ("constant", "20 -> 19"),
        ("constant", "False -> True"),
        ("constant", "0 -> 1"),
        ("comparison", "len(rows) < most -> (len(rows) <= most)"),
        ("comparison", "len(rows) < most -> (len(rows) >= most)"),
        ("comparison", "min(rows) - most > 0 -> (min(rows) - most >= 0)"),
        ("comparison", "min(rows) - most > 0 -> (min(rows) - most <= 0)"),
        ("truth", "len(rows) < most and all_of -> (len(rows) < most or all_of)"),
        ("truth", "len(rows) < most and all_of -> (all_of)"),
        ("truth", "len(rows) < most and all_of -> (len(rows) < most)"),
        ("truth", "len(rows) < most and all_of -> (not (len(rows) < most and all_of))"),
        ("arithmetic", "min(rows) - most -> (min(rows) + most)"),
        ("function", "min(rows) -> (max(rows))"),
        ("statement", "os.fsync(rows) -> pass"),
        ("return value", "return min(rows) - most > 0 -> return not (min(rows) - most > 0)"),
    }


@pytest.mark.parametrize(
    ("source", "change"),
    [
        ("x = f(a, b)", "f(a, b) -> (f(b, a))"),
        ("x = [a for a in b if a.ok]", "a.ok -> True"),
        ("x += 1", "x += 1 -> x -= 1"),
        ("x += 1", "x += 1 -> pass"),
        ("x = a if b else c", "a if b else c -> (c if b else a)"),
        ("x = 0.05", "0.05 -> 0.1"),
        ("x = not a", "not a -> (a)"),
        ("x = 1 < a <= 2", "1 < a <= 2 -> (1 <= a <= 2)"),
        ("x.y = 'é' < a", "'é' < a -> ('é' <= a)"),
    ],
)
def test_a_mutation_changes_one_place_and_nothing_else(source, change):
    (found,) = [one for one in mutations(source) if one.change == change]
    old, new = change.split(" -> ")
    assert found.apply(source) == source.replace(old, new, 1)


def test_mutations_of_a_module_are_valid_and_change_it():
    source = (ROOT / "autogen/hpo/study/chain.py").read_text()
    for one in mutations(source):
        assert ast.dump(ast.parse(one.apply(source))) != ast.dump(ast.parse(source))


def test_a_seed_draws_the_same_mutations_of_each_module():
    modules = ("hpo/pruners/median.py", "hpo/pruners/ranking.py")
    found = drawn(20, 0, modules)
    assert found == drawn(20, 0, modules)
    assert found != drawn(20, 1, modules)
    assert {one.module for one in found} == set(modules)


@pytest.mark.parametrize("fault", NAMED, ids=lambda fault: fault.what)
def test_a_fault_by_name_fits_the_module_as_it_is(fault):
    ast.parse(fault.apply((ROOT / "autogen" / fault.file).read_text()))
    assert fault.file in MODULES


def test_what_is_tried_again_is_counted_once(tmp_path):
    one, other, alike = list(mutants("hpo/pruners/ranking.py"))[:3]
    figures = Figures(tmp_path / "none.json")
    for mutant, noticed in ((one, False), (other, True), (alike, None)):
        figures.note(mutant, noticed)
    assert figures.survivors() == [one]
    figures.forget(one)
    figures.note(one, True)
    counts = {"tried": 2, "killed": 2, "equivalent": 1, "survivors": []}
    assert figures.drawn["modules"] == {"hpo/pruners/ranking.py": counts}
    for noticed in (False, True):
        figures.note_fault("a tie is a winner", noticed)
    assert figures.named == {"killed": ["a tie is a winner"], "survivors": []}


def test_what_is_mapped_and_explained_is_there():
    for module, tests in MODULES.items():
        assert (ROOT / "autogen" / module).is_file()
        for place in chain(tests.quick, tests.slow):
            assert (ROOT / place.partition("::")[0]).exists(), place
    explained = [*EQUIVALENT, *KEPT]
    known = {one.key for module in {module for module, _, _ in explained} for one in mutants(module)}
    assert [key for key in explained if key not in known] == []
