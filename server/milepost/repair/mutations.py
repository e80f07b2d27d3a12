"""Mutations: the plain slips of learners, undone one at a time (an operator, a constant, a name, a forgotten `return`)."""

import ast
import builtins
import re
from collections.abc import Iterator, Sequence

from milepost.domain.validations import FixSource
from milepost.repair import roles
from milepost.repair.changes import Change, Insertion, Part, Removal, Replacement, Statement
from milepost.repair.donors import removal
from milepost.repair.labels import Branch, branch
from milepost.repair.outline import Block, Kind, Outline
from milepost.repair.units import Unit
from milepost.repair.writing import SYMBOLS, needed_rank, operator_swapped, rank

_ORDERINGS = ("Lt", "LtE", "Gt", "GtE", "Eq", "NotEq")
_OPPOSITES = {"Is": "IsNot", "IsNot": "Is", "In": "NotIn", "NotIn": "In"}
_ARITHMETIC = {"Add": ("Sub",), "Sub": ("Add",), "Mult": ("Add", "Pow", "FloorDiv"), "Div": ("FloorDiv", "Mult"),
    "FloorDiv": ("Div", "Mod"), "Mod": ("FloorDiv",), "Pow": ("Mult",)}  # fmt: skip
_IN_PLACE = frozenset("sort append extend reverse insert remove add update clear".split())
_ERRORS = ("ValueError", "KeyError", "IndexError", "TypeError", "ZeroDivisionError", "OSError", "Exception")
_SWAPPED_WORDS = {"Break": "continue", "Continue": "break"}
_METHODS = {"append": ("extend", "remove"), "extend": ("append",), "remove": ("append", "pop"), "pop": ("remove",),
    "find": ("index",), "index": ("find", "count"), "keys": ("values", "items"), "values": ("keys", "items"),
    "items": ("keys", "values"), "upper": ("lower",), "lower": ("upper",)}  # fmt: skip


