"""What earns a column of texts the name identifier: values that differ and are nothing else."""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

#: Share of the cells that must differ, and share of the texts that make a column what they look like.
DIFFERENT, MOST = 0.9, 0.9
#: Sequences of few symbols: most symbols, fewest characters of a text, share of characters that are rare.
_FEW_SYMBOLS, _LONG, _RARE = 6, 6, 0.005
#: Letters that random codes of letters alone have, and most characters of such a code.
_MANY_LETTERS, _SHORT = 18, 10
_HEX = frozenset("0123456789abcdefABCDEF")
_LOOKED = 500
_MONTH = r"(\d{1,2}|[^\W\d_]{3,9})"
_KINDS = (
    ("numbers", re.compile(r"\W{0,3}\d[\d.,'’]*[.,]\d+\s?[^\W\d_]{0,3}\W{0,3}|[+\-−(]\d+\)?|\d+[%‰°]")),
    (
        "dates",
        re.compile(rf"\D?(\d{{4}}[-/.]{_MONTH}[-/.]\d\d?|\d\d?[-/.]{_MONTH}[-/.](\d{{4}}|\d\d))(\D.*)?"),
    ),
    ("times", re.compile(r".*\d:[0-5]\d(\D.*)?")),
    ("parts of numbers", re.compile(r"\d{1,4}([/x×:~]\d{1,4})+")),
    ("lists", re.compile(r".*[,;|].*|[\[({<].*[\])}>]")),
    ("links or paths", re.compile(r"(\w+:)?//.*|(\.{0,2}/|[A-Za-z]:\\).*|.*\.(com|org|net|html?|php)(/.*)?")),
)
_MAC = re.compile(r"[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5,7}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.\w+")


def why_no_identifier(texts: Sequence[str], cells: int) -> str:
    """Tell what texts look like if they have not earned the name identifier; empty if they have.

    Args:
        texts: unique texts of a column, (U,).
        cells: number of cells that are not missing.
    """
    if len(texts) < DIFFERENT * cells:
        return f"texts that repeat too little for categories ({len(texts)} different in {cells} cells)"
    some = [texts[i].strip() for i in np.linspace(0, len(texts) - 1, min(len(texts), _LOOKED)).astype(int)]
    if _share(some, _MAC) >= MOST or _share(some, _MAIL) >= MOST:
        return ""
    for name, pattern in _KINDS:
        if _share(some, pattern) >= MOST:
            return f"what looks like {name} in no format that autogen knows"
    return _few_symbols(some)


def _few_symbols(texts: Sequence[str]) -> str:
    """Tell if most texts are sequences of few symbols, or words of letters alone."""
    counts = Counter("".join(texts).casefold())
    usual = [symbol for symbol, count in counts.items() if count >= _RARE * counts.total()]
    length = float(np.median([len(text) for text in texts]))
    if len(usual) <= _FEW_SYMBOLS and length >= _LONG:
        return f"sequences of {len(usual)} symbols"
    letters = [text for text in texts if text.isalpha()]
    if len(letters) < MOST * len(texts):
        return ""
    alike = [text for text in letters if len(text) == length]
    codes = set("".join(alike)) <= _HEX or _random(alike)
    return "" if len(alike) >= MOST * len(texts) and codes else "words or sequences of letters"


def _random(texts: Sequence[str]) -> bool:
    """Tell if texts of one length are codes: short, of one case, with nearly any letter at each place."""
    places = [set(place) for place in zip(*texts, strict=True)]
    cased = "".join(texts)
    many = min(len(place) for place in places) >= min(_MANY_LETTERS, len(texts) // 2)
    return many and len(places) <= _SHORT and (cased.isupper() or cased.islower())


def _share(texts: Sequence[str], pattern: re.Pattern[str]) -> float:
    return sum(bool(pattern.fullmatch(text)) for text in texts) / max(1, len(texts))
