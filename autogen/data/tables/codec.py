"""Codec of tables: rows to bin codes and in-bin positions, and back."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autogen.data.codec import Codec, CodeNames
from autogen.data.specs import Arrays, TableSpec
from autogen.errors import DataError


class TableCodec(Codec):
    """Transform of cells to codes and positions, and back.

    These come back exactly: categories, booleans, integers and decimals with few different values, and
    all values that many rows share. These are lost: values that the training split lacks, the three
    outermost rows of a column with many values, digits beyond a float32 position inside of a bin (about
    1e-7 of its width, none on a decimal grid), and identifiers, which are generated.

    ``to_json`` holds every category and every value of columns with few different values, rare ones
    too, since a generator must be able to make them. Of columns with many values it holds quantiles, the
    outermost ones blurred. Drop a column whose rare values must stay secret.

    With binding rules some columns are derived: looked up by others, or modeled as a distance from others
    (``autogen.data.tables.rules``). The lookup tables hold each value of the columns on the left of a rule,
    and the values that these determine as they are.

    Args:
        columns: ``ColumnEncoder`` (learned) or ``Identifiers`` (generated) of each column, in the table's
            order.
        derivation: how learned columns are made of modeled ones; all are modeled as they are by default.
        target: name of the column that users predict from the others; empty where it is not known.

    Attributes:
        encoders: encoders of the D learned columns, as metrics see them.
        names: names of the D learned columns.
        derivation: how these are made of the M modeled columns.
        spec: spec of the M modeled columns, as model families see them; M is D without binding rules.
    """

    kind = "tabular"
    spec: TableSpec

    def __init__(self, columns: Sequence[Any], derivation: Any = None, target: str = "") -> None:
        from autogen.data.tables.encoders import ColumnEncoder
        from autogen.data.tables.rules.derivation import Derivation

        self.columns = tuple(columns)
        self.encoders = tuple(column for column in columns if isinstance(column, ColumnEncoder))
        self.names = tuple(encoder.form.name for encoder in self.encoders)
        self.derivation: Derivation = derivation or Derivation(self.encoders)
        self.target, parts = target, tuple(part.spec for part in self.derivation.parts)
        names = [part.name for part in parts]
        self.spec = TableSpec(parts, names.index(target) if target in names else None)

    @classmethod
    def fit(
        cls,
        frame: Any,
        forms: Sequence[Any],
        rules: Sequence[Any] = (),
        everything: Any = None,
        target: str = "",
    ) -> "TableCodec":
        """Fit one encoder per column on the training rows.

        Args:
            frame: DataFrame of the training rows.
            forms: ``ColumnType`` of each column.
            rules: ``BindingRule``s that all rows keep.
            everything: DataFrame of all rows: identifiers that are made are none of theirs.
            target: name of the column that users predict from the others; empty where it is not known.
        """
        from autogen.data.tables.encoders import fit_encoder
        from autogen.data.tables.made_up.identifiers import Identifiers
        from autogen.data.tables.rules.derivation import Derivation

        known = frame if everything is None else everything
        made = cls(
            [
                Identifiers.fit(form, frame[form.name], known[form.name])
                if form.kind == "identifier"
                else fit_encoder(form, frame[form.name])
                for form in forms
            ]
        )
        derivation = Derivation.fit(made.encoders, rules, frame) if rules else None
        return cls(made.columns, derivation, target)

    @property
    def categorical(self) -> tuple[bool, ...]:
        """True for each learned column with categories or booleans, False for quantities, (D,)."""
        return tuple(encoder.form.nominal for encoder in self.encoders)

    def code_names(self) -> CodeNames:
        """Name the codes of each modeled column by the values that they stand for."""
        return tuple((part.name, part.code_names()) for part in self.derivation.parts)

    def encode(self, samples: Any) -> Arrays:
        """Encode a DataFrame of N rows as ``{"codes": int64 (N, M), "positions": float32 (N, M)}``.

        Raises:
            DataError: a learned column is missing, or a cell is no number in a column of numbers.
        """
        self._refuse_other_columns(samples)
        samples = self.from_original_format(samples)
        codes, positions, _ = self.derivation.encode({name: samples[name] for name in self.names})
        return {"codes": codes, "positions": positions}

    def decode(self, arrays: Arrays, seed: int = 0) -> Any:
        """Decode to a DataFrame of N rows with the columns and dtypes of the data, numbers without signs."""
        return self.decode_with(arrays, seed)

    def decode_with(self, arrays: Arrays, seed: int = 0, fixed: Any = None, filled: bool = False) -> Any:
        """Decode rows of which some cells are known, so that those derived from them follow.

        Args:
            arrays: codes and positions of N rows.
            seed: random seed of identifiers, and of cells that a model left open.
            fixed: known cells, N of a column, and their mask, bool (N,), by name of the column.
            filled: True if no cell may be missing, except where a rule says so (imputation).
        """
        import pandas as pd

        codes, positions = np.asarray(arrays["codes"]), np.asarray(arrays["positions"])
        assert (codes >= 0).all()
        assert (codes < [column.levels for column in self.spec.columns]).all()
        learned = self.derivation.decode(codes, positions, seed, fixed, filled)
        found = {}
        for column in self.columns:
            name = column.form.name
            if name in learned:
                text_format = column.form.text_format
                found[name] = text_format.rounded(learned[name]) if text_format else learned[name]
            else:
                found[name] = column.make(np.arange(len(codes)), len(codes), seed)
        return pd.DataFrame(found)

    def renumber_ids(self, samples: Any, first: int, total: int, seed: int = 0) -> Any:
        """Generate identifiers that differ from those of all other blocks of the draw."""
        fresh = {
            column.form.name: column.make(np.arange(first, first + len(samples)), total, seed)
            for column in self.columns
            if column not in self.encoders
        }
        return samples.assign(**fresh) if fresh else samples

    def features(self, samples: Any) -> np.ndarray:
        """Convert learned columns to numbers, float64 (N, D): quantities or category indices; NaN if missing.

        Dates count seconds (or their unit); a category that the training split lacks gets the index after
        the last.
        """
        self._refuse_other_columns(samples)
        samples = self.from_original_format(samples)
        return np.column_stack([encoder.feature(samples[encoder.form.name]) for encoder in self.encoders])

    def to_original_format(self, samples: Any) -> Any:
        """Write numbers as texts with the signs and separators of the data (``$1,200.50``)."""
        from pandas.api.types import is_numeric_dtype

        written = {
            form.name: form.text_format.format_column(samples[form.name])
            for form in self._written(samples)
            if is_numeric_dtype(samples[form.name].dtype)
        }
        return samples.assign(**written) if written else samples

    def from_original_format(self, samples: Any) -> Any:
        """Parse texts of columns with signs or separators to numbers; other columns stay as they are.

        Raises:
            DataError: a text of such a column is no number.
        """
        from pandas.api.types import infer_dtype

        read = {}
        for form in self._written(samples):
            if infer_dtype(samples[form.name]) == "string":
                try:
                    read[form.name] = form.text_format.parse_column(samples[form.name], form.dtype)
                except (ValueError, TypeError) as error:
                    like = form.text_format.format(1234)
                    raise DataError(
                        f"column {form.name!r} must hold numbers like {like}; one cell is none: {error}."
                    ) from error
        return samples.assign(**read) if read else samples

    def _written(self, samples: Any) -> list[Any]:
        """List the types of the columns whose numbers have signs or separators."""
        forms = [column.form for column in self.columns]
        return [form for form in forms if form.text_format and form.name in samples]

    def to_json(self) -> dict[str, Any]:
        """Describe the type and the encoder of each column, and binding rules if there are any."""
        records = [{"form": column.form.to_json(), **column.to_json()} for column in self.columns]
        derived = {"derivation": self.derivation.to_json()} if self.derivation.rules else {}
        target = {"target": self.target} if self.target else {}
        return {"kind": self.kind, "columns": records} | target | derived

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "TableCodec":
        """Rebuild from ``to_json``."""
        from autogen.data.tables.encoders import encoder_from_json
        from autogen.data.tables.made_up.identifiers import Identifiers
        from autogen.data.tables.reading.column_types import ColumnType
        from autogen.data.tables.rules.derivation import Derivation

        columns = []
        for entry in record["columns"]:
            form = ColumnType.from_json(entry["form"])
            rebuild = Identifiers.from_json if form.kind == "identifier" else encoder_from_json
            columns.append(rebuild(form, entry))
        made = cls(columns)
        derived = record.get("derivation")
        derivation = Derivation.from_json(made.encoders, derived) if derived else None
        return cls(columns, derivation, str(record.get("target", "")))

    def _refuse_other_columns(self, samples: Any) -> None:
        absent = [name for name in self.names if name not in samples]
        if absent:
            raise DataError(
                f"expected a table with the columns of the training data; column {absent[0]!r} is missing."
            )
