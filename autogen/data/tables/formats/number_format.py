"""Formats of numbers in a column of text: ``$1,200.50``, ``12 %``, ``3,5``, ``1'200``, ``(12.5)``, ``22.5k``.

Reading removes signs, units and separators, so that models and metrics see numbers; the format puts them
back when rows go to a user. ``autogen.data.tables.formats.number_detection`` finds the format of a column.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np
import pandas as pd

from autogen.data.tables.formats.text_format import TextFormat
from autogen.data.tables.formats.words import native, western

#: The true minus and the hyphen; the latter last, for classes of regular expressions.
MINUS = "\u2212-"
#: Letters of thousands, millions and thousands of millions.
MULTIPLES = {"k": 1, "K": 1, "m": 2, "M": 2, "b": 3, "B": 3, "bn": 3, "G": 3}


@dataclass(frozen=True)
class NumberFormat(TextFormat):
    """Format in which the numbers of a column are written.

    Attributes:
        before: currency or other sign before a number, with its space.
        after: sign or unit after a number, with its space.
        thousands: thousands separator; empty for none.
        point: decimal separator.
        decimals: minimum number of decimals; a number with more keeps them.
        inner: True if a minus comes after ``before``: ``$-5``, not ``-$5``.
        plus: True if positive numbers have a plus.
        minus: the minus sign.
        brackets: True if negative numbers stand in brackets: ``(5)``, not ``-5``.
        trailing: True if a minus comes last, as accounting programs write it: ``5-``, not ``-5``.
        indian: True if digits above the first three are grouped by twos: ``12,34,567``.
        digits: number of digits of whole numbers with leading zeros (``01234``); 0 for none.
        multiples: letters after thousands, millions ..., separated by spaces: ``k M``; empty for none.
        most_decimals: most decimals before such a letter or an exponent; -1 for any number.
        negative: what stands behind negative numbers instead of ``after``, and no minus: ``DR``.
        within: True if brackets enclose the digits alone: ``$(5)``, not ``($5)``.
        dash: what stands for the decimals of whole numbers: ``-`` of ``307,-``.
        exponent: letter before an exponent, ``E`` of ``3,08E+14``; empty for none.
        power_digits: fewest digits of an exponent: 2 of ``3e+05``, 1 of ``3e+5``.
        power_plus: True if a positive exponent has a plus.
        zero: the zero of the digits; empty for 0 to 9.
    """

    before: str = ""
    after: str = ""
    thousands: str = ""
    point: str = "."
    decimals: int = 0
    inner: bool = False
    plus: bool = False
    minus: str = "-"
    brackets: bool = False
    trailing: bool = False
    indian: bool = False
    multiples: str = ""
    digits: int = 0
    most_decimals: int = -1
    negative: str = ""
    within: bool = False
    dash: str = ""
    exponent: str = ""
    power_digits: int = 2
    power_plus: bool = True
    zero: str = ""

    @property
    def measures(self) -> bool:
        """True if there is a sign, a unit, a plus, brackets or a letter of a multiple."""
        signs = self.plus or self.brackets or self.trailing or self.negative or self.dash or self.exponent
        return bool(self.before or self.after or signs or self.multiples)

    def format(self, number: float) -> str:
        """Format one number; the text parses to exactly this number, if ``most_decimals`` do not cut it."""
        size, letter = self.multiple(number)
        digits = self._scientific(size) if self.exponent else self._digits(size, letter)
        digits = digits.translate({ord(","): self.thousands, ord("."): self.point})
        if self.dash and self.point not in digits:
            digits += self.point + self.dash
        bare = bool(self.brackets or self.negative)
        sign = self.minus if number < 0 and not bare else "+" if self.plus and number > 0 else ""
        last = sign if self.trailing and number < 0 else ""
        outer, inner = ("", sign) if self.inner else (sign, "")
        outer, inner = ("", "") if last else (outer, inner)
        enclosed = self.brackets and number < 0
        digits = f"({digits}{letter})" if enclosed and self.within else f"{digits}{letter}"
        after = self.negative if self.negative and number < 0 else self.after
        text = f"{outer}{self.before}{inner}{digits}{after}{last}"
        text = f"({text})" if enclosed and not self.within else text
        return native(text, self.zero) if self.zero else text

    def _digits(self, size: float, letter: str) -> str:
        """Write the digits of a size with commas between thousands."""
        least = self.decimals if letter or not self.multiples else 0
        places = least if round(size, least) == size else decimals_of(size)
        if letter and 0 <= self.most_decimals < places:
            places = self.most_decimals
        digits = f"{size:,.{places}f}" if places else f"{int(size):,}"
        if self.dash and size == int(size):
            digits = f"{int(size):,}"
        if self.indian:
            digits = _by_twos(digits)
        return digits.replace(",", "").zfill(self.digits) if self.digits else digits

    def _scientific(self, size: float) -> str:
        """Write the digits of a size with an exponent."""
        needed = decimals_of_mantissa(size)
        most = needed if self.most_decimals < 0 else self.most_decimals
        mantissa, _, power = f"{size:.{max(self.decimals, min(needed, most))}e}".partition("e")
        sign = "-" if int(power) < 0 else "+" * self.power_plus
        return f"{mantissa}{self.exponent}{sign}{abs(int(power)):0{self.power_digits}d}"

    def rounded(self, column: pd.Series) -> pd.Series:
        """Round N drawn numbers to the decimals before a letter or exponent: 1,234,567 to ``1.2M``."""
        if self.most_decimals < 0:
            return column
        return self.parse_column(self.format_column(column), str(column.dtype))

    def strip(self, text: str) -> str | None:
        """Strip a text in this format to its plain number, ``1200.50``; ``None`` for another text.

        Spaces, thousands without a separator and the place of the minus may differ.
        """
        found = self._pattern.fullmatch(western(text, self.zero) if self.zero else text)
        if not found or not self._closed(found):
            return None
        whole = found["whole"].replace(self.thousands, "") if self.thousands else found["whole"]
        decimals = found["decimals"]
        plain = f"{whole}.{decimals}" if decimals and decimals.isdecimal() else whole
        if letter := found["letter"]:
            plain = f"{Decimal(plain).scaleb(3 * MULTIPLES[letter]):f}"
        if power := found["power"]:
            plain = repr(float(f"{plain}e{power}"))
        signed = found["outer"] or found["inner"] or found["last"]
        enclosed = found["open"] or found["within"]
        if self.negative and found["after"] == self.negative.strip():
            return None if signed or enclosed else f"-{plain}"
        return f"{'-' if enclosed else signed}{plain}".translate({ord(MINUS[0]): "-"})

    @staticmethod
    def _closed(found: re.Match[str]) -> bool:
        """Tell if the brackets of a match are closed, and at most one pair of them."""
        opened = bool(found["open"]) + bool(found["within"])
        return opened == bool(found["shut"]) + bool(found["close"]) and opened < len("()")

    def multiple(self, number: float) -> tuple[float, str]:
        """Split the size of a number into a factor and the letter of its multiple, if there are such."""
        size, letter = abs(number), ""
        for each in self.multiples.split():
            if abs(number) >= 1000 ** MULTIPLES[each]:
                size, letter = abs(number) / 1000 ** MULTIPLES[each], each
        return size, letter

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        before, after, apart, point, other, dash = map(
            re.escape,
            (
                *(self.before.strip(), self.after.strip(), self.thousands, self.point),
                *(self.negative.strip(), self.dash),
            ),
        )
        # No group of thousands begins with a zero: 0,541 has a decimal comma.
        whole = rf"[1-9]\d{{0,2}}(?:{apart}\d{{3}})+|\d+" if apart else r"\d+"
        if self.indian:
            whole = rf"[1-9]\d?(?:{apart}\d{{2}})*{apart}\d{{3}}|\d+"
        letters = "|".join(self.multiples.split())
        after = f"{other}|{after}" if other else after
        decimals = rf"\d+|{dash}" if dash else r"\d+"
        power = r"(?:[eEdD](?P<power>[+-]?\d{1,3}))?" if self.exponent or self.point == "," else "(?P<power>)"
        return re.compile(
            rf"\s*(?P<open>\(?)(?P<outer>[+{MINUS}]?){before}\s?(?P<within>\(?)(?P<inner>[+{MINUS}]?)"
            rf"(?P<whole>{whole})(?:{point}(?P<decimals>{decimals}))?{power}(?P<letter>(?:{letters})?)"
            rf"(?P<shut>\)?)\s?(?P<after>{after})(?P<last>[{MINUS}]?)(?P<close>\)?)\s*"
        )


def _by_twos(digits: str) -> str:
    """Group the digits of a number by twos above the first three: ``1,234,567.5`` to ``12,34,567.5``."""
    whole, point, rest = digits.partition(".")
    whole = whole.replace(",", "")
    high, low = whole[:-3], whole[-3:]
    groups = [high[max(0, end - 2) : end] for end in range(len(high), 0, -2)][::-1]
    return ",".join([*groups, low]) + point + rest


def decimals_of_mantissa(number: float) -> int:
    """Count the digits after the point of a number's mantissa: 3 of 1234."""
    digits = Decimal(repr(number)).as_tuple().digits
    return max(0, len("".join(map(str, digits)).strip("0")) - 1)


def decimals_of(number: float) -> int:
    """Count the digits of a number after its decimal point."""
    if isinstance(number, int):
        return 0
    text = repr(number)
    text = np.format_float_positional(number, trim="-") if "e" in text else text.removesuffix(".0")
    return len(text.partition(".")[2])