class Mutator:
    """Makes the mutations of one unit."""

    def __init__(self, outline: Outline, unit: Unit, known: frozenset[str]) -> None:
        self._outline = outline
        self._unit = unit
        self._known = known | unit.variables
        self._blocks = [block for block in unit.blocks if not _is_definition(block)]
        self._constants = self._all_constants()
        self._roles = roles.roles(one.node for block in self._blocks for one in block.header.walk())

    def mutations(self) -> Iterator[Change]:
        """Yield the mutations, in no order."""
        for block in self._blocks:
            if block.kind in (Kind.SIMPLE, Kind.COMPOUND):
                for child in block.header.children:
                    yield from self._expression(block, child, block.header)
                yield from self._statement(block)
        yield from self._endings()
        yield from self._copies()
        yield from self._strangers()

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
            yield from self._subscript(block, node, parent)
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
                cost = one.size - _size(one, value) if len(node.values) == 2 else _size(one, value)
                rest = [self._source(other) for other in node.values if other is not value]
                word = SYMBOLS[type(node.op).__name__]
                text = f" {word} ".join(rest)
                yield self._change(block, node, text, _size(one, value) + (2 if len(rest) == 1 else 0), "shortened")
                del cost
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

    def _subscript(self, block: Block, node: ast.Subscript, parent: Branch) -> Iterator[Change]:
        yield self._change(block, node, self._source(node.value), 2.0, "unindexed", 0.3)
        if isinstance(node.value, ast.Attribute):
            text = f"{self._source(node.value)}({self._source(node.slice)})"
            yield self._change(block, node, text, 1.0, "brackets")
        del parent

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

    def _statement(self, block: Block) -> Iterator[Change]:
        node = block.node
        yield _by_mutation(removal(self._outline, block))
        if block.kind is Kind.COMPOUND:
            yield from self._compound(block)
        if isinstance(node, ast.AugAssign):
            yield from self._augmented(block, node)
        if isinstance(node, ast.Assign | ast.Return) and _changes_in_place(node.value):
            yield from self._in_place(block, node)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
            name = node.value.id
            yield self._change(block, node.value, f"{name}[:]", 2.0, "copy")
            yield self._change(block, node.value, f"list({name})", 2.0, "copy")
        if isinstance(node, ast.Break | ast.Continue):
            yield self._change(block, node, _SWAPPED_WORDS[type(node).__name__], 1.0, "jump")
            for value in sorted(self._unit.variables):
                yield self._change(block, node, f"return {value}", 2.0, "jump", 0.5)
        if isinstance(node, ast.Expr):
            yield from self._expression_statement(block, node)
        if isinstance(node, ast.Return):
            yield from self._return(block, node)
        yield from self._moves(block)

    def _in_place(self, block: Block, node: ast.Assign | ast.Return) -> Iterator[Change]:
        """Yield the bare call of a method that changes its object and gives nothing back."""
        assert isinstance(node.value, ast.Call)
        assert isinstance(node.value.func, ast.Attribute)
        call = self._source(node.value)
        place, value = self._outline.span(node), self._outline.span(node.value)
        assert place is not None
        assert value is not None
        bare = Replacement(place[0], value[0], "")
        if isinstance(node, ast.Assign):
            yield Change((bare,), 2.0, "in place", FixSource.MUTATION, block, self._source(node), call)
            return
        target = self._source(node.value.func.value)
        statement = Statement(Kind.SIMPLE, f"return {target}", node)
        size = 1.0 + len(list(ast.walk(node.value.func.value))) / 2
        parts = (bare, Insertion(statement, "after", block))
        yield Change(
            parts, 1.0 + size, "in place", FixSource.MUTATION, block, f"return {call}", f"{call}; return {target}"
        )

    def _augmented(self, block: Block, node: ast.AugAssign) -> Iterator[Change]:
        old = type(node.op).__name__
        for new in _ARITHMETIC.get(old, ()):
            yield from self._swapped(block, [(node.target, node.value)], old, new)

    def _compound(self, block: Block) -> Iterator[Change]:
        node = block.node
        if isinstance(node, ast.ExceptHandler) and node.type is None:
            place = block.start + len("except")
            for name in _ERRORS:
                part = Replacement(place, place, f" {name}")
                yield Change((part,), 1.0, "caught", FixSource.MUTATION, block, "except:", f"except {name}:")
        cost = float(block.header.size)
        if isinstance(node, ast.For | ast.While | ast.If):
            parts = (Removal(block), *[Removal(child) for child in block.children if child.kind is Kind.ELSE])
            yield Change(parts, cost, "unwrap", FixSource.MUTATION, block, self._source(node).split("\n", 1)[0])
        if isinstance(node, ast.If | ast.While):
            text = self._source(node.test)
            text = f"not {text}" if rank(node.test) > 4 else f"not ({text})"
            yield self._change(block, node.test, text, 2.0, "negate", 0.2)
            yield from self._guards(block, node.test)
        if isinstance(node, ast.If) and not self._outline.text.startswith("elif", block.start):
            word = Replacement(block.start, block.start + 2, "while")
            if not any(child.is_elif for child in block.children):
                yield Change((word,), 1.0, "loop", FixSource.MUTATION, block, "if", "while", risk=0.3)
        if isinstance(node, ast.While):
            word = Replacement(block.start, block.start + 5, "if")
            yield Change((word,), 1.0, "loop", FixSource.MUTATION, block, "while", "if", risk=0.3)

    def _guards(self, block: Block, test: ast.expr) -> Iterator[Change]:
        """Yield the condition with the question before it whether there is anything to index."""
        indexed = {
            one.value.id for one in ast.walk(test) if isinstance(one, ast.Subscript) and isinstance(one.value, ast.Name)
        }
        text = self._source(test)
        for name in sorted(indexed & self._unit.variables):
            inner = f"({text})" if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or) else text
            if inner == text:
                yield self._before(block, test, f"{name} and ", 3.0, "guard")
            else:
                yield self._change(block, test, f"{name} and {inner}", 3.0, "guard", 0.2)
            yield self._before(block, test, f"not {name} or ", 5.0, "guard")

    def _expression_statement(self, block: Block, node: ast.Expr) -> Iterator[Change]:
        value = node.value
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "print" and value.args:
            inner = ", ".join(self._source(one) for one in value.args)
            yield self._change(block, node, f"return {inner}", 3.0, "print")
        elif isinstance(value, ast.Compare) and isinstance(value.ops[0], ast.Eq):
            text = f"{self._source(value.left)} = {self._source(value.comparators[0])}"
            yield self._change(block, node, text, 2.0, "assign")
        else:
            yield self._before(block, node, "return ", 1.0, "return")
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            yield self._before(block, node, f"{self._source(value.func.value)} = ", 2.0, "assign", 0.6)

    def _return(self, block: Block, node: ast.Return) -> Iterator[Change]:
        values = [*sorted(self._unit.variables), "True", "False", "None", "0", "[]", "''"]
        if node.value is None:
            for text in values:
                yield self._change(block, node, f"return {text}", 1.0, "return", 0.3)
            return
        size = next(child.size for child in block.header.children)
        for text in values:
            if text != self._source(node.value):
                yield self._change(block, node.value, text, float(size), "return", 0.5)
        if not isinstance(node.value, ast.Constant):
            text = self._source(node.value)
            text = f"not {text}" if rank(node.value) > 4 else f"not ({text})"
            yield self._change(block, node.value, text, 2.0, "negate", 0.3)

    def _moves(self, block: Block) -> Iterator[Change]:
        """Yield the statement further out, one block further in, and before its neighbour."""
        parent = block.parent
        if parent is None or block.kind is not Kind.SIMPLE or self._outline.text[block.start : block.end].count("\n"):
            return
        moved = Statement(Kind.SIMPLE, self._source(block.node), block.node)
        yield from self._outward(block, moved)
        place = parent.children.index(block)
        if place > 0:
            yield from self._inward(block, moved, parent.children[place - 1])

    def _outward(self, block: Block, moved: Statement) -> Iterator[Change]:
        """Yield the statement after (or before) each statement around it."""
        owner = block.parent
        levels = 0
        while owner is not None and owner.kind is not Kind.MODULE and owner is not self._unit.block:
            inside = owner
            owner = owner.parent
            if inside.kind is not Kind.COMPOUND or inside.header.kind == "ExceptHandler":
                continue
            levels += 1
            if inside.parent is not None and inside.parent.is_elif:
                continue
            cost = min(2 * block.weight, 2.0 * levels)
            yield self._moved(block, moved, "after", inside, cost, "dedent")
            if levels == 1:
                yield self._moved(block, moved, "before", inside, cost, "dedent")

    def _inward(self, block: Block, moved: Statement, above: Block) -> Iterator[Change]:
        if above.kind is not Kind.COMPOUND:
            yield self._moved(block, moved, "before", above, 2 * min(block.weight, above.weight), "order")
            return
        last: Block | None = above
        levels = 0
        while last is not None:
            levels += last.kind is Kind.COMPOUND
            yield self._moved(block, moved, "last", last, min(2 * block.weight, 2.0 * levels), "indent")
            last = next((one for one in reversed(last.children[-1:]) if one.children), None)

    def _moved(self, block: Block, moved: Statement, side: str, anchor: Block, cost: float, kind: str) -> Change:
        parts = (Removal(block), Insertion(moved, side, anchor))
        return Change(parts, cost, kind, FixSource.MUTATION, block, moved.text, moved.text, risk=0.2)

    def _endings(self) -> Iterator[Change]:
        """Yield a `return` at the end of a function and at the end of its loops."""
        if not isinstance(self._unit.block.node, ast.FunctionDef | ast.AsyncFunctionDef):
            return
        values = [*sorted(self._unit.variables), "True", "False", "0", "[]"]
        loops = [block for block in self._blocks if isinstance(block.node, ast.For | ast.While)]
        last = self._unit.block.children[-1]
        if not isinstance(last.node, ast.Return):
            for value in values:
                yield self._returning(value, self._unit.block, 2.0)
        for value in values:
            for block in loops:
                yield self._returning(value, block, 2.0)

    def _copies(self) -> Iterator[Change]:
        """Yield a copy of each parameter that the function changes in place, made before anything else."""
        changed = {name for block in self._blocks for name in _changed(block.node)}
        for name in sorted(changed & set(self._unit.parameters)):
            text = f"{name} = list({name})"
            part = Insertion(Statement(Kind.SIMPLE, text, ast.parse(text).body[0]), "first", self._unit.block)
            yield Change((part,), 5.0, "own copy", FixSource.MUTATION, self._unit.block, name, text)

    def _strangers(self) -> Iterator[Change]:
        """Yield another name for all uses of one that is bound nowhere."""
        uses: dict[str, list[tuple[Block, ast.Name]]] = {}
        for block in self._blocks:
            for one in block.header.walk():
                if (
                    isinstance(one.node, ast.Name)
                    and one.node.id not in self._known
                    and not hasattr(builtins, one.node.id)
                ):
                    uses.setdefault(one.node.id, []).append((block, one.node))
        for name, places in uses.items():
            if len(places) < 2:
                continue
            spans = [span for _, node in places if (span := self._outline.span(node)) is not None]
            for other in self._fitting(name):
                parts = tuple(Replacement(*span, other) for span in spans)
                yield Change(parts, float(len(spans)), "name", FixSource.MUTATION, places[0][0], name, other, risk=-0.5)

    def _returning(self, value: str, block: Block, cost: float) -> Change:
        statement = Statement(Kind.SIMPLE, f"return {value}", ast.parse(f"return {value}").body[0])
        part = Insertion(statement, "last", block)
        risk = 0.1 if block is self._unit.block else 0.6
        return Change((part,), cost, "ending", FixSource.MUTATION, block, "", statement.text, risk=risk)


