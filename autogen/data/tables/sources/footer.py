"""Lines of a table that are none of its rows: sentences and totals below them, rules that are drawn."""

import csv
import io
import re
from collections.abc import Sequence
from itertools import pairwise

import pandas as pd

from autogen.errors import agreed

#: Fewest columns of a table over lines that are none of its rows, most such lines, characters that are shown.
_LEAST_COLUMNS, _MOST_BELOW, _SHOWN = 3, 5, 60
#: Words for sums of the rows above, in small letters, and others that are so below all rows alone.
_TOTALS = re.compile(
    r"(grand[ -]?|sub[ -]?|sum )?totals?( general| général| geral| sum)?|(gesamt|zwischen|end)?summe"
    r"|insgesamt|gesamt(ergebnis|betrag)?|somme|totale( generale)?|suma total|totaal|totalt|yhteensä|razem"
    r"|ogółem|celkem|spolu|összesen|итого|всего|разом|общо|(genel )?toplam|σύνολο|合計|総計|小計|合计|总计"
    r"|小计|總計|합계|총계|소계|المجموع|الإجمالي"
)
_BELOW = re.compile(
    r"sum|suma|overall|averages?|means?|durchschnitt|mittelwert|moyenne|ensemble|promedio|media"
)
_DASHES = re.compile(r"\s*[-=_:]+\s*")
_RULE = re.compile(r"\s*[-=_:—–]{2,}\s*|\s*")
#: Signs of a line that is drawn, with two dashes or more. Signs of drawn boxes, as plain ones.
_SIGNS = frozenset("-+|:= \t")
_BOXES = str.maketrans("│┃║─━═┌┬┐├┼┤└┴┘╞╪╡╔╦╗╠╬╣╚╩╝", "|||" + "---" + "+" * 21)
_FIRST, _LOOKED, _MOST = 4, 50, 0.9
#: Line that rules two columns or more, as below the header of SQL*Plus, sqlcmd, SQLite and reStructuredText.
_RULED = re.compile(r" *[-=]{2,}(?: +[-=]+)+ *")
_CLOSE, _FEWEST_ROWS = 1e-6, 3


