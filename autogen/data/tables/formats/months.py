"""Names of months in other languages or letters than ``strftime`` has, as the data writes them."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import pandas as pd

ENGLISH = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
#: Names of the months by language; abbreviations are their first letters, or follow after a slash.
_LANGUAGES = (
    "January February March April May June July August September/Sept October November December",
    "Januar Februar März/Mrz/Mär April Mai Juni Juli August September/Sept Oktober November Dezember",
    "Jänner/Jän Februar/Feber März/Mrz/Mär April Mai Juni Juli August September Oktober November Dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre/sept octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "januari februari maart/mrt april mei juni juli augustus september oktober november december",
    "januari februari mars april maj juni juli augusti september oktober november december",
    "januar februar marts april maj juni juli august september oktober november december",
    "januar februar mars april mai juni juli august september oktober november desember",
    "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta "
    "lokakuuta marraskuuta joulukuuta",
    "január február március április május június július augusztus szeptember október november december",
    "ledna/leden února/únor března/březen dubna/duben května/květen června/červen července/červenec "
    "srpna/srpen září října/říjen listopadu/listopad prosince/prosinec",
    "januára/január februára/február marca/marec apríla/apríl mája/máj júna/jún júla/júl augusta/august "
    "septembra/september októbra/október novembra/november decembra/december",
    "siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga/studenog "
    "prosinca",
    "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    "gener febrer març abril maig juny juliol agost setembre octubre novembre desembre",
    "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    "Ιανουαρίου Φεβρουαρίου Μαρτίου Απριλίου Μαΐου Ιουνίου Ιουλίου Αυγούστου Σεπτεμβρίου Οκτωβρίου Νοεμβρίου "
    "Δεκεμβρίου",
    "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
    "leden únor březen duben květen červen červenec srpen září říjen listopad prosinec",
    "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "يناير فبراير مارس أبريل/ابريل مايو يونيو يوليو أغسطس/اغسطس سبتمبر أكتوبر/اكتوبر نوفمبر ديسمبر",
    "януари февруари март април май юни юли август септември октомври ноември декември",
    "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
)
#: Names that ``strftime`` prints.
PRINTED = frozenset((*ENGLISH, *(name[:3] for name in ENGLISH)))
_TABLES = tuple(tuple(names.split("/") for names in language.split()) for language in _LANGUAGES)
WORD = re.compile(r"[^\W\d_]{3,}\.?")


def find_months(texts: Iterable[str]) -> tuple[str, ...]:
    """Find the names of the months in some dates; empty if ``strftime`` prints them or there are none.

    Args:
        texts: dates with one word each.
    """
    words = Counter(found[0] for text in texts if (found := WORD.search(text)))
    if not words or all(word in PRINTED for word in words):
        return ()
    fits = [sum(words[word] for word in words if _month(word, table) is not None) for table in _TABLES]
    if 10 * max(fits) < 9 * words.total():
        return ()
    table = _TABLES[fits.index(max(fits))]
    usual: list[str] = []
    for month, names in enumerate(table):
        own = [word for word, _ in words.most_common() if _month(word, table) == month]
        usual.append(own[0] if own else _like(names, words))
    return tuple(usual) if len(set(usual)) == len(usual) else ()


def english_months(texts: pd.Series, names: Sequence[str]) -> pd.Series:
    """Replace the names of the months in N texts by English ones; each keeps to ``%B`` or ``%b``."""
    short = _short(names)
    table = {name: english[:3] if short else english for name, english in zip(names, ENGLISH, strict=True)}

    def translated(found: re.Match[str]) -> str:
        return table.get(found[0], "?")

    replaced: pd.Series = texts.str.replace(WORD, translated, n=1, regex=True)
    return replaced


def months_in(texts: pd.Series, moments: pd.Series, names: Sequence[str]) -> pd.Series:
    """Replace the English name of a month in N printed dates by another."""
    months = moments.dt.month
    found = [
        text if pd.isna(month) else WORD.sub(names[int(month) - 1], text, count=1)
        for text, month in zip(texts, months, strict=True)
    ]
    return pd.Series(found, index=texts.index, dtype=object)


def month_directive(names: Sequence[str]) -> str:
    """Name the directive for these names: ``%b`` if they are abbreviations, else ``%B``."""
    return "%b" if _short(names) else "%B"


def _short(names: Sequence[str]) -> bool:
    return sum(map(len, names)) < 5 * len(names)


def _month(word: str, table: Sequence[Sequence[str]]) -> int | None:
    """Find the month of a word, 0..11: a name, or the first letters of one alone."""
    bare = word.rstrip(".").casefold()
    whole = [i for i, names in enumerate(table) if bare in [name.casefold() for name in names]]
    begun = [i for i, names in enumerate(table) if names[0].casefold().startswith(bare)]
    found = whole or begun
    return found[0] if len(found) == 1 else None


def _like(names: Sequence[str], words: Counter[str]) -> str:
    """Write the name of a month that no date has as the others are written."""
    usual = words.most_common(1)[0][0]
    short = sum(len(word) for word in words) < 5 * len(words)
    name = names[0][: 3 if short else None]
    name = name[0].upper() + name[1:] if usual[0].isupper() else name[0].lower() + name[1:]
    name = name.upper() if usual.isupper() else name
    return f"{name}." if usual.endswith(".") and short else name
