"""All single mutations of a module's source: one place changed each, found by the syntax tree.

Left out is what no promise rests on: annotations, decorators, docstrings and other strings, ``__repr__`` and
``__str__``, what is raised (messages), assertions, and f-strings.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

#: What a comparison may become: its bound in or out, or its opposite.
_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
#: Functions of one meaning and their opposites; ``sorted`` loses its order.
_CALLED = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list", "argmin": "argmax"}
#: Largest whole number that is changed by one; larger ones are doubled and halved.
_SMALL = 20
_SKIPPED = (ast.Raise, ast.Assert, ast.JoinedStr, ast.Import, ast.ImportFrom)


@dataclass(frozen=True)
class Mutation:
    """One change of a source.

    Attributes:
        line: Number of the line where it begins, from 1.
        kind: What is changed: ``comparison``, ``constant``, ``statement`` ...
        start: Offset of the first byte that is replaced.
        end: Offset after the last one.
        old: Text that is replaced, on one line.
        new: Text that replaces it.
    """

    line: int
    kind: str
    start: int
    end: int
    old: str
    new: str

    @property
    def change(self) -> str:
        """The change in words."""
        return f"{self.old} -> {self.new}"

    def apply(self, source: str) -> str:
        """Change a source."""
        data = source.encode()
        return (data[: self.start] + self.new.encode() + data[self.end :]).decode()


def mutations(source: str) -> list[Mutation]:
    """List the mutations of a source, in the order of its lines; each of them is valid Python."""
    finder = _Finder(source)
    finder.visit(ast.parse(source))
    return sorted(finder.found, key=lambda one: (one.start, one.end, one.new))


class _Finder(ast.NodeVisitor):
    """Collects mutations."""

    def __init__(self, source: str) -> None:
        self.found: list[Mutation] = []
        self._source = source
        lines = source.encode().splitlines(keepends=True)
        self._begins = [0]
        for line in lines:
            self._begins.append(self._begins[-1] + len(line))
        self._returns_truth = [False]

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, _SKIPPED):
            return
        for kind, new in self._changed(node):
            self._note(kind, node, new)
        super().visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if node.name in ("__repr__", "__str__"):
            return
        truth = isinstance(node.returns, ast.Name) and node.returns.id == "bool"
        self._returns_truth.append(truth)
        for part in (*node.args.defaults, *filter(None, node.args.kw_defaults), *node.body):
            self.visit(part)
        self._returns_truth.pop()

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for part in node.body:
            self.visit(part)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def _changed(self, node: ast.AST) -> Iterator[tuple[str, str]]:
        """Yield kind and new text of each mutation of one node."""
        match node:
            case ast.Compare(ops=[op], left=left, comparators=[right]):
                for new in _COMPARED[type(op)]:
                    yield "comparison", _text(ast.Compare(left, [new()], [right]))
            case ast.Compare(ops=[first, *rest], left=left, comparators=comparators):
                for new in _COMPARED[type(first)]:
                    yield "comparison", _text(ast.Compare(left, [new(), *rest], comparators))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _COMPUTED and not _is_text(node):
                yield "arithmetic", _text(ast.BinOp(left, _COMPUTED[type(op)](), right))
            case ast.AugAssign(target=target, op=op, value=value) if type(op) in _COMPUTED:
                yield "arithmetic", ast.unparse(ast.AugAssign(target, _COMPUTED[type(op)](), value))
                yield "statement", "pass"
            case ast.BoolOp(op=op, values=values):
                yield "truth", _text(ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values))
                for place in range(len(values)):
                    rest = values[:place] + values[place + 1 :]
                    yield "truth", _text(ast.BoolOp(op, rest) if len(rest) > 1 else rest[0])
            case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.Invert(), operand=operand):
                yield "truth" if isinstance(node.op, ast.Not) else "arithmetic", _text(operand)
            case ast.IfExp(test=test, body=body, orelse=other):
                yield "truth", _text(ast.IfExp(test, other, body))
            case ast.Constant(value=bool() as value):
                yield "constant", repr(not value)
            case ast.Constant(value=int() as value):
                yield "constant", repr(2 * value if value > _SMALL else value + 1)
                if value:
                    yield "constant", repr(value // 2 if value > _SMALL else value - 1)
            case ast.Constant(value=float() as value):
                yield "constant", repr(2 * value if value else 1.0)
                if value:
                    yield "constant", repr(value / 2)
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in _CALLED:
                yield "function", _other_function(node)
            case ast.Call(func=func, args=[first, second, *rest], keywords=keywords) if not any(
                isinstance(one, ast.Starred) for one in (first, second)
            ):
                yield "argument order", _text(ast.Call(func, [second, first, *rest], keywords))
            case ast.Return(value=ast.expr() as value) if not _is_none(value):
                truth = self._returns_truth[-1]
                yield "return value", f"return not ({ast.unparse(value)})" if truth else "return None"
            case ast.Expr(value=ast.Call()) | ast.Continue() | ast.Break() | ast.Delete():
                yield "statement", "pass"
            case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
                yield "statement", "pass"
            case ast.If(test=test) | ast.While(test=test) if not isinstance(test, ast.Compare | ast.UnaryOp):
                self._note("truth", test, f"(not ({ast.unparse(test)}))")
            case ast.comprehension(ifs=ifs):
                for test in ifs:
                    self._note("truth", test, "True")

    def _note(self, kind: str, node: ast.AST, new: str) -> None:
        start = self._begins[node.lineno - 1] + node.col_offset
        end = self._begins[node.end_lineno - 1] + node.end_col_offset
        old = self._source.encode()[start:end].decode()
        old = " ".join(old.split())
        if new.strip("()") != old.strip("()"):
            self.found.append(Mutation(node.lineno, kind, start, end, old, new))


def _text(node: ast.expr) -> str:
    """The source of an expression, in brackets so that it can stand anywhere."""
    return f"({ast.unparse(ast.fix_missing_locations(node))})"


def _other_function(call: ast.Call) -> str:
    name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr
    other = ast.Name(_CALLED[name])
    if isinstance(call.func, ast.Attribute):
        other = ast.Attribute(call.func.value, _CALLED[name])
    keywords = [] if name == "sorted" else call.keywords
    return _text(ast.Call(other, call.args, keywords))


def _is_text(node: ast.BinOp) -> bool:
    """Tell if an operation is on strings, as far as its constants tell."""
    return any(
        isinstance(one, ast.JoinedStr) or (isinstance(one, ast.Constant) and isinstance(one.value, str))
        for one in ast.walk(node)
    )


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
