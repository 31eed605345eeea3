"""What the example package adds keeps the contracts of ``autogen.testing``, as its own tests would say."""

import numpy as np
import pytest

from autogen import registry
from autogen.data.declaration import declared
from autogen.data.open import open_data
from autogen.testing.data import DataKindContract
from autogen.testing.executors import ExecutorContract
from autogen.testing.families import SPECS, FamilyContract
from autogen.testing.metrics import MetricCase, MetricContract
from autogen.testing.pruners import PrunerContract
from autogen.testing.samplers import SamplerContract
from tests.examples.plugin import strands, write_fasta

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("importable")]


class TestDna(DataKindContract):
    @pytest.fixture
    def kind(self):
        return registry.get("data", "dna")()

    @pytest.fixture
    def source(self, tmp_path):
        return write_fasta(tmp_path / "strands.fasta", strands(520))

    @pytest.fixture
    def bad_sources(self, tmp_path):
        contents = {
            "empty.fasta": b"",
            "letters.fasta": b">a\nXYZ\n",
            "binary.fa": b"\x00\xff",
            "few.fa": b">a\nACGT\n",
        }
        for name, content in contents.items():
            (tmp_path / name).write_bytes(content)
        return [tmp_path / name for name in (*contents, "missing.fasta")]


def mutated(made, severity, rng):
    """Some bases replaced by random ones."""
    return ["".join(rng.choice(list("ACGT")) if rng.random() < severity else b for b in one) for one in made]


def reversed_(made, severity, rng):
    return [one[::-1] if rng.random() < severity else one for one in made]


def poly(made, severity, rng):
    """Some strands replaced by repeats of one base."""
    return ["A" * len(one) if rng.random() < severity else one for one in made]


def swapped(made, severity, rng):
    """Some strands with A for C and C for A."""
    return [one.translate(str.maketrans("AC", "CA")) if rng.random() < severity else one for one in made]


class TestKmers(MetricContract):
    @pytest.fixture
    def metric(self):
        return registry.get("metric", "kmers")()

    @pytest.fixture
    def case(self, tmp_path):
        data = open_data(write_fasta(tmp_path / "strands.fasta", strands(100)))
        corruptions = {"mutated": mutated, "reversed": reversed_, "poly": poly, "swapped": swapped}
        return MetricCase(strands(300, 1), strands(300, 2), data.codec, corruptions)


class TestChain(FamilyContract):
    @pytest.fixture
    def family(self):
        return registry.get("family", "chain")()

    @pytest.fixture
    def spec(self):
        return SPECS["notes"]


class TestLeader(SamplerContract):
    @pytest.fixture
    def make(self):
        return registry.get("sampler", "leader")


class TestWorstQuarter(PrunerContract):
    @pytest.fixture
    def pruner(self):
        return registry.get("pruner", "worst_quarter")()


class TestPolite(ExecutorContract):
    def executor(self):
        found = registry.get("executor", "polite")
        return found(1, found.Options(nice=0))


def test_every_place_that_the_kind_declares_can_be_imported():
    known = declared("dna")
    preview = (known.preview.marginals, known.preview.tunes)
    places = [known.distance, known.likelihood, *known.baselines.values(), *known.evidence.values(), *preview]
    assert all(callable(registry.load(place)) for place in places if place)


def test_the_distance_of_a_copy_is_nothing(tmp_path):
    made = strands(30)
    codec = open_data(write_fasta(tmp_path / "strands.fasta", strands(100))).codec
    distance = registry.load(declared("dna").distance)(made, codec)
    whole = np.concatenate(list(distance.strips(made)))
    assert not np.diag(whole).any()
