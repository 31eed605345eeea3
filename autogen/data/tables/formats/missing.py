"""Cells of a text file that count as missing, by the rules of ``pandas.read_csv``."""

MISSING = frozenset(
    ("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>")
) | frozenset(("N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"))
#: Share of the cells that must be numbers (dates, truth values ...) to make a column one of these.
NUMBER_SHARE = 0.9
