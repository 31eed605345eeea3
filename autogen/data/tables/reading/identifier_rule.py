"""What earns a column of texts the name identifier: values that differ and are nothing else."""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

#: Share of the cells that must differ, and share of the texts that make a column what they look like.
DIFFERENT, MOST = 0.9, 0.9
#: Sequences of few symbols: most symbols, most of digits alone, fewest characters
#: of a text, share of characters that are rare.
_FEW_SYMBOLS, _BITS, _LONG, _RARE = 6, 2, 6, 0.005
#: Letters that random codes of letters alone have, and most characters of such a code.
_MANY_LETTERS, _SHORT = 18, 10
_HEX = frozenset("0123456789abcdefABCDEF")
_LOOKED = 500
#: Forms of signs that cover identifiers; more different ones than this share of the texts are no form at all.
_FORMS, _FORMLESS = 12, 0.2
_RANDOM_BYTES = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_MONTH = r"(\d{1,2}|[^\W\d_]{3,9})"
_PARTS, _VERSIONS = "parts of numbers", "versions"
_KINDS = (
    ("colors", re.compile(r"#[0-9A-Fa-f]{3,8}")),
    (
        "network addresses",
        re.compile(
            r"(?=.*(::|[A-Fa-f]))(?=.*:.*:)[0-9A-Fa-f:.]{2,45}(/\d{1,3})?|(\d{1,3}\.){3}\d{1,3}([:/]\d{1,5})?"
        ),
    ),
    (
        "numbers",
        re.compile(
            r"\W{0,3}\d[\d.,'’]*[.,]\d+\s?[^\W\d_]{0,3}\W{0,3}|[+\-−(~<>≤≥≈]{1,2}\d+\)?|\d+[%‰°+,.-]{1,2}"
            r"|[+-]?[\d.,]+\s?(±|\+/-)\s?[\d.,]+"
            r"|\(?[+-]?[\d.]+([eE][+-]?\d+)?([+-][\d.e]+)?j\)?|0[xX][0-9A-Fa-f]{1,16}|0b[01]+|((?![0-9])[\d.,])+"
            r"|[\"'“„«‹][+-]?[\d.,]+[\"'”“»›]"
            r"|[+-]?\d+[.,]\d+[eE][+-]?\d+"
        ),
    ),
    (
        "dates",
        re.compile(rf"\D?(\d{{4}}[-/.]{_MONTH}[-/.]\d\d?|\d\d?[-/.]{_MONTH}[-/.](\d{{4}}|\d\d))(\D.*)?"),
    ),
    ("times", re.compile(r".*\d:[0-5]\d(\D.*)?|\d{1,4}h[0-5]\d")),
    (_PARTS, re.compile(r"\d{1,4}([/x×:~]\d{1,4})+")),
    ("coordinates", re.compile(r"[NSEWO]?\s?[+-]?\d{1,3}([.,]\d+)?\s?°\s?(\d.*)?[NSEWO]?")),
    (_VERSIONS, re.compile(r"[vV]?\d{1,4}(\.\d{1,4}){2,3}([-+._]?[A-Za-z][\w.+-]*)?")),
    ("lists", re.compile(r".*[,;|].*|[\[({<].*[\])}>]")),
    ("links or paths", re.compile(r"(\w+:)?//.*|(\.{0,2}/|[A-Za-z]:\\).*|.*\.(com|org|net|html?|php)(/.*)?")),
)
#: Numbers with underscores between thousands, if they have several lengths.
_GROUPED = re.compile(r"[+-]?\d{1,3}(_\d{3})+")
_MAC = re.compile(r"[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5,7}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.\w+")


def why_no_identifier(texts: Sequence[str], cells: int, named: bool = False) -> str:
    """Tell what texts look like if they have not earned the name identifier; empty if they have.

    Args:
        texts: unique texts of a column, (U,).
        cells: number of cells that are not missing.
        named: True if the column is called ``id``, ``key`` or the like: its texts may have several numbers.
    """
    if len(texts) < DIFFERENT * cells:
        return f"texts that repeat too little for categories ({len(texts)} different in {cells} cells)"
    some = [texts[i].strip() for i in np.linspace(0, len(texts) - 1, min(len(texts), _LOOKED)).astype(int)]
    if _share(some, _MAC) >= MOST or _share(some, _MAIL) >= MOST:
        return ""
    lengths = {len(text) for text in some if _GROUPED.fullmatch(text)}
    if len(lengths) > 1 and _share(some, _GROUPED) >= MOST:
        return "what looks like numbers in no format that autogen learns"
    for name, pattern in _KINDS:
        if _share(some, pattern) >= MOST and not (named and name in (_PARTS, _VERSIONS)):
            return f"what looks like {name} in no format that autogen learns"
    return _few_symbols(some) or ("" if named else _several_numbers(some)) or _formless(some)


def _several_numbers(texts: Sequence[str]) -> str:
    """Tell if most texts are numbers of several lengths in the same frame; a count may stand at the end."""
    frame, count = Counter(re.sub(r"\d+", "9", text) for text in texts).most_common(1)[0]
    if count < MOST * len(texts):
        return ""
    rows = [re.findall(r"\d+", text) for text in texts if re.sub(r"\d+", "9", text) == frame]
    lengths = [{len(number) for number in numbers} for numbers in zip(*rows, strict=True)]
    return "several numbers in one text" if any(len(some) > 1 for some in lengths[:-1]) else ""


def _formless(texts: Sequence[str]) -> str:
    """Tell if texts have signs at ever other places; random bytes in base 64 may."""
    if _share(texts, _RANDOM_BYTES) >= MOST:
        return ""
    forms = Counter(re.sub(r"[^\W_]+", "a", text) for text in texts)
    covered = sum(count for _, count in forms.most_common(_FORMS))
    formless = len(forms) > _FORMLESS * len(texts) and covered < MOST * len(texts)
    return "texts of no common form" if formless else ""


def _few_symbols(texts: Sequence[str]) -> str:
    """Tell if most texts are sequences of few symbols, or words of letters alone."""
    counts = Counter("".join(texts).casefold())
    usual = [symbol for symbol, count in counts.items() if count >= _RARE * counts.total()]
    length = float(np.median([len(text) for text in texts]))
    most = _BITS if all(map(str.isdecimal, usual)) else _FEW_SYMBOLS  # long numbers may have few digits
    if len(usual) <= most and length >= _LONG:
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
