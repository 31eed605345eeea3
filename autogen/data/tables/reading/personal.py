"""Columns that look like personal data, which samples must not repeat unless the user says so.

What decides are the values, and the column's name where these leave it open:

* e-mail addresses, bank accounts, street addresses, addresses of networks and devices, numbers of persons
  and plates of cars of known forms, pairs of coordinates: by the values;
* payment cards: by their last digit, which the others determine (Luhn's check);
* phone numbers: by the values if they have the form of one, by the name if they are digits;
* addresses: also by the name, if the values are words and a number;
* names of persons: by the name (``last_name``, ``patient``), if the values are words; without such a name
  only if values are of two words or more and many of them have a given name of a list in it, or a father's
  name; or if they are initials and a family name; names in Chinese, Korean and Japanese by the family names
  that they begin with;
* ids of persons, bank accounts, numbers of vehicles and names of users: also by the name (``patient_id``,
  ``iban``, ``plate``, ``login``).

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
from autogen.data.tables.reading.personal_forms import (
    ACCOUNTS,
    ADDRESSES,
    CARDS,
    CHECKED,
    EXTENSION,
    FORMS,
    IDS,
    NAMES,
    PHONES,
    USERS,
    VEHICLES,
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
    r"|(matrikel|personal|versicherungs|steuer|sozialversicherungs|ahv)[ _-]?(nr|nummer)|steuer_?id|svnr"
    r"|personnummer|cpr(_?nr)?|hetu|henkilötunnus|curp|rodné_?číslo|egn|tc_?kimlik(_?no)?|pps_?n|инн|снилс"
    r"|numero_?secu\w*|sécurité_?sociale|tax_?(payer_?)?(no|nr|num|number)|身份证(号码?)?|マイナンバー|주민등록번호)",
    re.IGNORECASE,
)
_ACCOUNT_NAME = re.compile(
    rf"{_SPLIT}(iban|(bank[ _-]?)?(account|konto|giro)[ _-]?(no|nr|num|number|nummer)|(bank)?konto"
    r"|bankgiro|(n[uú]mero[ _-]?(de[ _-]?)?)?(compte|cuenta|conta|conto)|rekening(nummer)?|счёт|счет|口座番号"
    r"|계좌번호|账号|银行账号)",
    re.IGNORECASE,
)
_VEHICLE_NAME = re.compile(
    rf"{_SPLIT}((licen[cs]e|number|registration|vehicle|car)?[ _-]?plates?([ _-]?(no|nr|num|number))?|vin|vrn"
    r"|vrm|reg(istration)?[ _-]?(no|nr|num|number|mark)|(kfz[ _-]?)?kennzeichen|immatriculation|plaque"
    r"|matr[íi]cula|targa|placa|kenteken|registreringsnummer|rendszám|(nr[ _-]?)?rejestracyjny|spz|plaka"
    r"|гос\.?[ _]?номер|車牌(號碼)?|车牌(号码?)?|車両番号)",
    re.IGNORECASE,
)
_USER_NAME = re.compile(
    rf"{_SPLIT}((user|login|account|screen|nick)[ _-]?name|user|login|handle|nick|twitter|instagram|github"
    r"|benutzer(name|kennung)?|usuario|utilisateur|identifiant|pseudo|gebruiker(snaam)?|användarnamn|utente"
    r"|nome[ _]utente|nazwa[ _]użytkownika|логин|пользователь|ник|用户名|ユーザー名|사용자)",
    re.IGNORECASE,
)
#: What stands in such columns.
_ACCOUNT = re.compile(r"(?=(?:.{0,3}\d){6})[\dA-Za-z][\dA-Za-z ./-]{5,34}")
_PLATE = re.compile(r"(?=.*\d)(?=.*[^\W\d_])[^\W_][^\W_ ·•-]*(?:[ ·•-]{1,2}[^\W_]+){0,3}")
_USER = re.compile(r"(?=.*[^\W\d_])[@\w][\w.@+-]{1,40}")
_PLATE_SIZES, _USERS, _MARKED = (4, 17), 20, re.compile(r".*[\d._@-].*")
_PHONE_NAME = re.compile(
    rf"{_SPLIT}(phone|telephone|tel|fon|mobile?|whatsapp|cell|cell_?phone|fax|telefon|handy"
    r"|tel[ée]fono|telefone|téléphone|telefoon|puhelin|τηλέφωνο|телефон|电话|電話(番号)?|手机|携帯(電話)?|전화(번호)?)"
    r"([ _-]?(no|nr|num|number|nummer))?",
    re.IGNORECASE,
)
_OTHER_NAMES = re.compile(
    r".*(product|brand|company|firm|city|town|country|state|region|district|street|title|movie|film|book|song"
    r"|album|artist|band|team|club|school|hotel|restaurant|store|shop|file|host|domain|event|species|item|model"
    r"|category|genre|department|station|river|mountain|drug|dish|recipe|game|vendor|supplier|merchant|drink|beverage|beer|wine"
    r"|spirit|whisk|perfume|label).*",
    re.IGNORECASE,
)
_KNOWN_WORDS = GIVEN_NAMES | {"mr", "mrs", "ms", "miss", "master", "dr", "prof", "herr", "frau", "mme"}
_COMPANY = re.compile(
    r"\b(ltda?|limited|gmbh|inc|corp(oration)?|llc|llp|ag|co|company|plc|s\.?a|kg|ohg|group|bank|university"
    r"|srl|s\.r\.l|s\.p\.a|spa|sarl|sas|bv|b\.v|nv|oyj?|ab|aps|pty|holdings?|partners|sons|brothers|industries|solutions"
    r"|services|systems|trading|logistics|consulting|sp\. z o|s\.r\.o|ооо|оао|зао|пао|тов)\b"
    r"|&|株式会社|有限公司|주식회사",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W\d_]['’.\w-]*,?( [^\W\d_(][)'’.\w-]*,?){0,6}")
#: Payment cards: 13 to 19 digits, the first one of their brands; share of them that must pass Luhn's check.
_CARD = re.compile(r"[2-6](?:[ -]?\d){12,18}")
_FAMILIES = 4
_WITH_PLUS = re.compile(r"\+[1-9]\d{8,14}")
_DIGITS = re.compile(rf"\+?[\d ()/.-]{{6,20}}{EXTENSION}")
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
#: Fewest persons among companies, and share of these persons that must have a known given name.
_FEWEST_PERSONS, _KNOWN_BESIDE = 0.1, 0.25


def personal_data(name: str, values: Sequence[str]) -> str:
    """Name the personal data that a column of texts looks like; empty if it looks like none.

    Args:
        name: name of the column.
        values: unique texts, (U,).
    """
    some = [text.strip() for text in values[:: max(1, len(values) // _LOOKED)]]
    for what, pattern in FORMS:
        if _share(some, pattern) >= _SHARE:
            return what
    for what, check in CHECKED:
        if some and sum(map(check, some)) >= _SHARE * len(some):
            return what
    if sum(map(_is_card, some)) >= _SHARE * max(1, len(some)):
        return CARDS
    if personal_number(name) == PHONES and _share(some, _DIGITS) >= _SHARE:
        return PHONES
    if by_name := _by_name(_spelled(name), some):
        return by_name
    if _ADDRESS_NAME.fullmatch(name.strip()) and _share(some, _PLACED) >= _SHARE:
        return ADDRESSES
    if _are_names(name.strip(), some):
        return NAMES
    coded = sum(any(sign.isdigit() for sign in text) for text in some) >= _SHARE * max(1, len(some))
    return IDS if coded and personal_number(name) == IDS else ""


def _by_name(name: str, texts: Sequence[str]) -> str:
    """Name the sort of codes that a column is called after, if its texts may be such; else empty."""
    if _ACCOUNT_NAME.fullmatch(name) and _share(texts, _ACCOUNT) >= _SHARE:
        return ACCOUNTS
    sized = [text for text in texts if _PLATE_SIZES[0] <= len(text) <= _PLATE_SIZES[1]]
    if _VEHICLE_NAME.fullmatch(name) and _share(sized, _PLATE) * len(sized) >= _SHARE * len(texts):
        return VEHICLES
    if not _USER_NAME.fullmatch(name) or _share(texts, _USER) < _SHARE:
        return ""
    return USERS if len(texts) > _USERS or _share(texts, _MARKED) > 1 - _SHARE else ""


def _spelled(name: str) -> str:
    """Write the words of a name in capitals (``patientId``) with a sign between them."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())