def _alternatives(kind: str) -> Sequence[str]:
    if kind in _ORDERINGS:
        return [other for other in _ORDERINGS if other != kind]
    if kind in _OPPOSITES:
        return (_OPPOSITES[kind],)
    if kind in ("And", "Or"):
        return ("Or",) if kind == "And" else ("And",)
    return _ARITHMETIC.get(kind, ())


def _is_definition(block: Block) -> bool:
    return isinstance(block.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def _changes_in_place(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _IN_PLACE


def _changed(node: ast.AST) -> Iterator[str]:
    """Yield the names of what a simple statement changes in place."""
    if isinstance(node, ast.Expr) and _changes_in_place(node.value):
        yield from _name_of(node.value.func.value)  # type: ignore[attr-defined]
    elif isinstance(node, ast.Assign | ast.AugAssign | ast.Delete):
        targets = [node.target] if isinstance(node, ast.AugAssign) else node.targets
        for target in targets:
            for one in ast.walk(target):
                if isinstance(one, ast.Subscript):
                    yield from _name_of(one.value)


def _name_of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id


def _is_named(call: ast.Call, name: str) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == name


def _size(whole: Branch, node: ast.AST) -> float:
    return float(next(one.size for one in whole.children if one.node is node))


def _may_be_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Name | ast.Call | ast.Subscript | ast.BinOp)


def _by_mutation(change: Change) -> Change:
    change.source = FixSource.MUTATION
    change.risk = 0.3
    return change
