import base64
import uuid

import numpy as np
import pandas as pd
import pytest

from autogen.data.open import open_data
from autogen.data.tables.reading.column_types import recognize
from autogen.data.tables.reading.identifier_rule import why_no_identifier

RNG = np.random.default_rng(0)
UPPER = [*"ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
HEX = [*"0123456789abcdef"]


def drawn(symbols, length):
    return "".join(RNG.choice([*symbols], length))


EARNED = {
    "count": lambda i: f"K{i}",
    "uuid": lambda _: str(uuid.UUID(bytes=RNG.bytes(16))),
    "hex": lambda _: RNG.bytes(8).hex(),
    "mac": lambda _: ":".join(f"{byte:02x}" for byte in RNG.bytes(6)),
    "booking": lambda _: drawn(UPPER, 6),
    "mail": lambda i: f"u{i}@x.com",
    "phone": lambda _: f"+43-664-{RNG.integers(10**6, 10**7)}",
    "isbn": lambda i: f"978-3-16-{RNG.integers(10**5, 10**6)}-{i % 10}",
    "ssn": lambda _: f"{RNG.integers(100, 999)}-{RNG.integers(10, 99)}-{RNG.integers(1000, 9999)}",
    "zeros": lambda i: f"{i * 37:07d}",
    "invoice": lambda i: f"2024/{i:05d}",
    "base64": lambda _: base64.b64encode(RNG.bytes(12)).decode(),
    "plate": lambda i: f"{'WGLK'[i % 4]}-{RNG.integers(10_000, 99_999)}{UPPER[i % 26]}",
    "underscore": lambda _: f"{RNG.integers(100, 999)}_{RNG.integers(100, 999)}",
    "doi": lambda i: f"10.1000/xyz{i * 37:05d}",
}
OTHER = {
    "measured": lambda _: f"{RNG.normal(10, 9):.2f}±{RNG.random():.2f}",
    "degrees": lambda _: f"{RNG.integers(46, 49)}°{RNG.integers(60):02d}'{RNG.integers(60):02d}\"N",
    "versions": lambda i: f"v{RNG.integers(3)}.{RNG.integers(40)}.{i}{['', '-rc1', '-beta.2'][i % 3]}",
    "dna": lambda _: drawn("ACGT", 12),
    "protein": lambda _: drawn("ACDEFGHIKLMNPQRSTVWY", 30),
    "bits": lambda _: drawn("01", 16),
    "names": lambda _: drawn(UPPER, RNG.integers(4, 9)).title(),
    "pressure": lambda i: f"{100 + i}/{RNG.integers(50, 110)}",
    "point": lambda _: f"{RNG.normal():.4f},{RNG.normal():.4f}",
    "version": lambda i: f"{RNG.integers(9)}.{i}.{RNG.integers(90)}",
    "link": lambda i: f"https://a.b/{i}",
    "date": lambda i: f"2706-{RNG.integers(10, 99)}-{RNG.integers(10, 99)}T98:78:32+51:0{i}",
    "list": lambda i: f"[{i};{i + 1}]",
}
MORE = {
    "private address": lambda i: f"192.168.{i % 4}.{i}",
    "network": lambda i: f"10.{i % 250}.{i // 250}.0/{8 + i % 20}",
    "long address": lambda _: ":".join(RNG.bytes(2).hex() for _ in range(8)),
    "color": lambda _: f"#{RNG.bytes(3).hex()}",
    "hexadecimal": lambda i: f"0x{i * 7919 % 65536:04X}",
    "other digits": lambda i: "".join("٠١٢٣٤٥٦٧٨٩"[int(digit)] for digit in str(i * 37)),
    "result": lambda i: f"{i}-{RNG.integers(0, 50)}",
    "formula": lambda i: f"C{i % 40}H{i}O{RNG.integers(1, 9)}",
    "latitude": lambda i: f"{i % 60}°{RNG.integers(0, 60)}'{i}\"N",
    "error": lambda i: f"{i / 7:.2f}±{RNG.random():.2f}",
    "molecule": lambda _: f"C{drawn('CNO()=1', RNG.integers(6, 20))}",
    "about": lambda i: f"~{i}",
    "at least": lambda i: f"{10 * i}+",
    "grouped": lambda i: f"{300_000 + i * 7919:_}",
    "quoted": lambda i: f'"{i * 37}"',
    "clock": lambda i: f"{i // 6}h{i % 60:02d}",
    "comma and exponent": lambda i: f"{1 + i / 300:.3f}E+{i % 14:02d}".replace(".", ","),
}


@pytest.mark.parametrize("way", EARNED)
def test_texts_that_differ_and_are_nothing_else_are_identifiers(way):
    texts = [EARNED[way](i) for i in range(400)]
    assert why_no_identifier(list(dict.fromkeys(texts)), 400) == ""


@pytest.mark.parametrize("way", OTHER)
def test_what_is_something_else_is_left_out_and_the_user_is_warned(way, tmp_path):
    texts = list(dict.fromkeys(OTHER[way](i) for i in range(300)))
    frame = pd.DataFrame({"x": texts, "y": [i % 7 for i in range(len(texts))]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    module = open_data(tmp_path / "t.csv")
    assert list(module.raw.samples) == ["y"]
    assert any(note.startswith("Warning: column 'x' holds ") for note in module.notes)
    forced = open_data(tmp_path / "t.csv", options={"columns": {"x": "identifier"}})
    assert "x" in forced.raw.samples


def test_a_column_that_is_named_like_an_identifier_may_hold_several_numbers():
    texts = [f"{i + 1}/{2020 + i % 4}" for i in range(400)]
    assert why_no_identifier(texts, 400)
    assert why_no_identifier(texts, 400, named=True) == ""
    assert recognize(pd.Series(texts, name="invoice_id")).kind == "identifier"
    assert recognize(pd.Series(texts, name="share")).kind == "text"


@pytest.mark.parametrize("way", MORE)
def test_addresses_measures_and_formulas_are_no_identifiers(way):
    texts = list(dict.fromkeys(MORE[way](i) for i in range(300)))
    assert why_no_identifier(texts, len(texts))


def test_texts_that_repeat_a_little_are_no_identifiers():
    assert "repeat too little" in why_no_identifier([f"K{i}" for i in range(250)], 400)


@pytest.mark.parametrize(
    ("way", "kind"),
    [
        (lambda i: f"{i}%", "integer"),
        (lambda i: f"€ {i + 5}", "integer"),
        (lambda i: f"{i} min", "integer"),
        (lambda i: f"{i // 3600}:{i // 60 % 60:02d}:{i % 60:02d}", "integer"),
        (lambda i: f"{i // 60}h{i % 60:02d}", "datetime"),
        (lambda i: f"{i:,}", "identifier"),
        (str, "identifier"),
    ],
)
def test_numbers_that_count_the_rows_are_learned_if_a_sign_or_unit_says_what_they_are(way, kind, tmp_path):
    frame = pd.DataFrame({"x": [way(i) for i in range(900, 1300)], "y": [i % 7 for i in range(400)]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    module = open_data(tmp_path / "t.csv")
    column = module.codec.columns[0]
    assert column.form.kind == kind
    assert any("holds identifiers" in note for note in module.notes) == (kind == "identifier")
    written = module.codec.to_original_format(module.raw.samples)["x"]
    assert written.astype(str).tolist() == frame["x"].tolist()


@pytest.mark.parametrize("odd", ["n/a?", "00", "-", "k.A.", "free"])
def test_one_odd_cell_does_not_change_identifiers(odd):
    for way in EARNED.values():
        texts = list(dict.fromkeys([*(way(i) for i in range(400)), odd]))
        assert why_no_identifier(texts, 401) == ""
