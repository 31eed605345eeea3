"""Columns that look like personal data, which samples must not repeat unless the user says so.

What decides are the values, and the column's name where these leave it open:

* e-mail addresses, bank accounts, street addresses, numbers of persons of known forms: by the values;
* payment cards: by their last digit, which the others determine (Luhn's check);
* phone numbers: by the values if they have the form of one, by the name if they are digits;
* addresses: also by the name, if the values are words and a number;
* names of persons: by the name (``last_name``, ``patient``), if the values are words; without such a name
  only if values are of two words or more and many of them have a given name of a list in it, or a father's
  name; or if they are initials and a family name; names in Chinese, Korean and Japanese by the family names
  that they begin with;
* ids of persons: by the name (``patient_id``, ``ssn``).

Names of products, places, companies and works are no names of persons, whatever they are called.
"""

import re
from collections.abc import Sequence

from autogen.data.tables.reading.given_names import (
    FATHERS_NAME,
    GIVEN_NAMES,
    east_asian_family,
    without_marks,
)

NAMES, IDS, MAILS = "names of persons", "ids of persons", "e-mail addresses"
PHONES, ACCOUNTS, ADDRESSES = "phone numbers", "bank accounts", "addresses"
CARDS = "payment cards"

_STREET = r"[^\W\d_][\w .'-]{2,40}"
#: Extension of a phone number: ``x12``, ``ext. 12``.
_EXTENSION = r"( ?(x|ext\.?|extension) ?\d{1,6})?"
_CYRILLIC = "[А-ЯЁІЇЄ]"
_PATTERNS = (
    (MAILS, re.compile(r"(?s)[^@\s]+@[^@\s]+\.\w{2,}|.*?[\w+-]@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,}.*")),
    (ACCOUNTS, re.compile(r"[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{4}){3,7}(?:[ -]?[A-Za-z0-9]{1,3})?")),
    (
        NAMES,  # a family name and initials
        re.compile(
            rf"{_CYRILLIC}[а-яёіїє'’-]+,? {_CYRILLIC}\. ?{_CYRILLIC}\.?"
            rf"|({_CYRILLIC}\. ?){{2}}{_CYRILLIC}[а-яёіїє'’-]+"
        ),
    ),
    (
        IDS,  # of the United States, Brazil and the United Kingdom; names of users
        re.compile(r"\d{3}-\d{2}-\d{4}|\d{3}\.\d{3}\.\d{3}-\d{2}|[A-Z]{2} \d\d \d\d \d\d [A-D]|@[\w.]{2,30}"),
    ),
    (
        PHONES,
        re.compile(
            r"(\+|00)[1-9]\d{0,2}[\d ()/.-]{6,16}|\(\d{2,5}\)[ /-]?[\d -]{5,12}"
            rf"|(\(\d{{3}}\) |\d{{3}}[-.])\d{{3}}[-.]\d{{4}}{_EXTENSION}|0\d([ .-]\d\d){{4}}"
            r"|0\d{2,4} ?/ ?\d[\d -]{4,12}|(?i:tel|fon|phone|mobile?|fax|handy)[.:]* ?\+?\d[\d ()/.-]{5,19}"
        ),
    ),
    (
        ADDRESSES,
        re.compile(
            rf"{_STREET}(str\.?|stra(ß|ss)e|gasse|weg|platz| street| st\.?| road) \d{{1,4}}\w?(,.*)?"
            rf"|\d{{1,5}} {_STREET} (street|st|road|rd|avenue|ave|lane|drive|dr|court|ct|way|blvd)\.?(,.*)?"
            rf"|(rue|via|calle|rua|avenue|avenida|am|an der|im) {_STREET},? \d{{1,4}}\w?(,.*)?"
            rf"|\d{{1,4}},? (rue|avenue|boulevard) {_STREET}(,.*)?",
            re.IGNORECASE,
        ),
    ),
)
_SPLIT = r"(^|.*[ _.-])"
_NAME_OF_NAMES = re.compile(
    rf"{_SPLIT}(first|last|full|family|given|sur|fore|middle|maiden|patient|customer|client|employee"
    r"|contact|passenger|student|teacher|user|member|person|owner|manager|father|mother|spouse)s?[ _-]?name"
    r"|(vor|nach|familien|zu|mädchen)name|nom|pr[ée]nom|nom_de_famille|nombre|apellidos?|cognome|sobrenome"
    r"|(voor|achter)?naam|(för|efter)namn|(for|efter)navn|(etu|suku)nimi|imię( i nazwisko)?|nazwisko|jméno"
    r"|příjmení|(teljes |vezeték|kereszt)?név|soyad[ıi]?|όνομα|επώνυμο|ονοματεπώνυμο"
    r"|ф\.?\s?и\.?\s?о\.?|имя|фамилия|отчество|ім.я|прізвище|姓名|姓|名字|氏名|名前|お名前|苗字|이름|성명",
    re.IGNORECASE,
)
#: Columns of persons, whose values are names if they look so.
_OWNERS = (
    r"(name|patient|customer|client|employee|passenger|student|teacher|doctor|physician|nurse|person|member"
    r"|owner|manager|agent|contact|applicant|tenant|seller|buyer|recipient|sender|sales_?rep|kunde|kundin"
    r"|patientin|mitarbeiter(in)?|person)s?"
)
_OF_PERSONS = re.compile(rf"{_SPLIT}{_OWNERS}", re.IGNORECASE)
_ID_OF_PERSONS = re.compile(
    rf"{_SPLIT}(patient|customer|client|employee|passenger|student|user|member|person|subject|citizen|voter"
    r"|participant|respondent|kunden?|patienten|mitarbeiter)s?[ _-]?(id|no|nr|num|number|key|nummer)"
    rf"|{_SPLIT}(ssn|social_?security(_?(no|number))?|svnr|passport(_?(no|number))?|national_?id|tax_?id"
    r"|driver'?s?_?licen[cs]e(_?(no|number))?"
    r"|mrn|medical_?record(_?(no|number))?|nino|ni_?number|cpf|dni|nif|bsn|pesel|aadhaar|codice_?fiscale"
    r"|(matrikel|personal|versicherungs|steuer)[ _-]?(nr|nummer)|steuer_?id|nick(_?name)?|screen_?name)",
    re.IGNORECASE,
)
_PHONE_NAME = re.compile(
    rf"{_SPLIT}(phone|telephone|tel|fon|mobile?|whatsapp|cell|cell_?phone|fax|telefon|handy"
    r"|tel[ée]fono|telefone|téléphone|telefoon|puhelin|τηλέφωνο|телефон|电话|電話(番号)?|手机|携帯(電話)?|전화(번호)?)"
    r"([ _-]?(no|nr|num|number|nummer))?",
    re.IGNORECASE,
)
_OTHER_NAMES = re.compile(
    r".*(product|brand|company|firm|city|town|country|state|region|district|street|title|movie|film|book|song"
    r"|album|artist|band|team|club|school|hotel|restaurant|store|shop|file|host|domain|event|species|item|model"
    r"|category|genre|department|station|river|mountain|drug|dish|recipe|game|vendor|supplier|merchant).*",
    re.IGNORECASE,
)
_KNOWN_WORDS = GIVEN_NAMES | {"mr", "mrs", "ms", "miss", "master", "dr", "prof", "herr", "frau", "mme"}
_COMPANY = re.compile(r"\b(ltd|limited|gmbh|inc|corp|llc|ag|co|plc|s\.?a|kg|group|bank|university)\b", re.I)
_WORDS = re.compile(r"[^\W\d_]['’.\w-]*,?( [^\W\d_(][)'’.\w-]*,?){0,6}")
#: Payment cards: 13 to 19 digits, the first one of their brands; share of them that must pass Luhn's check.
_CARD = re.compile(r"[2-6](?:[ -]?\d){12,18}")
_FAMILIES = 4
_WITH_PLUS = re.compile(r"\+[1-9]\d{8,14}")
_DIGITS = re.compile(rf"\+?[\d ()/.-]{{6,20}}{_EXTENSION}")
#: A family name and one to three initials, of Latin letters: ``J. R. Smith``, ``Smith, J.``; fewest initials
#: of a column, since ``N. Korea`` and ``S. Korea`` are no persons.
_FAMILY = r"[^\W\d_][\w'’-]{1,40}"
_INITIALS = re.compile(rf"([A-Z]\. ?){{1,3}}{_FAMILY}|{_FAMILY},? ([A-Z]\. ?){{1,3}}")
_FEWEST_INITIALS = 4
_ADDRESS_NAME = re.compile(
    r"((home|street|postal|mailing|billing|shipping|residential|customer|patient|delivery)[ _-]?)?"
    r"(address(es)?|addr|adresse|adr|anschrift|stra(ß|ss)e|street|indirizzo|direcci[óo]n|domicilio"
    r"|endere[çc]o|ulica|adres|adress)([ _-]?(line)?[ _-]?1)?",
    re.IGNORECASE,
)
#: What stands in such a column: words and a number.
_PLACED = re.compile(r"(?s)(?=.{0,80}[^\W\d_]{2})(?=.{0,80}\d)\S+\s.*")
#: Fewest values of a column that may be a person's.
LEAST_VALUES = 5
#: Share of the values that must look so, of full names with a known given name, of companies; values seen.
_SHARE, _KNOWN, _COMPANIES, _LOOKED = 0.8, 0.4, 0.1, 200