def without_footer(body: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Leave out what stands below the rows: sentences or signs in the first cell, and no row like them above.

    ``Source: our own counts``, ``(120 rows affected)``, the sign U+001A at the end of old files.
    """
    alone = (body.iloc[:, 1:] == "").all(axis=1).to_numpy() & (body.iloc[:, 0] != "").to_numpy()
    count = int(alone[::-1].cumprod().sum())
    if body.shape[1] < _LEAST_COLUMNS or not 0 < count <= _MOST_BELOW or alone.sum() > count:
        return body, []
    rows, lines = body.iloc[:-count], body.iloc[-count:, 0].tolist()
    known = set(rows.iloc[:, 0])
    if any(line in known or re.fullmatch(r"[\w.,:/-]+", line.strip()) for line in lines):
        return body, []
    were = agreed(count, "line below the rows was", "lines below the rows were")
    return rows, [f"{count} {were} left out ({lines[0].strip()[:_SHOWN]!r})."]


def without_totals(frame: pd.DataFrame, *, cut: bool) -> tuple[pd.DataFrame, list[str]]:
    """Leave out sums and means of the rows that stand below them, and warn of others.

    A last row is a total if it is called one, as no row above, and has an empty cell or the sum or mean of a
    column; or if its label is missing and it has the sums of the columns.

    Args:
        frame: texts of a file, or values.
        cut: False to warn of totals below the rows and leave them.
    """
    count = 0
    while count < min(_MOST_BELOW, len(frame) - _FEWEST_ROWS) and _is_total(frame, len(frame) - count - 1):
        count += 1
    if all(_is_rule(_cells(frame, -1 - place)) for place in range(count)):
        count = 0
    notes = []
    rows = frame.iloc[: len(frame) - count] if count and cut else frame
    if count:
        lowest = (_cells(frame, -1 - place) for place in range(count))
        cells = next(cells for cells in lowest if not _is_rule(cells))
        shown = " | ".join(filter(None, cells))[:_SHOWN]
        lines, are = agreed(count, "row is", f"{count} rows are"), agreed(count, "a total", "totals")
        notes.append(
            f"{count} {agreed(count, 'line below the rows was', 'lines below the rows were')} left out as "
            f"{are} ({shown!r})."
            if cut
            else f"Warning: the last {lines} maybe {are} of the others ({shown!r}); leave out what is no row."
        )
    return rows, [*notes, *_inner_totals(rows.iloc[: len(frame) - count])]


def without_rules(body: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Leave out a line of dashes between the header and the rows."""
    first = _cells(body, 0) if len(body) else [""]
    if not all(map(_DASHES.fullmatch, first)) or not any(map(_RULE.fullmatch, first)):
        return body, []
    return body.iloc[1:].reset_index(drop=True), ["A line of dashes below the header was left out."]


def undrawn(text: str) -> tuple[str, list[str]]:
    """Write a drawn table, as Markdown and clients of databases have them, as cells between ``|``."""
    start = text[: 2**14]
    if ruled := _ruled(text) if re.search(f"(?m)^{_RULED.pattern}\r?$", start) else None:
        return ruled
    if "|" not in start and "│" not in start and "┃" not in start and "║" not in start:
        return text, []
    plain = text.translate(_BOXES) if re.search("[│┃║]", start) else text
    lines = plain.splitlines()
    first = [line for line in lines[:_LOOKED] if line.strip()]
    rules = [_is_drawn(line) for line in first]
    inner = [line for line, drawn in zip(first, rules, strict=True) if not drawn]
    if not any(rules[:_FIRST]) or sum("|" in line for line in inner) < _MOST * len(inner):
        return text, []
    rows, left = list[list[str]](), 0
    for line in lines:
        if _is_drawn(line) or not line.strip():
            continue
        if "|" not in line:
            left += 1
            continue
        row = line.strip().removeprefix("|")
        row = row.removesuffix("|") if not row.endswith("\\|") else row
        rows.append([cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row)])
    return _written(rows, left)


def _written(rows: Sequence[Sequence[str]], left: int) -> tuple[str, list[str]]:
    """Write the cells of a drawn table between ``|``, and note the lines that were left out beside it."""
    written = io.StringIO(newline="")
    csv.writer(written, delimiter="|", lineterminator="\n").writerows(rows)
    more = f", and {left} {agreed(left, 'line', 'lines')} beside it" if left else ""
    return written.getvalue(), [f"The lines of a drawn table were left out{more}."]


def _ruled(text: str) -> tuple[str, list[str]] | None:
    """Write a table with columns of fixed widths, which a line of dashes shows; ``None`` for another text.

    The header stands above the line, or below it and above an equal one (reStructuredText, where a row
    without a first cell goes on with the row before).
    """
    lines = text.expandtabs().splitlines()
    first = next((place for place, line in enumerate(lines) if _RULED.fullmatch(line)), len(lines))
    if first == len(lines):
        return None
    spans = [found.span() for found in re.finditer("[-=]+", lines[first])]
    second = next((i for i in (first + 2, first + 3) if lines[i : i + 1] == [lines[first]]), 0)
    last = next((i for i in range(second + 1, len(lines)) if lines[i] == lines[first]), 0) if second else 0
    header = lines[first + 1 : second] if second else lines[max(0, first - 1) : first]
    body = lines[(second or first) + 1 : last or len(lines)]
    parts = [_cut(line, spans) for line in header]
    names = [" ".join(filter(None, cells)) for cells in zip(*parts, strict=True)]
    rows, strange = list[list[str]](), 0
    for line in body:
        cells = _cut(line, spans)
        if not line.strip() or _RULED.fullmatch(line) or cells == names:
            continue
        if any(line[end:start].strip() for (_, end), (start, _) in pairwise(spans)):
            strange += 1
        elif second and not cells[0] and rows:
            rows[-1] = [" ".join(filter(None, pair)) for pair in zip(rows[-1], cells, strict=True)]
        else:
            rows.append(cells)
    if not any(names) or not rows or strange > (1 - _MOST) * len(rows) + 1:
        return None
    outside = [*lines[: first - (not second)], *(lines[last + 1 :] if last else [])]
    return _written([names, *rows], strange + sum(bool(line.strip()) for line in outside))


