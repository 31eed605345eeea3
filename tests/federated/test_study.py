"""Studies over owners in one process: they replay, and who lies is named and moves nothing."""

import json
import math
from functools import cache

import pytest
import torch

import autogen
from autogen.errors import DataError, SettingsError
from autogen.federated.command import told
from autogen.federated.messages import Message
from autogen.federated.owner import Owner
from autogen.federated.parts import split_by
from autogen.federated.server import ROUNDS, Care
from autogen.federated.study import BEST, Plan, start, together
from autogen.federated.transport import InProcess
from tests.federated.parts import owners, space, table


class Silent(Owner):
    """Owner whose training always fails."""

    def answer(self, request):
        return Message("failed", {"reason": "no"}) if request.act == "train" else super().answer(request)


class Nan(Owner):
    """Owner whose updates have NaN."""

    bad = math.nan

    def answer(self, request):
        answer = super().answer(request)
        if answer.act != "train":
            return answer
        changed = {name: torch.full_like(one, self.bad) for name, one in answer.tensors.items()}
        return Message("train", answer.about, changed)


class Huge(Owner):
    """Owner whose updates are a thousand times too large, and which says to have a million rows."""

    def answer(self, request):
        answer = super().answer(request)
        if answer.act != "train":
            return answer
        return Message("train", {"rows": 10**6}, {name: one * 1000 for name, one in answer.tensors.items()})


def studied(folder, made, strategy="fedavg", **settings):
    folder.mkdir()
    plan = Plan("1trials", space(folder, strategy), **settings)
    record = start(plan, InProcess(made), folder / "run")
    lines = (folder / "run" / ROUNDS).read_text().splitlines()
    return record, [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def study_by(tmp_path_factory):
    """Folder, record and rounds of a study of two owners by a strategy, which runs once."""

    @cache
    def found(strategy):
        folder = tmp_path_factory.mktemp(strategy) / "a"
        return folder, *studied(folder, owners("north", "south"), strategy)

    return found


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["fedavg", "fedprox", "scaffold", "fedadam", "fedyogi"])
def test_a_study_trains_scores_compares_and_keeps_a_model(study_by, strategy):
    folder, record, lines = study_by(strategy)
    assert [line["round"] for line in lines] == [1, 2, 3, 4]
    assert all(line["counted"] == ["north", "south"] for line in lines)
    assert record["trials"]["complete"] == 1
    assert set(record["test"]["owners"]) == {"north", "south"}
    assert record["owners"]["north"]["received"] > 0
    assert len(autogen.load(folder / "run" / BEST).sample(7)) == 7


@pytest.mark.slow
def test_the_journal_of_rounds_replays(study_by, tmp_path):
    _, _, one = study_by("scaffold")
    _, two = studied(tmp_path / "b", owners("north", "south"), "scaffold")
    _, other = studied(tmp_path / "c", owners("north", "south"), "scaffold", seed=1)
    assert one == two
    assert {line["sha256"] for line in one}.isdisjoint({line["sha256"] for line in other})


def with_west(kind):
    """Two owners, and a third of a kind."""
    return [*owners("north", "south"), kind("west", owners("x", "y", "z")[2].data)]


@pytest.fixture(scope="module")
def silent(tmp_path_factory):
    """Rounds of a study whose third owner trains nothing."""
    return studied(tmp_path_factory.mktemp("silent") / "b", with_west(Silent))[1]


@pytest.mark.slow
@pytest.mark.parametrize(("liar", "said"), [(Nan, "NaN"), (Huge, "times as large as usual")])
def test_who_lies_is_named_and_does_not_move_the_model(silent, tmp_path, liar, said):
    record, lied = studied(tmp_path / "a", with_west(liar))
    assert [line["sha256"] for line in lied] == [line["sha256"] for line in silent]
    assert all(said in line["refused"]["west"] for line in lied[:3])
    assert any(said in why for why in record["owners"]["west"]["refused"])
    assert "west" not in lied[3]["asked"]  # after three refusals it is asked no more


@pytest.mark.slow
def test_a_trial_without_a_quorum_fails_and_says_why(tmp_path):
    made = [owners("north")[0], Silent("south", owners("x", "y")[1].data)]
    with pytest.raises(ValueError, match=r"no update counts: south \(no\)"):
        studied(tmp_path / "a", made, care=Care(quorum=1.0))


class Counting(Owner):
    """Owner that counts a thousand times its rows."""

    def answer(self, request):
        answer = super().answer(request)
        if answer.act != "count":
            return answer
        more = {n: one * 1000 if n.startswith("count.") else one for n, one in answer.tensors.items()}
        return Message("count", {}, more)


class Crowded(Owner):
    """Owner that says before the search to have more rows than its sketch."""

    def answer(self, request):
        answer = super().answer(request)
        if request.act != "codec":
            return answer
        return Message("codec", {"rows": answer.about["rows"] | {"train": 10**6}})


class Sketchy(Owner):
    """Owner whose sketch is of fewer rows than it says, or of more."""

    rows = 10**9

    def answer(self, request):
        answer = super().answer(request)
        return Message("sketch", answer.about | {"rows": self.rows}) if request.act == "sketch" else answer


