"""Mutations of expressions: an operator, a constant, a name, a bound, an argument."""

import ast
import builtins
import re
from collections.abc import Iterator, Sequence

from milepost.domain.validations import FixSource
from milepost.repair import roles
from milepost.repair.changes import Change, Part, Replacement
from milepost.repair.labels import Branch, branch
from milepost.repair.outline import Block, Outline
from milepost.repair.units import Unit, is_definition
from milepost.repair.writing import SYMBOLS, needed_rank, operator_swapped, rank

_ORDERINGS = ("Lt", "LtE", "Gt", "GtE", "Eq", "NotEq")
_OPPOSITES = {"Is": "IsNot", "IsNot": "Is", "In": "NotIn", "NotIn": "In"}
ARITHMETIC = {"Add": ("Sub",), "Sub": ("Add",), "Mult": ("Add", "Pow", "FloorDiv"), "Div": ("FloorDiv", "Mult"),
    "FloorDiv": ("Div", "Mod"), "Mod": ("FloorDiv",), "Pow": ("Mult",)}  # fmt: skip
_METHODS = {"append": ("extend", "remove"), "extend": ("append",), "remove": ("append", "pop"), "pop": ("remove",),
    "find": ("index",), "index": ("find", "count"), "keys": ("values", "items"), "values": ("keys", "items"),
    "items": ("keys", "values"), "upper": ("lower",), "lower": ("upper",)}  # fmt: skip