def _cut(line: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    """Cut a line into cells that begin where columns do."""
    ends = [start for start, _ in spans[1:]]
    return [line[start:end].strip() for (start, _), end in zip(spans, [*ends, None], strict=True)]


def _is_drawn(line: str) -> bool:
    return ("--" in line or "==" in line) and _SIGNS.issuperset(line)


def _is_total(frame: pd.DataFrame, place: int) -> bool:
    """Tell if a row is a sum or mean of those above, or a line that is drawn."""
    cells = _cells(frame, place)
    if _is_rule(cells):
        return True
    label = next((at for at, cell in enumerate(cells) if cell.strip()), 0)
    above = frame.iloc[:place]
    if _names_total(cells[label]):
        same = above.iloc[:, label].astype(str).str.strip() == cells[label].strip()
        return not same.any() and (any(not cell.strip() for cell in cells) or _sums(above, cells, label) > 0)
    empty = [at for at in range(label) if (above.iloc[:, at].astype(str) != "").mean() >= _MOST]
    return bool(empty) and _sums(above, cells, label - 1) > 0


def _sums(above: pd.DataFrame, cells: Sequence[str], label: int) -> int:
    """Count the cells behind a label that are the sum or the mean of their column."""
    count = 0
    for at in range(label + 1, len(cells)):
        value = _number(cells[at])
        if value is None or not value:
            continue
        numbers = [number for cell in above.iloc[:, at] if (number := _number(str(cell))) is not None]
        if len(numbers) < _MOST * len(above):
            continue
        means = (sum(numbers), sum(numbers) / len(numbers))
        count += any(abs(value - one) <= _CLOSE * abs(one) + 0.005 for one in means)
    return count


def _number(cell: str) -> float | None:
    """Read a number with separators of any sort; ``None`` for other texts."""
    text = re.sub(r"[^\d.,-]", "", cell)
    if not re.search(r"\d", text) or re.search(r"[^\W\d_]{4}", cell):
        return None
    point = max(text.rfind("."), text.rfind(","))
    if point >= 0 and (len(text) - point - 1 != 3 or ("." in text and "," in text)):
        text = f"{re.sub('[.,]', '', text[:point])}.{text[point + 1 :]}"
    else:
        text = re.sub("[.,]", "", text)
    try:
        return float(text)
    except ValueError:
        return None


def _inner_totals(frame: pd.DataFrame) -> list[str]:
    """Warn of totals between the rows, in the first columns of texts."""
    notes = []
    for name in frame.columns[:_LEAST_COLUMNS]:
        column = frame[name]
        if column.dtype.kind in "biufcmM":
            continue
        texts = column if column.dtype != object else column[column.map(lambda cell: isinstance(cell, str))]
        letters = [word for word in texts.unique() if isinstance(word, str) and not word[:1].isdecimal()]
        words = [word for word in letters if _names_total(word, below=False)]
        if count := int(texts.isin(words).sum()) if words else 0:
            notes.append(
                f"Warning: {count} {agreed(count, 'row has', 'rows have')} {words[0]!r} in column "
                f"{str(name)!r}: leave out what is a sum of other rows."
            )
    return notes


def _names_total(cell: str, *, below: bool = True) -> bool:
    word = cell.strip(" *_").rstrip(":= ").casefold()
    return bool(_TOTALS.fullmatch(word) or (below and _BELOW.fullmatch(word)))


def _is_rule(cells: Sequence[str]) -> bool:
    return all(map(_RULE.fullmatch, cells))


def _cells(frame: pd.DataFrame, place: int) -> list[str]:
    row = frame.iloc[place]
    return ["" if cell is None or cell is pd.NA or cell != cell else str(cell) for cell in map(_plain, row)]


def _plain(cell: object) -> object:
    """Leave out what is no single value."""
    return cell if isinstance(cell, str | int | float | None) or cell is pd.NA else "..."