def are_cards(numbers: Sequence[int]) -> bool:
    """Tell if whole numbers, unique ones, are those of payment cards."""
    some = [str(number) for number in numbers[:: max(1, len(numbers) // _LOOKED)]]
    return sum(map(_is_card, some)) >= _SHARE * max(1, len(some))


def are_ids(numbers: Sequence[int]) -> bool:
    """Tell if whole numbers, unique ones, have the form of ids of persons: with a day or month of birth."""
    some = [str(number) for number in numbers[:: max(1, len(numbers) // _LOOKED)]]
    return _share(some, dict(FORMS)[IDS]) >= _SHARE


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
    if _ACCOUNT_NAME.fullmatch(_spelled(name)):
        return ACCOUNTS
    return IDS if _ID_OF_PERSONS.fullmatch(_spelled(name)) else ""


def _are_names(name: str, texts: Sequence[str]) -> bool:
    """Tell if texts are names of persons, by the name of their column and by given names in them."""
    spelled = _spelled(name)
    texts = list(map(without_marks, texts))
    if _OTHER_NAMES.fullmatch(spelled):
        return False
    persons = [text for text in texts if not _COMPANY.search(text)]
    if len(persons) < _FEWEST_PERSONS * len(texts) or _share(persons, _WORDS) < _SHARE:
        return False
    mixed, texts = len(persons) < (1 - _COMPANIES) * len(texts), persons
    least, named = _KNOWN_BESIDE if mixed else _KNOWN, bool(_NAME_OF_NAMES.fullmatch(spelled))
    if named and not mixed:
        return True
    families = [family for text in texts if (family := east_asian_family(text))]
    owned = named or bool(_OF_PERSONS.fullmatch(spelled))
    if len(families) >= (_KNOWN if owned else _SHARE) * len(texts) and len(set(families)) >= _FAMILIES:
        return True
    initials = {text[0] for text in texts if _INITIALS.fullmatch(text) and text.split()[-1][0].isupper()}
    if len(initials) >= _FEWEST_INITIALS and _share(texts, _INITIALS) >= _SHARE:
        return True
    full = [words for text in texts if len(words := re.findall(r"[^\W\d_]+", text)) > 1]
    known = sum(any(map(_is_known, words)) for words in full)
    if owned and len(full) < _SHARE * len(texts):
        alone = sum(text.casefold() in GIVEN_NAMES for text in texts)
        return known + alone >= least * len(texts)
    return len(full) >= _SHARE * len(texts) and known >= least * len(texts)


def _is_known(word: str) -> bool:
    """Tell if a word of a name is a given name, a father's name or a title."""
    return word.casefold() in _KNOWN_WORDS or bool(FATHERS_NAME.fullmatch(word))


def _share(texts: Sequence[str], pattern: re.Pattern[str]) -> float:
    return sum(bool(pattern.fullmatch(text)) for text in texts) / max(1, len(texts))
