"""Forms of personal data by the values alone, of many countries: ids, plates, addresses of streets."""

import re
from collections.abc import Callable

NAMES, IDS, MAILS = "names of persons", "ids of persons", "e-mail addresses"
PHONES, ACCOUNTS, ADDRESSES = "phone numbers", "bank accounts", "addresses"
CARDS, NETWORKS, VEHICLES = "payment cards", "network addresses", "vehicle numbers"
USERS, POSITIONS = "user names", "coordinates"

_STREET = r"[^\W\d_][\w .'-]{2,40}"
#: Extension of a phone number: ``x12``, ``ext. 12``.
EXTENSION = r"( ?(x|ext\.?|extension) ?\d{1,6})?"
_CYRILLIC = "[А-ЯЁІЇЄ]"
#: Number of a house, and what follows it.
_HOUSE = r"\d{1,4} ?[a-zA-Z]?([/-]\d{1,4}[a-zA-Z]?)?(,.*)?"
_MONTH, _DAY = "(0[1-9]|1[0-2])", r"(0[1-9]|[12]\d|3[01])"
_OCTET = r"(25[0-5]|2[0-4]\d|1?\d?\d)"
_IDS = (
    *(r"\d{3}-\d{2}-\d{4}", r"\d{3}\.\d{3}\.\d{3}-\d{2}", r"@[\w.]{2,30}"),  # United States, Brazil; users
    *(r"[A-Z]{2} \d\d \d\d \d\d [A-D]", r"[A-CEGHJ-PR-TW-Z]{2}\d{6}[A-D]"),  # United Kingdom
    r"[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]",  # Italy
    rf"[1-9]\d{{5}}(18|19|20)\d\d{_MONTH}{_DAY}\d{{3}}[\dXx]",  # China
    *(rf"(\d\d)?\d\d{_MONTH}{_DAY}[-+]\d{{4}}", rf"{_DAY}{_MONTH}\d\d-\d{{4}}"),  # Sweden, Denmark
    rf"{_DAY}{_MONTH}\d\d[-+A-F]\d{{3}}[0-9A-FHJ-NPR-Y]",  # Finland
    *(rf"\d\d{_MONTH}{_DAY}-[1-8]\d{{6}}", r"756\.\d{4}\.\d{4}\.\d\d"),  # Korea, Switzerland
    *(r"[A-Z]{4}\d{6}[HM][A-Z]{5}[0-9A-Z]\d", r"[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z]"),  # Mexico, India
    *(rf"\d{{4}} {_DAY}(0[1-9]|1[0-5])\d\d", r"\d\d\.\d\d\.\d\d-\d{3}\.\d\d"),  # Austria, Belgium
    *(r"\d\d \d{3} \d{3} \d{3}", r"\d{3}-\d{3}-\d{3} \d\d"),  # Germany, Russia
    *(rf"[12] \d\d {_MONTH} \d[\dAB] \d{{3}} \d{{3}}( \d\d)?", rf"[12]\d\d{_MONTH}\d[\dAB]\d{{8}}"),  # France
)
_PLATES = (
    *(r"[A-ZÄÖÜ]{1,3}-[A-ZÄÖÜ]{1,2} \d{1,4}[EH]?", r"[A-HJ-PR-Y][A-HJ-Y]\d\d [A-HJ-PR-Z]{3}"),
    *(r"[A-HJ-NP-TV-Z]{2}-\d{3}-[A-HJ-NP-TV-Z]{2}", r"\d{4} [BCDFGHJKLMNPRSTVWXYZ]{3}"),
    r"[АВЕКМНОРСТУХ] ?\d{3} ?[АВЕКМНОРСТУХ]{2} ?\d{2,3}",
    r"(?=.*[A-Z])(?=.*\d.*\d.*\d)[A-HJ-NPR-Z0-9]{17}",  # of the vehicle itself (ISO 3779)
)
_ROADS = (
    rf"{_STREET}(str\.?|stra(ß|ss)e|gasse|weg|platz|allee|straat|laan|plein|gatan|vägen|gata|gate|veien|vej"
    rf"|gade|katu|tie| street| st\.?| road| utca| út| ulice) {_HOUSE}",
    rf"\d{{1,5}} {_STREET} (street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|way|blvd|place|pl)\.?"
    r"(,.*)?",
    rf"((rue|via|viale|piazza|corso|calle|avda|avenue|avenida|plaza|rua|praça|travessa|ulica|am|an der|im) "
    rf"|(c/|av\.|avda\.|ul\.|al\.) ?){_STREET},? (n[ºo°]\.? ?)?{_HOUSE}",
    rf"\d{{1,4}}( bis| ter)?,? (rue|avenue|boulevard|place|chemin|impasse) {_STREET}(,.*)?",
    rf"((ул|улица|пр|проспект|пер|вул|бул) |(ул|пр|пер|вул|бул)\. ?){_STREET},? (д\.? ?|буд\.? ?)?{_HOUSE}",
    rf"{_STREET} (cad(desi|\.)|sok(ak|\.)|mah(allesi|\.)) (no:? ?)?{_HOUSE}",
    r"(?=.{0,30}[都道府県市区町村路街])[\u3040-\u30ff\u4e00-\u9fff]{2,20}\d{1,4}(丁目|番地?|号|弄|[-－])?.{0,20}",
)


