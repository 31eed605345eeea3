"""Grammar of binding rules: ``signup <= last_login``, ``zip -> city``, ``a missing <-> b missing``.

``A <= B``, ``A < B``, ``A >= B`` and ``A > B`` compare two columns of numbers or dates; ``A -> B`` and
``A, B -> C`` say that the left columns determine the right one; ``A missing <-> B missing`` says that both
are missing in the same rows. Signs of one sort may form a chain (``a <= b < c``, ``zip -> city -> state``),
and the right side of ``->`` may name several columns: these are several rules. A name with a sign or a comma
in it, with a quote at its start or with ``missing`` at its end stands in quotes (``"a<b"``, a quote inside is
doubled); spaces need none.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from autogen.errors import DataError, did_you_mean

RuleKind = Literal["determines", "ordered", "missing"]

_SIGNS = ("<->", "<=", ">=", "->", "<", ">", ",")
_SIGN = "|".join(_SIGNS)
_PIECE = re.compile(
    rf"""\s*(?:(?P<sign>{_SIGN})|(?P<quoted>"(?:[^"]|"")*"|'(?:[^']|'')*')|(?P<word>(?:(?!{_SIGN}).)+))""",
    re.DOTALL,
)
_ORDER = ("<=", "<", ">=", ">")
_FORMS = "write A <= B, A < B, A -> B (also A, B -> C) or A missing <-> B missing"
_MISSING = "missing"


