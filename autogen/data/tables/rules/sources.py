"""Cells from which known ones are looked up: a zip code of the known city, as often as in training."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from autogen.data.tables.encoders import ColumnEncoder
from autogen.data.tables.rules.cells import Cells
from autogen.data.tables.rules.derivation import Derivation
from autogen.data.tables.rules.lookup import Lookup
from autogen.data.tables.rules.makers import Known
from autogen.data.tables.rules.parts import Part
from autogen.errors import DataError, agreed, counted

#: Known cells, N of a column, and their mask, bool (N,), by name of the column.
Fixed = Mapping[str, tuple[pd.Series, np.ndarray]]


def with_sources(
    derivation: Derivation, fixed: Fixed, seed: int, strict: bool = False, filled: bool = False
) -> dict[str, tuple[pd.Series, np.ndarray]]:
    """Add drawn cells of columns from which known ones are looked up, so that all known cells fit together.

    Args:
        derivation: derivation of the table's columns.
        fixed: known cells.
        seed: random seed.
        strict: True to refuse known cells that no training row has together; else they stay as they are.
        filled: True if a drawn cell may be missing only where no other goes with the known cells.

    Raises:
        DataError: known cells contradict each other, or a cell must be looked up by one that is new.
    """
    found, rng = dict(fixed), np.random.default_rng([seed, 7])
    lookups = [maker for maker in derivation.makers.values() if isinstance(maker, Lookup)]
    sources = {name for maker in lookups for table in maker.tables for name in table.sources}
    for name in (name for name in derivation.plan.order if name in sources):
        _draw_source(derivation, lookups, name, found, rng, strict, filled)
    for maker in lookups:
        _refuse_new(derivation, maker, found)
    return found


def _draw_source(
    derivation: Derivation,
    lookups: list[Lookup],
    root: str,
    found: dict[str, tuple[pd.Series, np.ndarray]],
    rng: np.random.Generator,
    strict: bool,
    filled: bool,
) -> None:
    """Draw the open cells of a column from which known cells are looked up, directly or not."""
    below = [maker.name for maker in lookups if root in _ancestors(derivation, maker.name)]
    known = [name for name in below if name in found]
    if not known:
        return
    encoder, maker = derivation.encoders[root], derivation.makers[root]
    part = maker.rest if isinstance(maker, Lookup) else maker.parts[0]
    if part is None:
        return
    values, shares = _values(encoder, part)
    size = len(found[known[0]][1])
    drawn, made = np.full(size, np.nan), np.zeros(size, bool)
    for rows, given in _patterns(derivation, lookups, found):
        told = [name for name in known if name in given and not np.isnan(given[name])]
        if not told or (root in given and not strict) or _follows(derivation, root, given):
            continue
        candidates = np.array([given[root]]) if root in given else values
        weights = np.ones(1) if root in given else shares
        weights = weights * _odds(derivation, root, candidates, given)
        present = weights * ~np.isnan(candidates)
        weights = present if filled and present.any() else weights
        if not weights.sum():
            if strict:
                _refuse(derivation, [name for name in (*given,) if name in (root, *told)], found, rows[0])
            continue
        if root not in given:
            drawn[rows] = rng.choice(candidates, size=len(rows), p=weights / weights.sum())
            made[rows] = True
    if made.any():
        nothing = pd.Series([None] * size, dtype=object, name=root), np.zeros(size, bool)
        before, there = found.get(root, nothing)
        column = before.astype(object).reset_index(drop=True)
        # Only the drawn rows: beside a missing cell pandas makes whole numbers floats, which end at 2**53.
        column[made] = encoder.cells(drawn[made]).astype(object).to_numpy()
        found[root] = column, there | made


def _values(encoder: ColumnEncoder, part: Part) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers that a part's codes stand for, and how many training rows have each code, (V,)."""
    codes = np.arange(part.spec.levels)
    cells, special = part.decode(codes, np.full(len(codes), 0.5, np.float32))
    return encoder.feature(cells), np.where(special < 0, part.counts, 0).astype(float)


def _follows(derivation: Derivation, name: str, given: Mapping[str, float]) -> bool:
    """Tell if a column is looked up by known cells, or by open ones, so that it is not to be drawn itself."""
    tables = derivation.plan.lookups.get(name, ())
    return any(not any(np.isnan(given.get(source, 0.0)) for source in sources) for sources in tables)


def _ancestors(derivation: Derivation, name: str) -> set[str]:
    """Name all columns from which a column is looked up, directly or not."""
    found: set[str] = set()
    for sources in derivation.plan.lookups.get(name, ()):
        for source in sources:
            found |= {source} | _ancestors(derivation, source)
    return found


