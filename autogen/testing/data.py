"""Contract of kinds of data as a test suite: subclass ``DataKindContract`` for your own kind."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autogen import registry
from autogen.data.codec import Codec
from autogen.data.kind import DataKind
from autogen.data.module import DataModule, Earlier
from autogen.data.open import open_data
from autogen.data.specs import Arrays
from autogen.data.split import MINIMUM, SMALL, split_rows
from autogen.errors import DataError, UserError

PARTS = ("train", "tune", "select", "test")


def same(one: Arrays, other: Arrays) -> bool:
    """Check whether two encoded batches are equal in names, dtypes, shapes and values."""
    return one.keys() == other.keys() and all(
        one[key].dtype == other[key].dtype and np.array_equal(one[key], other[key]) for key in one
    )


class DataKindContract:
    """Tests of a kind of data; subclasses define these fixtures.

    * ``kind``: instance of the kind;
    * ``source``: path or object with at least 500 samples that this kind reads;
    * ``bad_sources``: paths of this kind's suffixes that cannot be used (missing, empty, damaged).
    """

    @pytest.fixture
    def module(self, kind: DataKind, source: Any) -> DataModule:
        """Open the source as this kind."""
        return open_data(source, kind=kind.name)

    def test_the_registry_knows_the_kind_by_its_name(self, kind: DataKind) -> None:
        assert isinstance(kind, registry.get("data", kind.name))

    def test_the_kind_recognizes_its_source(self, kind: DataKind, source: Any) -> None:
        assert kind.recognizes(source)
        assert isinstance(open_data(source).kind, type(kind))

    def test_the_kind_recognizes_no_other_source(self, kind: DataKind, tmp_path: Path) -> None:
        other = tmp_path / "data.unheard_of"
        other.write_bytes(b"\x00\x01")
        empty = tmp_path / "empty"
        empty.mkdir()
        assert not any(kind.recognizes(thing) for thing in (other, empty, "no_such_set", 3, None, object()))

    def test_decoding_gives_back_the_codes(self, module: DataModule) -> None:
        encoded = module.codec.encode(module.split("train"))
        again = module.codec.encode(module.codec.decode(encoded))
        discrete = [key for key, array in encoded.items() if array.dtype.kind in "iu"]
        assert discrete
        assert same({key: encoded[key] for key in discrete}, {key: again[key] for key in discrete})

    def test_unseen_samples_are_encoded_within_the_bounds_of_training(self, module: DataModule) -> None:
        train = module.encoded("train")
        for part in ("tune", "select", "test"):
            unseen = module.encoded(part)
            assert unseen.keys() == train.keys()
            assert all(len(array) == len(module.rows[part]) for array in unseen.values())
            assert all(array.shape[1:] == train[key].shape[1:] for key, array in unseen.items())
            assert all(array.dtype == train[key].dtype for key, array in unseen.items())
            module.codec.decode(unseen)

    def test_decoding_is_a_function_of_arrays_and_seed(self, module: DataModule) -> None:
        encoded = module.codec.encode(module.split("tune"))
        digests = [module.kind.digests(module.codec.decode(encoded, seed)) for seed in (0, 0, 1, 1)]
        assert digests[0] == digests[1]
        assert digests[2] == digests[3]

    def test_a_codec_survives_json(self, module: DataModule) -> None:
        record = json.loads(json.dumps(module.codec.to_json(), allow_nan=False))
        rebuilt: Codec = type(module.kind).codec.from_json(record)
        assert rebuilt.kind == module.codec.kind == module.kind.name
        assert rebuilt.spec == module.codec.spec
        samples = module.split("tune")
        assert same(rebuilt.encode(samples), module.codec.encode(samples))
        encoded = module.codec.encode(samples)
        digests = [module.kind.digests(codec.decode(encoded, 3)) for codec in (rebuilt, module.codec)]
        assert digests[0] == digests[1]

    def test_a_codec_that_names_its_codes_is_extended_by_its_own_data_to_itself(
        self, kind: DataKind, source: Any, module: DataModule
    ) -> None:
        names = module.codec.code_names()
        if names:
            again = open_data(source, kind=kind.name, earlier=Earlier(module.codec))
            assert again.codec.code_names() == names
            assert again.codec.spec == module.codec.spec
            assert all(len({*codes}) == len(codes) for _, codes in names)

    def test_no_rows_can_be_decoded(self, module: DataModule) -> None:
        none = {key: array[:0] for key, array in module.codec.encode(module.split("tune")).items()}
        assert len(module.codec.decode(none)) == 0

    def test_the_splits_are_disjoint_and_hold_all_rows(self, module: DataModule) -> None:
        rows = np.concatenate([module.rows[part] for part in PARTS])
        assert sorted(rows.tolist()) == list(range(len(module.kind.digests(module.raw.samples))))
        assert not module.small

    def test_the_split_depends_on_content_not_on_order(self, kind: DataKind, module: DataModule) -> None:
        digests = kind.digests(module.raw.samples)
        order = np.random.default_rng(0).permutation(len(digests))
        shuffled = kind.digests(kind.take(module.raw.samples, order))
        assert shuffled == [digests[i] for i in order]
        groups = None if module.raw.groups is None else module.raw.groups[order]
        rows = split_rows(shuffled, groups=groups)
        for part in PARTS:
            assert [shuffled[i] for i in rows[part]] == [digests[i] for i in module.rows[part]]

    def test_another_seed_gives_another_split(self, kind: DataKind, source: Any, module: DataModule) -> None:
        other = open_data(source, kind=kind.name, seed=1)
        assert other.sha256 == module.sha256
        assert other.split_sha256["test"] != module.split_sha256["test"]
        assert open_data(source, kind=kind.name).split_sha256 == module.split_sha256

    def test_concatenated_parts_are_the_whole(self, kind: DataKind, module: DataModule) -> None:
        half = len(module.rows["train"]) // 2
        samples = module.split("train")
        first = kind.take(samples, np.arange(half))
        rest = kind.take(samples, np.arange(half, len(module.rows["train"])))
        assert kind.digests(kind.concatenate([first, rest])) == kind.digests(samples)

    def test_a_small_set_selects_on_the_tune_split(self, kind: DataKind, module: DataModule) -> None:
        samples = kind.take(module.raw.samples, np.arange(SMALL - 1))
        rows = split_rows(kind.digests(samples))
        assert np.array_equal(rows["select"], rows["tune"])
        assert not set(rows["tune"]) & (set(rows["train"]) | set(rows["test"]))

    def test_too_few_samples_are_refused(self, kind: DataKind, module: DataModule) -> None:
        samples = kind.take(module.raw.samples, np.arange(MINIMUM - 1))
        with pytest.raises(DataError, match=str(MINIMUM)):
            split_rows(kind.digests(samples))

    def test_bad_sources_are_refused_in_one_line(self, kind: DataKind, bad_sources: list[Path]) -> None:
        assert bad_sources
        for path in bad_sources:
            with pytest.raises(UserError) as caught:
                open_data(path, kind=kind.name)
            assert len(str(caught.value)) > len("no.")
            assert "\n" not in str(caught.value)

    def test_an_unknown_option_is_refused(self, kind: DataKind, source: Any) -> None:
        with pytest.raises(DataError, match="no option 'unheard_of'"):
            open_data(source, kind=kind.name, options={"unheard_of": 1})

    def test_samples_are_not_written_to_an_unknown_suffix(
        self, kind: DataKind, module: DataModule, tmp_path: Path
    ) -> None:
        with pytest.raises(DataError):
            kind.save(module.split("tune"), tmp_path / "samples.unheard_of", module.codec)