@dataclass(frozen=True)
class BindingRule:
    """Rule that every generated row keeps.

    Attributes:
        kind: ``determines``: the left columns determine the right one; ``ordered``: the left column is never
            larger than the right one; ``missing``: both are missing in the same rows.
        left: names of the left columns; one, except of ``determines``.
        right: name of the right column.
        strict: True if equal cells break an ``ordered`` rule.
    """

    kind: RuleKind
    left: tuple[str, ...]
    right: str
    strict: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns of the rule, the right one last."""
        return (*self.left, self.right)

    @property
    def text(self) -> str:
        """The rule as it can be written."""
        left, right = ", ".join(map(_quoted, self.left)), _quoted(self.right)
        if self.kind == "missing":
            return f"{left} {_MISSING} <-> {right} {_MISSING}"
        sign = "->" if self.kind == "determines" else "<" if self.strict else "<="
        return f"{left} {sign} {right}"

    def to_json(self) -> dict[str, Any]:
        """Describe the rule in JSON values."""
        return {"kind": self.kind, "left": list(self.left), "right": self.right, "strict": self.strict}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "BindingRule":
        """Rebuild from ``to_json``."""
        return cls(record["kind"], tuple(record["left"]), record["right"], record["strict"])


def parse_rules(texts: Iterable[str], columns: Sequence[str], source: str) -> tuple[BindingRule, ...]:
    """Parse rules; a rule that occurs twice is kept once.

    Args:
        texts: rules as the user writes them.
        columns: names of the table's columns.
        source: name of the table, for messages.

    Raises:
        DataError: a text is no rule, or names a column that the table lacks.
    """
    if isinstance(texts, str):
        raise DataError(f"rules must be a list of texts; got the text {texts!r}. Write rules = [{texts!r}].")
    found: dict[BindingRule, None] = {}
    for text in texts:
        for rule in parse_rule(str(text)):
            _refuse_unknown(rule, str(text), columns, source)
            found[rule] = None
    return tuple(found)


def parse_rule(text: str) -> tuple[BindingRule, ...]:
    """Parse one text to its rules: several if it is a chain.

    Raises:
        DataError: the text is no rule.
    """
    operands, signs = _split(text)
    if not signs:
        raise DataError(f"the rule {text!r} has no sign between its columns; {_FORMS}.")
    if set(signs) <= {"->", ","} and "->" in signs:
        rules = _determining(text, operands, signs)
    elif set(signs) == {"<->"}:
        names = [_missing_name(text, operand) for operand in operands]
        rules = [BindingRule("missing", (first,), second) for first, second in pairwise(names)]
    elif set(signs) <= {"<=", "<"} or set(signs) <= {">=", ">"}:
        names = [_name(text, operand) for operand in operands]
        rules = [_ordered(*pair, sign) for pair, sign in zip(pairwise(names), signs, strict=True)]
    else:
        raise DataError(f"the rule {text!r} mixes the signs {' and '.join(dict.fromkeys(signs))}; {_FORMS}.")
    for rule in rules:
        if rule.right in rule.left:
            raise DataError(f"the rule {text!r} has the column {rule.right!r} on both sides; {_FORMS}.")
    return tuple(rules)


def _split(text: str) -> tuple[list[list[tuple[str, bool]]], list[str]]:
    """Cut a text at its signs.

    Returns:
        The pieces of each operand, each with whether it was in quotes; and the signs between the operands.
    """
    operands: list[list[tuple[str, bool]]] = [[]]
    signs = []
    for piece in _PIECE.finditer(text.strip()):
        if piece["sign"]:
            signs.append(piece["sign"])
            operands.append([])
        elif piece["quoted"]:
            quote = piece["quoted"][0]
            operands[-1].append((piece["quoted"][1:-1].replace(2 * quote, quote), True))
        elif word := piece["word"].strip():
            operands[-1].append((word, False))
    return operands, signs


def _name(text: str, operand: list[tuple[str, bool]]) -> str:
    """Return the name that an operand is."""
    if not operand:
        raise DataError(f"the rule {text!r} lacks a column beside a sign; {_FORMS}.")
    if len(operand) > 1 or (not operand[0][1] and operand[0][0][0] in "\"'"):
        raise DataError(
            f"the rule {text!r} has quotes that do not enclose a whole name; write "
            f"'\"first name\" -> city' with a quote on either side of the name."
        )
    return operand[0][0]


def _missing_name(text: str, operand: list[tuple[str, bool]]) -> str:
    """Return the name in an operand ``NAME missing``."""
    if len(operand) == 2 and operand[1] == (_MISSING, False):
        return _name(text, operand[:1])
    if len(operand) == 1 and not operand[0][1]:
        name, _, last = operand[0][0].rpartition(" ")
        if last == _MISSING and name.strip():
            return _name(text, [(name.strip(), False)])
    raise DataError(f"the rule {text!r} needs the word missing after each column; {_FORMS}.")


def _ordered(first: str, second: str, sign: str) -> BindingRule:
    low, high = (first, second) if sign in ("<=", "<") else (second, first)
    return BindingRule("ordered", (low,), high, strict=sign in ("<", ">"))


def _determining(text: str, operands: list[list[tuple[str, bool]]], signs: list[str]) -> list[BindingRule]:
    """Make the rules of ``A, B -> C, D -> E``: each group of columns determines the next one."""
    groups = [[_name(text, operands[0])]]
    for sign, operand in zip(signs, operands[1:], strict=True):
        if sign == "->":
            groups.append([])
        groups[-1].append(_name(text, operand))
    return [
        BindingRule("determines", tuple(dict.fromkeys(left)), name)
        for left, right in pairwise(groups)
        for name in right
    ]


def _refuse_unknown(rule: BindingRule, text: str, columns: Sequence[str], source: str) -> None:
    for name in rule.columns:
        if name not in columns:
            shown = ", ".join(list(columns)[:12]) + (" ..." if len(columns) > 12 else "")
            raise DataError(
                f"{source} has no column {name!r}, which the rule {text!r} names; it has {shown}."
                f"{did_you_mean(name, columns)}"
            )


def _quoted(name: str) -> str:
    """Write a name in quotes where the grammar needs them."""
    plain = not re.search(_SIGN, name) and name == name.strip() and name[:1] not in ("", '"', "'")
    if plain and name.rpartition(" ")[2] != _MISSING:
        return name
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
