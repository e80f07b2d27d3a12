"""Outlines: the statements of a Python program as a tree of pieces of its own text.

A clause that has no node of its own in the syntax tree (`else`, `finally`) is a block here, an `elif` is an `else`
that holds one `if`.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from milepost.repair import labels, quoting
from milepost.repair.labels import Branch
from milepost.repair.offsets import Offsets

_COLON = re.compile(r"#[^\r\n]*|(:)")
_INDENT = re.compile(r"[ \t\f]*")


class Kind(StrEnum):
    """What a block of an outline is."""

    MODULE = "module"
    SIMPLE = "simple"
    COMPOUND = "compound"
    ELSE = "else"
    FINALLY = "finally"


@dataclass(eq=False, slots=True)
class Block:
    """One statement or clause; `text[start:header_end]` is the statement, or its head up to the colon.

    `line_start` is where the lines that belong to it begin (comments and blank lines above included),
    `end` where its last statement ends, `indent` the white space before it.
    """

    kind: Kind
    node: ast.AST
    header: Branch
    start: int
    header_end: int
    end: int
    indent: str
    parent: "Block | None" = None
    children: "list[Block]" = field(default_factory=list)
    is_elif: bool = False
    position: int = 0
    lead_start: int = 0
    shares_line: bool = False

    @property
    def weight(self) -> float:
        """Return what inserting or removing this block alone counts."""
        return 0.1 if self.kind in (Kind.ELSE, Kind.FINALLY) else float(self.header.size)

    def walk(self) -> "Iterator[Block]":
        """Yield this block and all inside, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def size(self) -> float:
        """Return what inserting or removing this block with all inside counts."""
        return sum(block.weight for block in self.walk())


class Outline:
    """A parsed program; raises SyntaxError (or ValueError, RecursionError, MemoryError) for what is none."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = ast.parse(text)
        self._offsets = Offsets(text)
        self.root = Block(Kind.MODULE, self.tree, Branch(self.tree, "", ()), 0, 0, len(text), "")
        self._fill(self.root, self.tree.body)
        self.blocks = list(self.root.walk())
        self._number()
        self.quote = quoting.favourite(text)
        self.size = 1 + sum(block.header.size for block in self.blocks if block.kind in (Kind.SIMPLE, Kind.COMPOUND))

    def span(self, node: ast.AST) -> tuple[int, int] | None:
        """Return where a node stands in the text; None for those without a place."""
        return self._offsets.span(node)

    def source(self, node: ast.AST) -> str:
        """Return the text of a node that has a place."""
        place = self.span(node)
        return self.text[place[0] : place[1]] if place else ""

    def stands_in_text(self, node: ast.AST) -> bool:
        """Tell whether the place of an expression is to be trusted: inside format strings it is not always."""
        try:
            there = ast.parse(self.source(node), mode="eval").body
        except (SyntaxError, ValueError):
            return False
        return ast.dump(there) == ast.dump(node)

    def line_of(self, offset: int) -> int:
        """Return the zero-based line of an offset."""
        return self._offsets.line_of(offset)

    def _number(self) -> None:
        done = 0
        for position, block in enumerate(self.blocks):
            block.position = position
            if block.kind is Kind.MODULE:
                continue
            line = self._offsets.line_start(block.start)
            block.shares_line = line < done or bool(self.text[line : block.start].strip(" \t\f"))
            block.lead_start = block.start if block.shares_line else min(done, line)
            block.indent = _indent(self.text, line)
            if not block.is_elif:
                done = self._offsets.after_line(block.header_end, self.text)

    def line_end(self, offset: int) -> int:
        """Return where the line after that of an offset starts."""
        return self._offsets.after_line(offset, self.text)

    def line_start(self, offset: int) -> int:
        """Return where the line of an offset starts."""
        return self._offsets.line_start(offset)

    def _fill(self, parent: Block, statements: Sequence[ast.AST]) -> None:
        for statement in statements:
            block = self._block(statement)
            block.parent = parent
            parent.children.append(block)

    def _block(self, node: ast.AST) -> Block:
        start, end = self._place(node)
        header = labels.header(node)
        body = _body(node)
        if body is None:
            return Block(Kind.SIMPLE, node, header, start, end, end, "")
        colon = self._colon(node, start)
        block = Block(Kind.COMPOUND, node, header, start, colon, end, "")
        self._fill(block, body)
        self._fill(block, getattr(node, "handlers", []))
        self._clause(block, Kind.ELSE, getattr(node, "orelse", []))
        self._clause(block, Kind.FINALLY, getattr(node, "finalbody", []))
        return block

    def _place(self, node: ast.AST) -> tuple[int, int]:
        if isinstance(node, ast.match_case):
            return self._case_start(node), self._offsets.end(node.body[-1])
        place = self.span(node)
        assert place is not None
        start, end = place
        decorators = getattr(node, "decorator_list", [])
        if decorators:
            start = self.text.rindex("@", 0, self._place(decorators[0])[0])
        return start, end

    def _case_start(self, node: ast.match_case) -> int:
        return self.text.rindex("case", 0, self._offsets.start(node.pattern))

    def _colon(self, node: ast.AST, start: int) -> int:
        """Return the place after the colon that opens the block of a statement."""
        return self._after_colon(max([start, *self._ends(labels.header_nodes(node))]))

    def _ends(self, nodes: Iterable[ast.AST]) -> Iterator[int]:
        """Yield where nodes end; those without a place end where their parts do."""
        for node in nodes:
            place = self._offsets.end(node)
            if place >= 0:
                yield place
            else:
                yield from self._ends(ast.iter_child_nodes(node))

    def _after_colon(self, offset: int) -> int:
        for match in _COLON.finditer(self.text, offset):
            if match.group(1):
                return match.end()
        return len(self.text)

    def _clause(self, parent: Block, kind: Kind, body: Sequence[ast.AST]) -> None:
        if not body:
            return
        first = self._place(body[0])[0]
        is_elif = kind is Kind.ELSE and isinstance(body[0], ast.If) and self.text.startswith("elif", first)
        start, colon = first, first
        if not is_elif:
            word = re.compile(rf"#[^\r\n]*|\b({kind.value})\b")
            done = parent.children[-1].end
            start = next((match.start() for match in word.finditer(self.text, done) if match.group(1)), first)
            colon = self._after_colon(start)
        clause = Block(kind, ast.Pass(), Branch(ast.Pass(), kind.value, ()), start, colon, self._place(body[-1])[1], "")
        clause.is_elif = is_elif
        clause.parent = parent
        parent.children.append(clause)
        self._fill(clause, body)


def _body(node: ast.AST) -> Sequence[ast.AST] | None:
    """Return the statements or cases directly inside a compound statement, None for a simple one."""
    if isinstance(node, ast.Match):
        return node.cases
    body = getattr(node, "body", None)
    return body if isinstance(body, list) else None


def _indent(text: str, line_start: int) -> str:
    match = _INDENT.match(text, line_start)
    return match.group() if match else ""
