"""Mutations: the plain slips of learners, undone one at a time (an operator, a constant, a name, a forgotten `return`)."""

import ast
import builtins
from collections.abc import Iterator

from milepost.domain.validations import FixSource
from milepost.repair.changes import Change, Insertion, Removal, Replacement, Statement
from milepost.repair.donors import removal
from milepost.repair.expressions import ARITHMETIC, ExpressionMutator
from milepost.repair.outline import Block, Kind
from milepost.repair.writing import rank

_IN_PLACE = frozenset("sort append extend reverse insert remove add update clear".split())
_ERRORS = ("ValueError", "KeyError", "IndexError", "TypeError", "ZeroDivisionError", "OSError", "Exception")
_CHANGING = _IN_PLACE | {"pop", "popitem", "discard", "setdefault"}
_SWAPPED_WORDS = {"Break": "continue", "Continue": "break"}


class Mutator(ExpressionMutator):
    """Makes the mutations of one unit: those of its expressions, and of whole statements."""

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
        for new in ARITHMETIC.get(old, ()):
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
        changed = {name for block in self._blocks for one in block.header.walk() for name in _changed(one.node)}
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


def _changes_in_place(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _IN_PLACE


def _changed(node: ast.AST) -> Iterator[str]:
    """Yield the name of what an expression changes in place."""
    owner: ast.AST | None = None
    if isinstance(node, ast.Attribute) and node.attr in _CHANGING:
        owner = node.value
    if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
        owner = node.value
    if isinstance(owner, ast.Name):
        yield owner.id


def _by_mutation(change: Change) -> Change:
    change.source = FixSource.MUTATION
    change.risk = 0.3
    return change