class Few(Sketchy):
    rows = 1


@pytest.mark.parametrize(
    ("kind", "said"),
    [(Crowded, "another number of training rows"), (Sketchy, "training rows"), (Few, "training rows")],
)
def test_who_says_to_have_other_rows_than_its_sketch_is_named_before_the_search(tmp_path, kind, said):
    made = [*owners("north", "south"), *owners("liar", kind=kind)]
    with pytest.raises(DataError, match=f"liar .*{said}"):
        start(Plan("1trials"), InProcess(made), tmp_path / "run")


TREES = """
[trees.training]
steps = 2
leaf = 20
"""


def of_trees(folder, made):
    folder.mkdir()
    (folder / "space.toml").write_text(TREES)
    record = start(Plan("1trials", str(folder / "space.toml")), InProcess(made), folder / "run")
    return record, [json.loads(line) for line in (folder / "run" / ROUNDS).read_text().splitlines()]


def test_trees_grow_from_the_counts_of_those_who_do_not_lie(tmp_path):
    west = Counting("west", owners("x", "y", "z")[2].data)
    record, lied = of_trees(tmp_path / "a", [*owners("north", "south"), west])
    assert [line["counted"] for line in lied] == [["north", "south"]] * 2
    assert [line["refused"] for line in lied] == [
        {"west": "it counts more rows than it has, or fewer than none"}
    ] * 2
    assert len(autogen.load(tmp_path / "a" / "run" / BEST).sample(7)) == 7
    assert set(record["test"]["owners"]) == {"north", "south", "west"}
    assert record["test"]["together"]["joint"] > 0.3  # nats above independent columns


def test_owners_whose_data_does_not_go_together_are_named_before_anything_is_written(tmp_path):
    other = table(seed=1).rename(columns={"city": "town"})
    made = [*owners("north"), Owner("south", autogen.data.open.open_data(other))]
    with pytest.raises(DataError, match="all owners must have the same columns, but"):
        start(Plan("1trials"), InProcess(made), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_family_that_learns_without_gradients_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="gan cannot be trained by several owners"):
        start(Plan("1trials", families=("gan",)), InProcess(owners("north", "south")), tmp_path / "run")


def test_the_figures_of_all_owners_are_weighted_by_their_rows():
    one = {"rows": 10, "joint": 1.0, "alone": 0.0, "difference": 1.0, "error": 0.3, "identity": 2.0}
    two = {"rows": 30, "joint": 3.0, "alone": 2.0, "difference": 1.0, "error": 0.1, "identity": 1.0}
    found = together({"north": one, "south": two})
    assert (found["rows"], found["joint"], found["alone"], found["identity"]) == (40, 2.5, 1.5, 1.25)
    assert found["error"] == pytest.approx(math.sqrt(3.0**2 + 3.0**2) / 40)


@pytest.mark.parametrize(
    ("difference", "said"),
    [
        (0.3, "together is better"),
        (0.1, "no clear difference"),
        (-0.1, "no clear difference"),
        (-1.0, "no more is lost than not to know whose row it is, up to 0.900"),
        (-1.3, "alone is better"),
    ],
)
def test_the_verdict_allows_for_what_an_owner_s_own_model_knows(difference, said):
    one = {"rows": 9, "joint": 1.0, "alone": 1.0, "difference": difference, "error": 0.1, "identity": 0.9}
    config = {"family": "vae", "training.steps": 4}
    record = {"best": {"config": config}, "test": {"owners": {"north": one}, "together": {}}}
    record |= {"trials": {"total": 1}, "owners": {"north": {"refused": {"NaN": 2}}}, "run": "run"}
    lines = told(record)
    assert lines[2].endswith(f": {said}")
    one |= {"joint": -0.6, "alone": -0.1}
    assert told(record)[2].endswith(f": {said}, and independent columns are better than both")
    one |= {"joint": -0.6, "alone": 0.1}
    assert told(record)[2].endswith(f": {said}")
    assert "refused: 2 x NaN" in lines[3]


def test_a_table_is_split_by_a_column_and_the_rarest_values_stay_together():
    frame = table(1000)
    parts = split_by(frame, "city", 2)
    assert {name: set(part.city) for name, part in parts.items()} == {
        "Bonn": {"Bonn"},
        "others": {"Kiel", "Ulm"},
    }
    assert sorted(split_by(frame, "city")) == ["Bonn", "Kiel", "Ulm"]
    assert sorted(split_by(frame, "city", 3)) == ["Bonn", "Kiel", "Ulm"]


@pytest.mark.parametrize(
    ("column", "said"), [("town", "there is no column 'town'"), ("wage", "fewer than two")]
)
def test_a_table_that_cannot_be_split_is_one_line(column, said):
    with pytest.raises(DataError, match=said):
        split_by(table(), column)


def test_of_trees_it_is_said_that_they_are_of_counts():
    record = {"best": {"config": {"family": "trees", "training.steps": 4}}, "owners": {}, "run": "run"}
    record |= {"trials": {"total": 1}, "test": {"owners": {}, "together": {}}}
    assert told(record)[0] == "best of 1 trial: trees by counts, 4 trees a column"
