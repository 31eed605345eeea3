"""Columns that look like personal data, so that the user is warned before real values are repeated."""

import re
from collections.abc import Sequence

_STREET = r"[^\W\d_][\w .'-]{2,40}"
_PATTERNS = (
    ("e-mail addresses", r"[^@\s]+@[^@\s]+\.\w{2,}"),
    ("phone numbers", r"(\+|00)\d{1,3}[\d ()/.-]{6,16}|\(?0\d{1,5}\)?[ /-][\d -]{5,12}"),
    ("bank accounts", r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?"),
    (
        "addresses",
        rf"{_STREET}(str\.?|stra(ß|ss)e|gasse|weg|platz| street| st\.?| road) \d{{1,4}}\w?(,.*)?"
        rf"|\d{{1,5}} {_STREET} (street|st|road|rd|avenue|ave)\.?(,.*)?"
        rf"|(am|an der|im) {_STREET} \d{{1,4}}\w?(,.*)?",
    ),
)
_NAMES = re.compile(
    r"(first|last|full|family|given|sur|fore|middle|maiden|patient|customer|employee|contact)[ _-]?name|"
    r"vorname|nachname|familienname|nom|pr[ée]nom|apellidos?|cognome",
    re.IGNORECASE,
)
_SHARE, _LOOKED = 0.8, 200
_CASE = {what: re.NOFLAG if what == "bank accounts" else re.IGNORECASE for what, _ in _PATTERNS}


def personal_data(name: str, values: Sequence[str]) -> str:
    """Name the personal data that a column of texts looks like; empty if it looks like none.

    Args:
        name: name of the column.
        values: unique texts, (U,).
    """
    some = values[:: max(1, len(values) // _LOOKED)]
    for what, pattern in _PATTERNS:
        found = [bool(re.fullmatch(pattern, text.strip(), _CASE[what])) for text in some]
        if sum(found) >= _SHARE * max(1, len(found)):
            return what
    return "names of persons" if _NAMES.fullmatch(name.strip()) else ""
