import gzip
from pathlib import Path

import pytest

from autogen.data.decoding import decoded, file_bytes, unpacked
from autogen.errors import DataError

WESTERN = "Straße in Köln, 3 €, São Paulo, où, Noël, ¿qué?, 20 °C, København, l’été – «ça»"


def test_words_of_western_languages_are_read_as_windows_1252():
    text, notes = decoded(WESTERN.encode("cp1252"), "t")
    assert text == WESTERN
    assert "read as Windows-1252, with the characters é ß ö € ã" in notes[0]


@pytest.mark.parametrize(
    ("encoding", "text", "name"),
    [
        ("cp1252", "Þórður Guðmundsson, Ísafjörður, Ærlækur, Hlíðarfótur", "1252"),
        ("cp1252", "Tórshavn, Sørvágur, Viðareiði", "1252"),
        ("cp1250", "Győr, Erdős Pál, Szűcs Ödön, Műegyetem, Kőbánya", "1250"),
        ("cp1252", "Camões, João, Botões", "1252"),
        ("cp1252", "Põltsamaa, Võru, Jõgeva, Pärnu, Sõrve, Tõrva", "1252"),
        ("cp1252", "août, février, Müller, décembre", "1252"),
    ],
)
def test_letters_of_a_language_tell_its_encoding(encoding, text, name):
    read, notes = decoded(text.encode(encoding), "t")
    assert read == text
    assert f"read as Windows-{name}" in notes[0]


def test_a_note_on_the_encoding_quotes_no_cell():
    _, notes = decoded("Müller;julia.mayer@example.org;K-988598;Jürgen\n".encode("cp1252") * 9, "t")
    assert "characters ü." in notes[0]
    assert not any(word in notes[0] for word in ("Müller", "mayer", "988598", "rgen"))


def test_characters_that_cannot_be_printed_are_named():
    with pytest.raises(DataError, match=r"it has the characters ÿ þ U\+00A0\. Name its") as refused:
        decoded(b"\xff" * 9 + b"\xfe" * 8 + b"\xa0" * 2, "t")
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "город Казань"),
        ("koi8-r", "Томск"),
        ("cp1250", "Łódź, Kraków, Gdańsk, Wrocław"),
        ("cp1250", "Plzeň, České Budějovice, Třebíč"),
        ("cp1253", "Αθήνα"),
        ("cp1254", "İstanbul, Muğla, Şanlıurfa"),
        ("cp1257", "Rīga, Šiauliai, Jūrmala"),
        ("shift_jis", "東京, 大阪"),
        ("shift_jis", "こんにちは, ありがとう"),
        ("euc-jp", "こんにちは, ありがとう"),
        ("euc-jp", "東京, 大阪"),
        ("gb18030", "北京, 上海"),
        ("big5", "台北, 高雄"),
        ("euc-kr", "서울, 부산"),
        ("cp437", "Köln, Müller, Zürich"),
        ("mac_roman", "Köln, Müller, Zürich"),
    ],
)
def test_other_encodings_are_refused_until_they_are_named(encoding, text):
    with pytest.raises(DataError, match="--option encoding="):
        decoded(text.encode(encoding), "t")
    assert decoded(text.encode(encoding), "t", encoding) == (text, [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_file_that_ends_inside_of_a_character_loses_that_character_alone(encoding):
    text, notes = decoded("grüße, 東".encode(encoding)[:-1], "t")
    assert text == "grüße, "
    assert "ends inside of a character" in notes[0]


def test_packed_bytes_are_unpacked_up_to_a_limit():
    packed = gzip.compress(b"a" * 5000) + gzip.compress(b"b" * 5000)
    assert unpacked(packed, "t", 10_000) == b"a" * 5000 + b"b" * 5000
    with pytest.raises(DataError, match="t unpacks to more than 9,999 bytes"):
        unpacked(packed, "t", 9_999)
    with pytest.raises(DataError, match="ended before"):
        unpacked(packed[:-3], "t")


def test_what_is_no_regular_file_is_not_read():
    with pytest.raises(DataError, match="no regular file"):
        file_bytes(Path("/dev/zero"))


WORDS = {
    "German": "schöne Möbel für die Straße, Käse und Brötchen",
    "French": "garçon, forêt, déjà, élève, noël, été",
    "Spanish": "el señor, más canciones, país, niño, canción",
    "Danish": "rød, grønt, æble, små, på",
    "Italian": "perché, città, più, così",
}


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("encoding", ["cp850", "mac_roman"])
def test_texts_of_dos_and_old_macs_are_refused_with_the_name_of_their_encoding(language, encoding):
    with pytest.raises(DataError, match=f"--option encoding={encoding}, which gives"):
        decoded(WORDS[language].encode(encoding), "t")


@pytest.mark.parametrize("language", WORDS)
def test_texts_of_windows_are_read_with_a_note_on_the_guess(language):
    text, notes = decoded(WORDS[language].encode("cp1252"), "t")
    assert text == WORDS[language]
    assert "read as Windows-1252" in notes[0]
    assert "--option encoding=" in notes[0]


@pytest.mark.parametrize(
    "text",
    ["25 °C, 7 µg/m³", "80 m², 5½ Zoll", "don’t – “so” …", "déjà…oui n° 5", "Co® Name™ 5€", "§ 3 ¿Qué?"],
)
def test_units_and_quotation_marks_of_windows_are_read(text):
    assert decoded(text.encode("cp1252"), "t")[0] == text
