"""Words of the languages that are written in Windows-1252, and encodings that may have been meant instead."""

import re

#: Letters of the languages that are written in Windows-1252, and signs that stand inside of no word.
_WESTERN = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœŠšŽžµªº")
#: Letters that no language written in Windows-1252 has side by side: Czech and Slovene look so.
_UNLIKELY = (("ø", "ìè"), ("š", "èìæðø"), ("ž", "èìæðø"))
#: Letters of Icelandic and Faroese, and of Hungarian as Windows-1252 shows it (``õ`` for ő, ``û`` for ű).
_NORDIC, _HUNGARIAN = frozenset("áðéíóúýþæöø"), frozenset("áéíóöúüõû")
_WORD = re.compile(r"[^\W\d_¹²³¼½¾]+")
#: Signs before a letter, but for those that open words or are units.
_SIGN_BEFORE_LETTER = re.compile(
    r"[\xa2-\xa6\xa8\xa9\xac\xaf\xb1-\xb4\xb6\xb8\xb9\xbb-\xbe\xd7\xf7\u02c6\u02dc](?=[A-Za-z])"
)
#: Signs and capitals behind small letters, as those of DOS and old Macs become in Windows-1252: ``M”bel``,
#: ``cafŽ``. Apostrophes, dashes, the middle dot and closing quotation marks stand there in Western texts too.
_INSIDE = re.compile(
    r"(?<=[a-z])(?:[‚ƒ„†‡ˆ‰‹¡¢£¤¥§¨«¬¯±´¶¸¿]|[…”“‘™•›»¦©®°²³¹¼½¾](?=[a-z])|[ŠŒŽŸÀ-ÖØ-Þ](?![A-ZÀ-ÖØ-Þ]))"
)
#: Signs beside characters beyond ASCII; quotation marks and dashes stand there in Western texts too.
_SIGN_BESIDE = re.compile(
    r"[^\W\d_\x00-\x7f](?=[^\w\s\x00-\x7f«»‹›„“”‘’–—…])|[^\w\s\x00-\x7f«»‹›„“”‘’–—…](?=[^\s\x00-\x7f])"
)
#: Encodings of DOS and of old Macs for the same languages.
_OLD = ("cp850", "mac_roman")


def looks_western(text: str) -> bool:
    """Tell if words with letters beyond ASCII look like those of a language written in Windows-1252.

    Args:
        text: text as Windows-1252 gives it, U+FFFD where it has no character.
    """
    beyond = sum(not character.isascii() for character in text)
    if "\ufffd" in text or 10 * len(_SIGN_BEFORE_LETTER.findall(text)) > beyond:
        return False
    if 10 * len(_INSIDE.findall(text)) > beyond:
        return False
    if 3 * len(_SIGN_BESIDE.findall(text)) > beyond:  # a character of two bytes, the first of which is a sign
        return False
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    letters = set("".join(words).lower())
    western = _WESTERN | set("ðþÐÞÝ") if _are_nordic(letters) else _WESTERN
    if any(one in letters and letters & set(others) for one, others in _UNLIKELY):
        return False
    other = sum(not letter.isascii() for word in words for letter in word)
    strange = sum(letter not in western for word in words for letter in word if not letter.isascii())
    return 2 * other <= sum(map(len, words)) + len(words) and 10 * strange <= other


def _are_nordic(letters: set[str]) -> bool:
    """Tell if small letters are those of Icelandic, with a thorn or eth that Turkish and Lithuanian lack."""
    beyond = {letter for letter in letters if not letter.isascii()}
    return beyond <= _NORDIC and bool(beyond & set("ðþ")) and bool(beyond & set("áíóú"))


def looks_hungarian(text: str) -> bool:
    """Tell if words that were read as Windows-1252 are Hungarian ones, which Windows-1250 has.

    Portuguese and Estonian have ``õ`` too, French ``û``, but none of them beside the other letters.
    """
    beyond = {one for word in _WORD.findall(text) for one in word.lower() if not one.isascii()}
    if not beyond <= _HUNGARIAN or not beyond & set("öü"):
        return False
    return bool("õ" in beyond and beyond & set("áéíóú")) or bool("û" in beyond and beyond & set("áíóú"))


def likely_old(raw: bytes) -> tuple[str, str]:
    """Find the encoding of DOS or old Macs in which bytes look like words; empty texts if there is none.

    Returns:
        Name of the encoding, and the text.
    """
    for encoding in _OLD:
        text = raw.decode(encoding)
        if looks_western(text):
            return encoding, text
    return "", ""