class ExpressionMutator:
    """Makes the mutations of the expressions of one unit."""

    def __init__(self, outline: Outline, unit: Unit, known: frozenset[str]) -> None:
        self._outline = outline
        self._unit = unit
        self._known = known | unit.variables
        self._blocks = [block for block in unit.blocks if not is_definition(block)]
        self._constants = self._all_constants()
        self._roles = roles.roles(one.node for block in self._blocks for one in block.header.walk())

    def _fitting(self, name: str) -> list[str]:
        """Return the other variables that may hold the same kind of thing as `name`."""
        role = self._roles.get(name, "")
        return [one for one in sorted(self._unit.variables - {name}) if not role or self._roles.get(one, role) == role]

    def _of(self, role: str) -> list[str]:
        """Return the variables that may hold something of a kind."""
        return [one for one in sorted(self._unit.variables) if self._roles.get(one, role) == role]

    def _all_constants(self) -> list[str]:
        found: dict[str, None] = {}
        for block in self._blocks:
            for one in block.header.walk():
                if isinstance(one.node, ast.Constant) and not isinstance(one.node.value, str | bytes):
                    found[repr(one.node.value)] = None
        return list(found)

    def _change(self, block: Block, node: ast.AST, text: str, cost: float, kind: str, risk: float = 0.0) -> Change:
        place = self._outline.span(node)
        assert place is not None
        before = self._outline.text[place[0] : place[1]]
        return Change((Replacement(*place, text),), cost, kind, FixSource.MUTATION, block, before, text, risk=risk)

    def _before(self, block: Block, node: ast.AST, text: str, cost: float, kind: str, risk: float = 0.2) -> Change:
        """Return the insertion of a text before a node; unlike a replacement it goes together with changes inside."""
        place = self._outline.span(node)
        assert place is not None
        part = Replacement(place[0], place[0], text)
        before = self._source(node)
        return Change((part,), cost, kind, FixSource.MUTATION, block, before, text + before, risk=risk)

    def _expression(self, block: Block, one: Branch, parent: Branch) -> Iterator[Change]:
        if one.kind == "JoinedStr" or isinstance(one.node, ast.Starred):
            return
        if isinstance(one.node, ast.expr) and self._outline.span(one.node) is not None:
            yield from self._own(block, one, parent)
        for child in one.children:
            yield from self._expression(block, child, one)

    def _own(self, block: Block, one: Branch, parent: Branch) -> Iterator[Change]:
        node = one.node
        loads = not isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)
        if isinstance(node, ast.Compare | ast.BinOp | ast.BoolOp):
            yield from self._operators(block, one)
        if isinstance(node, ast.Constant):
            yield from self._constant(block, node, parent)
        if isinstance(node, ast.Name) and loads:
            yield from self._name(block, node, parent)
        if isinstance(node, ast.Attribute) and node.attr in _METHODS:
            yield from self._method(block, node)
        if isinstance(node, ast.Subscript) and loads:
            yield from self._subscript(block, node)
        if isinstance(node, ast.Call):
            yield from self._call(block, node, parent)
        if isinstance(node, ast.UnaryOp):
            yield self._change(block, node, self._wrapped(node.operand, parent.node, node), 2.0, "unwrapped")
        if loads and _may_be_number(node) and not isinstance(parent.node, ast.Attribute):
            yield from self._offset(block, node, parent)

    def _source(self, node: ast.AST) -> str:
        return self._outline.source(node)

    def _wrapped(self, inner: ast.AST, parent: ast.AST, place: ast.AST) -> str:
        text = self._source(inner)
        return f"({text})" if rank(inner) < needed_rank(parent, place) else text

    def _operators(self, block: Block, one: Branch) -> Iterator[Change]:
        operands = [child.node for child in one.children if isinstance(child.node, ast.expr)]
        for child in one.children:
            if isinstance(child.node, ast.expr):
                continue
            gaps = list(zip(operands, operands[1:], strict=False))
            if one.kind == "Compare":
                number = [other for other in one.children if not isinstance(other.node, ast.expr)].index(child)
                gaps = gaps[number : number + 1]
            for kind in _alternatives(child.kind):
                yield from self._swapped(block, gaps, child.kind, kind)
        yield from self._operands(block, one)

    def _swapped(self, block: Block, gaps: Sequence[tuple[ast.AST, ast.AST]], old: str, new: str) -> Iterator[Change]:
        parts: list[Part] = []
        for left, right in gaps:
            one, other = self._outline.span(left), self._outline.span(right)
            assert one is not None
            assert other is not None
            text = operator_swapped(self._outline.text[one[1] : other[0]], new)
            if text is None:
                return
            parts.append(Replacement(one[1], other[0], text))
        yield Change(tuple(parts), 1.0, "operator", FixSource.MUTATION, block, SYMBOLS[old], SYMBOLS[new])

    def _operands(self, block: Block, one: Branch) -> Iterator[Change]:
        """Yield one operand in place of the whole operation, and both swapped."""
        node = one.node
        if isinstance(node, ast.BoolOp):
            for value in node.values:
                rest = [self._source(other) for other in node.values if other is not value]
                word = SYMBOLS[type(node.op).__name__]
                text = f" {word} ".join(rest)
                yield self._change(block, node, text, _size(one, value) + (2 if len(rest) == 1 else 0), "shortened")
        if isinstance(node, ast.BinOp):
            for kept, dropped in ((node.left, node.right), (node.right, node.left)):
                text = self._source(kept)
                yield self._change(block, node, text, _size(one, dropped) + 2, "shortened")
            if isinstance(node.op, ast.Sub | ast.Div | ast.FloorDiv | ast.Mod | ast.Pow):
                yield self._exchanged(block, node.left, node.right)

    def _exchanged(self, block: Block, left: ast.AST, right: ast.AST) -> Change:
        one, other = self._outline.span(left), self._outline.span(right)
        assert one is not None
        assert other is not None
        first, second = self._source(left), self._source(right)
        parts = (Replacement(*one, second), Replacement(*other, first))
        return Change(parts, 2.0, "swap", FixSource.MUTATION, block, first, second)

    def _constant(self, block: Block, node: ast.Constant, parent: Branch) -> Iterator[Change]:
        value = node.value
        if isinstance(value, bool):
            yield self._change(block, node, str(not value), 1.0, "constant")
        elif isinstance(value, int):
            yield from self._numbers(block, node, value, parent)
        if value is None or isinstance(value, bool | int):
            role = roles.TRUTH if isinstance(value, bool) else roles.NUMBER
            for name in self._of(role) if value is not None else sorted(self._unit.variables):
                yield self._change(block, node, name, 1.0, "constant", 0.5)
        if isinstance(value, str) and not isinstance(parent.node, ast.Expr):
            if value in self._unit.variables:
                yield self._change(block, node, value, 1.0, "unquoted")
            yield from self._formatted(block, node)

    def _formatted(self, block: Block, node: ast.Constant) -> Iterator[Change]:
        """Yield a text as a format string: its braces come to life, or the names of variables in it do."""
        text = self._source(node)
        if text[:1] not in "'\"" or not text:
            return
        names = "|".join(sorted(map(re.escape, self._unit.variables), key=len, reverse=True))
        braced = text if "{" in text else re.sub(rf"\b({names})\b", r"{\1}", text) if names else text
        if braced == text and "{" not in text:
            return
        try:
            size = branch(ast.parse(f"f{braced}", mode="eval").body).size
        except SyntaxError:
            return
        yield self._change(block, node, f"f{braced}", float(size), "formatted")

    def _numbers(self, block: Block, node: ast.Constant, value: int, parent: Branch) -> Iterator[Change]:
        near = {value + 1, value - 1, 0, 1, 2} - {value}
        if isinstance(parent.node, ast.BinOp):
            near.discard(0)
        for number in sorted(near, key=lambda one: abs(one - value)):
            if number >= 0:
                yield self._change(block, node, str(number), 1.0, "constant", 0.1 * abs(number - value))
        for text in self._constants:
            if text not in {"0", *{str(number) for number in near}} and text != repr(value):
                yield self._change(block, node, text, 1.0, "constant", 0.3)
        negative = {-1, -value} - {value, 0}
        for number in negative:
            yield self._change(block, node, str(number), 2.0 if number == -value else 3.0, "constant", 0.2)

    def _name(self, block: Block, node: ast.Name, parent: Branch) -> Iterator[Change]:
        is_function = isinstance(parent.node, ast.Call) and parent.node.func is node
        unknown = node.id not in self._known and not hasattr(builtins, node.id)
        if not is_function or unknown:
            for name in self._fitting(node.id):
                yield self._change(block, node, name, 1.0, "name", 0.0 if unknown else 0.3)
        if unknown:
            for name in sorted(self._known - self._unit.variables):
                yield self._change(block, node, name, 1.0, "name", 0.4)
            for name in ("True", "False", "None") if not is_function else ():
                alike = name.casefold().startswith(node.id.casefold())
                yield self._change(block, node, name, 1.0, "name", 0.0 if alike else 0.5)
        is_base = isinstance(parent.node, ast.Attribute | ast.For)
        if is_function or is_base or node.id not in self._unit.variables or self._roles.get(node.id) == roles.NUMBER:
            return
        for index in ("0", "1", "-1"):
            cost = 2.0 if index != "-1" else 4.0
            yield self._change(block, node, f"{node.id}[{index}]", cost, "index", 0.5)

    def _method(self, block: Block, node: ast.Attribute) -> Iterator[Change]:
        place = self._outline.span(node)
        assert place is not None
        for name in _METHODS[node.attr]:
            part = Replacement(place[1] - len(node.attr), place[1], name)
            yield Change((part,), 0.5, "method", FixSource.MUTATION, block, node.attr, name)

    def _subscript(self, block: Block, node: ast.Subscript) -> Iterator[Change]:
        yield self._change(block, node, self._source(node.value), 2.0, "unindexed", 0.3)
        if isinstance(node.value, ast.Attribute):
            text = f"{self._source(node.value)}({self._source(node.slice)})"
            yield self._change(block, node, text, 1.0, "brackets")

    def _call(self, block: Block, node: ast.Call, parent: Branch) -> Iterator[Change]:
        args = node.args
        for one, other in zip(args, args[1:], strict=False):
            yield self._exchanged(block, one, other)
        if isinstance(node.func, ast.Name) and node.func.id == "range":
            yield from self._range(block, node)
        if _is_named(node, "sorted") or (isinstance(node.func, ast.Attribute) and node.func.attr == "sort"):
            yield from self._sorting(block, node)
        if len(args) == 1 and isinstance(node.func, ast.Name) and not isinstance(parent.node, ast.Expr):
            yield self._change(block, node, self._wrapped(args[0], parent.node, node), 2.0, "uncalled", 0.3)

    def _sorting(self, block: Block, node: ast.Call) -> Iterator[Change]:
        place = self._outline.span(node)
        assert place is not None
        if all(one.arg != "reverse" for one in node.keywords):
            comma = ", " if node.args or node.keywords else ""
            part = Replacement(place[1] - 1, place[1], f"{comma}reverse=True)")
            yield Change((part,), 2.0, "reverse", FixSource.MUTATION, block, self._source(node), "reverse=True")

    def _range(self, block: Block, node: ast.Call) -> Iterator[Change]:
        args = [self._source(one) for one in node.args]
        if len(args) == 1:
            yield self._change(block, node.args[0], f"1, {args[0]}", 1.0, "range")
            yield self._change(block, node.args[0], f"{args[0]}, -1, -1", 6.0, "range", 0.8)
        if len(args) == 2:
            place, last = self._outline.span(node.args[0]), self._outline.span(node.args[1])
            assert place is not None
            assert last is not None
            part = Replacement(place[0], last[0], "")
            yield Change(
                (part,), 1.0, "range", FixSource.MUTATION, block, f"range({args[0]}, {args[1]})", f"range({args[1]})"
            )
        if len(args) == 3 and isinstance(node.args[1], ast.Constant) and node.args[1].value == 0:
            yield self._change(block, node.args[1], "-1", 2.0, "range")

    def _offset(self, block: Block, node: ast.AST, parent: Branch) -> Iterator[Change]:
        if isinstance(parent.node, ast.BinOp) and isinstance(parent.node.op, ast.Add | ast.Sub):
            other = parent.node.right if parent.node.left is node else parent.node.left
            if isinstance(other, ast.Constant):
                return
        is_indexed = isinstance(parent.node, ast.Subscript) and parent.node.value is node
        if is_indexed or isinstance(parent.node, ast.For | ast.Starred | ast.Expr | ast.comprehension):
            return
        if isinstance(node, ast.Name) and self._roles.get(node.id, roles.NUMBER) != roles.NUMBER:
            return
        if isinstance(parent.node, ast.Call) and not _is_named(parent.node, "range"):
            return
        text = self._source(node)
        if rank(node) < 10:
            text = f"({text})"
        for sign in ("+", "-"):
            whole = f"{text} {sign} 1"
            if needed_rank(parent.node, node) > 10:
                whole = f"({whole})"
            yield self._change(block, node, whole, 3.0, "offset", 0.2)


def _alternatives(kind: str) -> Sequence[str]:
    if kind in _ORDERINGS:
        return [other for other in _ORDERINGS if other != kind]
    if kind in _OPPOSITES:
        return (_OPPOSITES[kind],)
    if kind in ("And", "Or"):
        return ("Or",) if kind == "And" else ("And",)
    return ARITHMETIC.get(kind, ())


def _is_named(call: ast.Call, name: str) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == name


def _size(whole: Branch, node: ast.AST) -> float:
    return float(next(one.size for one in whole.children if one.node is node))


def _may_be_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Name | ast.Call | ast.Subscript | ast.BinOp)