def _patterns(
    derivation: Derivation, lookups: list[Lookup], found: Fixed
) -> Iterator[tuple[np.ndarray, dict[str, float]]]:
    """List rows with the same known cells of the columns that lookups are about, and these cells' numbers."""
    linked = {name for maker in lookups for table in maker.tables for name in (maker.name, *table.sources)}
    names = [name for name in derivation.plan.order if name in linked and name in found]
    table = {}
    for name in names:
        cells, there = found[name]
        numbers = derivation.encoders[name].feature(cells)
        table[name] = np.where(there, np.where(np.isnan(numbers), -1e300, numbers), np.inf)
    frame = pd.DataFrame(table)
    for rows in frame.groupby(names, sort=False).indices.values():
        first = frame.iloc[rows[0]]
        known = {str(name): float(number) for name, number in first.items() if number != np.inf}
        yield (
            np.asarray(rows),
            {name: np.nan if number == -1e300 else number for name, number in known.items()},
        )


def _odds(
    derivation: Derivation,
    root: str,
    candidates: np.ndarray,
    given: Mapping[str, float],
) -> np.ndarray:
    """Compute how well each candidate of a column goes with the known cells of a row, float64 (V,)."""
    size = len(candidates)
    cells, there = Cells(derivation.encoders), {name: np.zeros(size, bool) for name in derivation.encoders}
    everything = np.ones(size, bool)
    for name, number in {**given, root: candidates}.items():
        if name == root or name not in derivation.plan.lookups:
            cells.put_numbers(name, np.broadcast_to(np.asarray(number, dtype=float), size))
            there[name] = everything
    odds = np.ones(size)
    for name in derivation.plan.order:
        maker = derivation.makers[name]
        if not isinstance(maker, Lookup) or (name == root and name not in given):
            continue
        if name in given:
            # A cell that does not depend on this column fits all candidates alike.
            depends = name == root or root in _ancestors(derivation, name)
            if depends and not np.isnan(given[name]):
                odds *= maker.odds(given[name], cells, there)
            cells.put_numbers(name, np.full(size, given[name]))
            there[name] = everything
        else:
            numbers, told = maker.derived(cells, there)
            cells.put_numbers(name, numbers)
            there[name] = told
    return odds


def _refuse(derivation: Derivation, names: list[str], found: Fixed, row: int) -> None:
    shown = " with ".join(f"{name}={found[name][0].iloc[row]}" for name in names)
    bound = [rule for rule in derivation.rules if rule.kind == "determines" and rule.right in names]
    bound = [rule for rule in bound if set(rule.columns) <= set(names)] or bound
    rules = [repr(rule.text) for rule in bound]
    raise DataError(
        f"no training row has {shown}, as the {agreed(len(rules), 'rule', 'rules')} {', '.join(rules)} "
        "would need; "
        f"leave one of these columns out."
    )


def _refuse_new(derivation: Derivation, maker: Lookup, found: Fixed) -> None:
    """Raise ``DataError`` if an open cell must be looked up by a value that no training row has."""
    sources = maker.tables[0].sources
    if len(sources) > 1 or sources[0] not in found:
        return
    cells, there = found[sources[0]]
    numbers = derivation.encoders[sources[0]].feature(cells)
    open_ = ~found[maker.name][1] if maker.name in found else np.ones(len(there), bool)
    rows = np.flatnonzero(there & open_ & ~np.isnan(numbers))
    new = rows[~np.isin(numbers[rows], maker.tables[0].keys[:, 0])]
    if len(new):
        raise DataError(
            f"column {maker.name!r} is looked up by {sources[0]!r}, but no training row has "
            f"{sources[0]}={cells.iloc[new[0]]} ({counted(len(new), 'row')}); give {maker.name!r} "
            f"too, or leave these rows out."
        )


def unfit(derivation: Derivation, columns: Mapping[str, pd.Series], known: Known) -> tuple[str, int] | None:
    """Find a rule that rows break by a cell that was not known, though its value is looked up.

    Args:
        derivation: derivation of the table's columns.
        columns: all columns of N rows.
        known: mask of the known cells of each column, bool (N,).

    Returns:
        The rule's text and the number of rows; ``None`` if there is none.
    """
    cells = Cells(derivation.encoders, columns)
    for maker in derivation.makers.values():
        if not isinstance(maker, Lookup):
            continue
        for table in maker.tables:
            names = (*table.sources, maker.name)
            rows = np.flatnonzero(table.speaks(cells) & ~cells.absent(maker.name))
            rows = rows[~np.all([known[name][rows] for name in names], axis=0)] if len(rows) else rows
            wrong = table.answer(cells, rows) != cells.numbers(maker.name)[rows] if len(rows) else np.empty(0)
            if wrong.any():
                return f"{', '.join(table.sources)} -> {maker.name}", int(wrong.sum())
    return None
