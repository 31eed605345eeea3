"""Patterns of made-up personal data: names, addresses and e-mail addresses with words that nobody has."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from autogen.data.tables.made_up.id_patterns import MOST_PATTERNS, IdPattern, find_patterns, shared_out
from autogen.data.tables.made_up.words import new_words
from autogen.data.tables.reading.personal_forms import ADDRESSES, MAILS, NAMES, NETWORKS, USERS

#: Most words that are made for one place of a pattern.
MOST_WORDS = 1000
_TOKEN = re.compile(r"[^\W\d_]+|\d+|[\W_]")
_CYRILLIC = "АБВГДЕЖЗИКЛМНОПРСТ"
_INITIALS, _DIGITS, _FIRST_DIGITS = "ABCDEFGHJKLMNPRSTW", "0123456789", "123456789"
#: Domains that are nobody's (RFC 2606).
_DOMAINS = ("com", "net", "org")
_TITLES_TEXT = """
mr mrs ms miss dr prof ing mag sir rev col capt major lady jr sr ii iii iv phd md von van de der den du
la le di da del della dos bin ibn el al und and or of gmbh ltd inc corp llc ag co plc kg srl sarl bv oy ab ооо
"""
_STREETS_TEXT = """
street st road rd avenue ave lane ln drive dr court ct way boulevard blvd square place rue via calle rua
avenida platz weg gasse straße strasse str am an der im in de la le du del di north south east west apt
unit floor
"""
#: Words that made-up names and addresses keep.
_TITLES, _STREET_WORDS = frozenset(_TITLES_TEXT.split()), frozenset(_STREETS_TEXT.split())
#: Nets of no public address (RFC 1918, 2544, 6598), and the numbers at a place of an address.
_NETS = ("10.", "172.16.", "192.168.", "198.18.", "100.64.")
_NET, _OCTETS = re.compile(r"\d{1,3}(\.\d{1,3}){3}"), tuple(map(str, range(256)))
#: Share of the texts of a column that have a word which is kept in made-up addresses: a city.
_FREQUENT = 0.1


def personal_patterns(what: str, texts: Sequence[str]) -> tuple[IdPattern, ...]:
    """Find patterns of texts like those of a column of personal data; none of their texts is a real one.

    Args:
        what: sort of the data, as ``autogen.data.tables.reading.personal`` names it.
        texts: cells of the column, not missing.
    """
    if what == MAILS:
        return (_mails(texts),)
    if what == NETWORKS and all(map(_NET.match, texts)) and (free := _free_net(texts)):
        return (free,)
    kept = {NAMES: _TITLES, USERS: frozenset[str](), ADDRESSES: _kept(texts)}
    found = _worded(texts, kept[what]) if what in kept else ()
    return found or find_patterns(texts)


def _free_net(texts: Sequence[str]) -> IdPattern | None:
    """Make addresses of a net of no public address that no text is in; ``None`` if all are taken."""
    for net in _NETS:
        if not any(text.startswith(net) for text in texts):
            places = [part for _ in range(4 - net.count(".")) for part in ((".",), _OCTETS)][1:]
            return IdPattern(((net,), *places), 100)
    return None


def _mails(texts: Sequence[str]) -> IdPattern:
    """Make addresses of two words at domains that nobody has."""
    taken = {word for text in texts for word in _words(text)}
    words = {word for text in texts for word in _words(text.partition("@")[0]) if len(word) > 2}
    made = new_words(words or taken or {"name"}, MOST_WORDS, taken, seed=0)
    made = tuple(word.lower() for word in made)
    return IdPattern((made, (".",), made, ("@example.",), _DOMAINS), 100)


def _kept(texts: Sequence[str]) -> frozenset[str]:
    """List the words of addresses that stay: those of streets, and cities that many cells have."""
    counts = Counter(word for text in texts for word in set(_words(text.casefold())))
    return _STREET_WORDS | {word for word, count in counts.items() if count >= _FREQUENT * len(texts)}


def _worded(texts: Sequence[str], kept: frozenset[str]) -> tuple[IdPattern, ...]:
    """Find the patterns of texts of words; those without a word to make up are none."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for text in texts:
        groups[tuple(_masked(text.strip(), kept))].append(text.strip())
    ranked = sorted(groups.items(), key=lambda group: -len(group[1]))
    usual = [(mask, group) for mask, group in ranked if "W" in mask][:MOST_PATTERNS]
    if not usual:
        return ()
    taken = {word for text in texts for word in _words(text)}
    shares = shared_out([len(group) for _, group in usual])
    return tuple(
        IdPattern(tuple(_places(mask, group, taken)), share)
        for (mask, group), share in zip(usual, shares, strict=True)
    )


def _masked(text: str, kept: frozenset[str]) -> Iterator[str]:
    """Write the tokens of a text: ``W`` for a word, ``I`` for an initial, ``9`` for digits, others as are."""
    for token in _TOKEN.findall(text):
        if token.isdigit():
            yield "9" * len(token)
        elif not token.isalpha() or token.casefold() in kept:
            yield f"={token}"
        else:
            yield "W" if len(token) > 1 or not token.isupper() else "I"


def _places(mask: Sequence[str], texts: Sequence[str], taken: set[str]) -> Iterator[Sequence[str]]:
    """List what may stand at each place of a pattern."""
    columns = list(zip(*(_TOKEN.findall(text) for text in texts), strict=True))
    for number, (sort, seen) in enumerate(zip(mask, columns, strict=True)):
        if sort == "W":
            words = set(seen)
            yield new_words(words, min(len(words), MOST_WORDS), taken, seed=number)
        elif sort == "I":
            yield _INITIALS if "".join(seen).isascii() else _CYRILLIC
        elif sort.startswith("="):
            yield (sort[1:],)
        else:
            yield from (_FIRST_DIGITS, *[_DIGITS] * (len(sort) - 1))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text)