def _any(parts: tuple[str, ...]) -> str:
    return "|".join(f"(?:{part})" for part in parts)


#: Sorts of personal data and what their values look like; the first that nearly all values have counts.
FORMS = (
    (MAILS, re.compile(r"(?s)[^@\s]+@[^@\s]+\.\w{2,}|.*?[\w+-]@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,}.*")),
    (ACCOUNTS, re.compile(r"[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{4}){3,7}(?:[ -]?[A-Za-z0-9]{1,3})?")),
    (
        NAMES,  # a family name and initials
        re.compile(
            rf"{_CYRILLIC}[а-яёіїє'’-]+,? {_CYRILLIC}\. ?{_CYRILLIC}\.?"
            rf"|({_CYRILLIC}\. ?){{2}}{_CYRILLIC}[а-яёіїє'’-]+"
        ),
    ),
    (IDS, re.compile(_any(_IDS))),
    (VEHICLES, re.compile(_any(_PLATES))),
    (
        PHONES,
        re.compile(
            r"(\+|00)[1-9]\d{0,2}[\d ()/.-]{6,16}|\(\d{2,5}\)[ /-]?[\d -]{5,12}"
            rf"|(\(\d{{3}}\) |\d{{3}}[-.])\d{{3}}[-.]\d{{4}}{EXTENSION}|0\d([ .-]\d\d){{4}}"
            r"|0\d{2,4} ?/ ?\d[\d -]{4,12}|(?i:tel|fon|phone|mobile?|fax|handy)[.:]* ?\+?\d[\d ()/.-]{5,19}"
        ),
    ),
    (ADDRESSES, re.compile(_any(_ROADS), re.IGNORECASE)),
)
_V4 = re.compile(rf"{_OCTET}(\.{_OCTET}){{3}}(:\d{{1,5}}|/\d\d?)?")
_V6 = re.compile(r"(?=(?:.*:){2})(?=.*[0-9a-fA-F])[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}(/\d{1,3})?")
_MAC = re.compile(r"[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}|[0-9a-fA-F]{4}(\.[0-9a-fA-F]{4}){2}")
_CLOCK = re.compile(r"\d{1,3}(:\d\d){1,3}")
#: Octets from here on are rare in the numbers of versions and chapters; longest address.
_HIGH, _LONGEST = 32, 60
#: Letters that follow from the number of a Spanish identity card.
_DNI, _LETTERS = re.compile(r"([XYZ]?\d{7,8})-?([A-Z])"), "TRWAGMYFPDXBNJZSQVHLCKE"


def is_network(text: str) -> bool:
    """Tell if a text is an address of a network (IPv4, IPv6) or of a device (MAC)."""
    if len(text) > _LONGEST:
        return False
    if _V4.fullmatch(text):
        return any(int(octet) >= _HIGH for octet in re.split("[.:/]", text)[:4])
    return bool(_MAC.fullmatch(text) or (_V6.fullmatch(text) and not _CLOCK.fullmatch(text)))


def is_spanish_id(text: str) -> bool:
    """Tell if the letter of a Spanish id (DNI, NIE) is that of its number."""
    found = _DNI.fullmatch(text)
    if not found:
        return False
    number = int(found[1].translate(str.maketrans("XYZ", "012")))
    return _LETTERS[number % len(_LETTERS)] == found[2]


#: A latitude and a longitude; both below ten are rather two other numbers.
_POSITION = re.compile(r"[(\[]?[+-]?([0-8]?\d)\.\d{4,15}°?[,; ]{1,2}[+-]?(1?\d?\d)\.\d{4,15}°?[)\]]?")
_NEAR = 10


def is_position(text: str) -> bool:
    """Tell if a text is a latitude and a longitude to ten meters or finer."""
    found = _POSITION.fullmatch(text)
    return found is not None and max(map(int, found.groups())) >= _NEAR


#: Sorts that a check decides, which no pattern can.
CHECKED: tuple[tuple[str, Callable[[str], bool]], ...] = (
    (NETWORKS, is_network),
    (IDS, is_spanish_id),
    (POSITIONS, is_position),
)