def personal_data(name: str, values: Sequence[str]) -> str:
    """Name the personal data that a column of texts looks like; empty if it looks like none.

    Args:
        name: name of the column.
        values: unique texts, (U,).
    """
    some = [text.strip() for text in values[:: max(1, len(values) // _LOOKED)]]
    for what, pattern in _PATTERNS:
        if _share(some, pattern) >= _SHARE:
            return what
    if sum(map(_is_card, some)) >= _SHARE * max(1, len(some)):
        return CARDS
    if personal_number(name) == PHONES and _share(some, _DIGITS) >= _SHARE:
        return PHONES
    if _ADDRESS_NAME.fullmatch(name.strip()) and _share(some, _PLACED) >= _SHARE:
        return ADDRESSES
    if _are_names(name.strip(), some):
        return NAMES
    coded = sum(any(sign.isdigit() for sign in text) for text in some) >= _SHARE * max(1, len(some))
    return IDS if coded and personal_number(name) == IDS else ""


def are_cards(numbers: Sequence[int]) -> bool:
    """Tell if whole numbers, unique ones, are those of payment cards."""
    some = [str(number) for number in numbers[:: max(1, len(numbers) // _LOOKED)]]
    return sum(map(_is_card, some)) >= _SHARE * max(1, len(some))


def _is_card(text: str) -> bool:
    """Tell if a text has the form of a card's number, and the last digit that Luhn's check gives it."""
    if not _CARD.fullmatch(text):
        return False
    digits = [int(sign) for sign in reversed(text) if sign.isdecimal()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def are_phones(texts: Sequence[str]) -> bool:
    """Tell if unique texts, which can be read as numbers, are phone numbers with a plus and a country."""
    some = [text.strip() for text in texts[:: max(1, len(texts) // _LOOKED)]]
    return _share(some, _WITH_PLUS) >= _SHARE


def personal_number(name: str) -> str:
    """Name the personal data that whole numbers of a column are, by its name; empty if they are none."""
    if _PHONE_NAME.fullmatch(name.strip()):
        return PHONES
    spelled = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    return IDS if _ID_OF_PERSONS.fullmatch(spelled) else ""


def _are_names(name: str, texts: Sequence[str]) -> bool:
    """Tell if texts are names of persons, by the name of their column and by given names in them."""
    spelled = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    texts = list(map(without_marks, texts))
    if _OTHER_NAMES.fullmatch(spelled) or _share(texts, _WORDS) < _SHARE:
        return False
    if sum(bool(_COMPANY.search(text)) for text in texts) > _COMPANIES * len(texts):
        return False
    if _NAME_OF_NAMES.fullmatch(spelled):
        return True
    families = [family for text in texts if (family := east_asian_family(text))]
    owned = bool(_OF_PERSONS.fullmatch(spelled))
    if len(families) >= (_KNOWN if owned else _SHARE) * len(texts) and len(set(families)) >= _FAMILIES:
        return True
    initials = {text[0] for text in texts if _INITIALS.fullmatch(text) and text.split()[-1][0].isupper()}
    if len(initials) >= _FEWEST_INITIALS and _share(texts, _INITIALS) >= _SHARE:
        return True
    full = [words for text in texts if len(words := re.findall(r"[^\W\d_]+", text)) > 1]
    known = sum(any(map(_is_known, words)) for words in full)
    if owned and len(full) < _SHARE * len(texts):
        alone = sum(text.casefold() in GIVEN_NAMES for text in texts)
        return known + alone >= _KNOWN * len(texts)
    return len(full) >= _SHARE * len(texts) and known >= _KNOWN * len(texts)


def _is_known(word: str) -> bool:
    """Tell if a word of a name is a given name, a father's name or a title."""
    return word.casefold() in _KNOWN_WORDS or bool(FATHERS_NAME.fullmatch(word))


def _share(texts: Sequence[str], pattern: re.Pattern[str]) -> float:
    return sum(bool(pattern.fullmatch(text)) for text in texts) / max(1, len(texts))
