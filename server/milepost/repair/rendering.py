"""Drafts become text again; what no change touches is copied byte for byte."""

import ast
import re
from collections.abc import Iterator, Sequence

from milepost.repair.changes import Change, Replacement, Statement
from milepost.repair.drafts import Draft, ImpossibleError, Item
from milepost.repair.outline import Block, Kind, Outline

FUEL = "_fuel_"
_LOOPS = (ast.For, ast.While, ast.AsyncFor)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_TAKES_ELSE = (ast.If, ast.For, ast.While, ast.AsyncFor, ast.Try)
_PASS = Statement(Kind.SIMPLE, "pass", ast.Pass())
_BURN = Statement(Kind.SIMPLE, f"next({FUEL})", ast.Pass())
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")


class Renderer:
    """Writes programs that are made of one outline; knows what all candidates of the outline share."""

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        text = outline.text
        self.newline = "\r\n" if "\r\n" in text else "\r" if "\r" in text and "\n" not in text else "\n"
        self.unit = _unit(outline)
        self._in_strings = _string_lines(outline)
        self._burns = list(_burns(outline))
        self.fuel = 0

    def render(self, changes: Sequence[Change]) -> str:
        """Return the program after the changes; raises ImpossibleError when they do not go together."""
        return _Writer(self, Draft(self.outline, changes), []).text()

    def trial(self, changes: Sequence[Change]) -> str:
        """Return the same with loops that end after `fuel` rounds together (without a bound while that is 0)."""
        if not self.fuel:
            return self.render(changes)
        new_loops = {change.block for change in changes if _may_open_loop(change)}
        burns = [*self._burns, *[_burn(block) for block in new_loops]]
        text = _Writer(self, Draft(self.outline, changes), burns).text()
        return f"{FUEL} = iter(range({self.fuel})){self.newline}{text}"

    def is_inside_string(self, line: int) -> bool:
        """Tell whether a zero-based line starts inside a string."""
        return line in self._in_strings


class _Writer:
    def __init__(self, renderer: Renderer, draft: Draft, burns: list[tuple[int, int, str]]) -> None:
        self._renderer = renderer
        self._outline = renderer.outline
        self._text = renderer.outline.text
        self._burns = bool(burns)
        # Of two insertions at one place, what bounds a loop comes first.
        self._spans = sorted([*burns, *draft.spans], key=lambda span: span[:2])
        self._root = draft.root
        self._out: list[str] = []

    def text(self) -> str:
        """Return the whole program."""
        root = self._root
        if root.children is None:
            return self._patched(0, len(self._text))
        blocks = self._outline.root.children
        self._items(_settled(root), "")
        tail = self._outline.line_end(blocks[-1].end) if blocks else 0
        self._start_line()
        self._out.append(self._patched(tail, len(self._text)))
        text = "".join(self._out)
        if not self._text.endswith(("\n", "\r")) and text.endswith(self._renderer.newline):
            text = text[: -len(self._renderer.newline)]
        return text

    def _start_line(self) -> None:
        if self._out and self._out[-1] and not self._out[-1].endswith(("\n", "\r")):
            self._out.append(self._renderer.newline)

    def _items(self, items: Sequence[Item], indent: str) -> None:
        place = 0
        while place < len(items):
            run = _run(items, place)
            pieces = [one.piece for one in run if one.children is None and isinstance(one.piece, Block)]
            if len(run) > 1 and len(pieces) == len(run) and all(piece.indent == indent for piece in pieces):
                self._start_line()
                first, last = pieces[0], pieces[-1]
                self._out.append(self._patched(first.lead_start, self._outline.line_end(last.end)))
                place += len(run)
                continue
            self._item(items[place], indent)
            place += 1

    def _item(self, item: Item, indent: str) -> None:
        self._start_line()
        if isinstance(item.piece, Statement):
            self._statement(item, item.piece, indent)
        elif item.children is None:
            self._whole(item.piece, indent)
        else:
            self._opened(item, item.piece, indent)

    def _statement(self, item: Item, statement: Statement, indent: str) -> None:
        newline = self._renderer.newline
        if statement.kind is Kind.ELSE and self._as_elif(item, indent):
            return
        if isinstance(statement.node, _DEFINITIONS) and self._out and not self._out[-1].rstrip().endswith(":"):
            self._out.append(newline * (1 if indent else 2))
        self._out += [f"{indent}{line}{newline}" for line in statement.text.split("\n")]
        if statement.kind is not Kind.SIMPLE:
            self._body(item, indent, indent + self._renderer.unit)

    def _as_elif(self, item: Item, indent: str) -> bool:
        """Write an `else` that holds only an `if` as an `elif`."""
        inside = _settled(item)
        if len(inside) != 1 or not isinstance(inside[0].piece.node, ast.If) or not _belongs_to_if(item):
            return False
        only = inside[0]
        if isinstance(only.piece, Statement):
            self._out.append(f"{indent}el{only.piece.text}{self._renderer.newline}")
            self._body(only, indent, indent + self._renderer.unit)
            return True
        if not self._is_elif(only.piece):
            return False
        if only.children is None:
            self._whole(only.piece, indent, keep_elif=True)
        else:
            self._opened(only, only.piece, indent, keep_elif=True)
        return True

    def _is_elif(self, block: Block) -> bool:
        return isinstance(block.node, ast.If) and self._text.startswith("elif", block.start)

    def _whole(self, block: Block, indent: str, *, keep_elif: bool = False) -> None:
        """Write a block inside which no statement moves."""
        if block.shares_line or self._shares_end(block):
            self._lines(block, block.start, block.end, indent, starts_line=False, keep_elif=keep_elif)
            return
        end = self._outline.line_end(block.end)
        if block.indent == indent and (keep_elif or not self._is_elif(block)):
            self._out.append(self._patched(block.lead_start, end))
        else:
            self._lines(block, block.lead_start, end, indent, keep_elif=keep_elif)

    def _shares_end(self, block: Block) -> bool:
        """Tell whether another statement goes on on the line where the block ends."""
        last = max(block.walk(), key=lambda one: one.position)
        following = self._outline.blocks[last.position + 1 : last.position + 2]
        return bool(following) and following[0].shares_line and not following[0].is_elif

    def _opened(self, item: Item, block: Block, indent: str, *, keep_elif: bool = False) -> None:
        """Write a block inside which statements move."""
        if block.is_elif:
            if not self._as_elif(item, indent):
                self._out.append(f"{indent}else:{self._renderer.newline}")
                self._body(item, indent, self._else_inner(block, indent))
            return
        inside = block.children[0] if block.children else None
        is_inline = inside is not None and inside.shares_line and not inside.is_elif
        end = block.header_end if is_inline else self._outline.line_end(block.header_end)
        start = block.start if block.shares_line else block.lead_start
        self._lines(block, start, end, indent, starts_line=not block.shares_line, keep_elif=keep_elif)
        self._body(item, indent, self._inner(block, None if is_inline else inside, indent))

    def _else_inner(self, block: Block, indent: str) -> str:
        """Return the indentation for an `else` that was an `elif`: that of the `if` it belongs to."""
        above = block.parent
        inside = above.children[0] if above is not None and above.children else None
        return self._inner(block, None if inside is None or inside.shares_line else inside, indent)

    def _inner(self, block: Block, inside: Block | None, indent: str) -> str:
        """Return the indentation of what is inside a block that now stands at `indent`."""
        if inside is None or block.kind is Kind.MODULE:
            return indent + self._renderer.unit
        if indent == block.indent:
            return inside.indent
        return indent + (inside.indent.removeprefix(block.indent) or self._renderer.unit)

    def _body(self, item: Item, indent: str, inner: str) -> None:
        """Write what is inside a compound statement, the clauses at its own indentation."""
        children = _settled(item)
        own = [child for child in children if not child.is_clause]
        clauses = [child for child in children if child.is_clause]
        if not own and isinstance(item.piece.node, ast.Match):
            raise ImpossibleError
        self._start_line()
        if self._burns and isinstance(item.piece.node, _LOOPS):
            self._out.append(f"{inner}{_BURN.text}{self._renderer.newline}")
        if own:
            self._items(own, inner)
        else:
            self._out.append(f"{inner}{_PASS.text}{self._renderer.newline}")
        _check_clauses(item, clauses)
        for clause in clauses:
            self._item(clause, indent)

    def _lines(
        self, block: Block, start: int, end: int, indent: str, *, starts_line: bool = True, keep_elif: bool = False
    ) -> None:
        """Write a stretch of the text line by line at another indentation."""
        if not starts_line:
            self._out.append(indent)
        done = start
        while done < end:
            line_end = min(self._outline.line_end(done), end)
            text = self._patched(done, line_end)
            if starts_line and not self._renderer.is_inside_string(self._outline.line_of(done)):
                text = "".join(_moved(line, block.indent, indent) for line in _LINE.findall(text))
            if done <= block.start < line_end and not keep_elif and self._is_elif(block):
                text = text.replace("elif", "if", 1)
            self._out.append(text)
            done, starts_line = line_end, True
        self._start_line()

    def _patched(self, start: int, end: int) -> str:
        """Return a stretch of the text with the replacements that begin in it."""
        pieces: list[str] = []
        done = start
        for first, last, new in self._spans:
            if first >= end and not (first == last == end == len(self._text)):
                break
            if first < start:
                done = max(done, min(last, end)) if last > start else done
                continue
            pieces += (self._text[done:first], new)
            done = max(last, done)
        pieces.append(self._text[done:end])
        return "".join(pieces)


def _moved(line: str, before: str, after: str) -> str:
    """Return a line at another indentation; a line further left than the old one stays as it is."""
    if not line.strip() or not line.startswith(before):
        return line
    return after + line[len(before) :]


def _belongs_to_if(clause: Item) -> bool:
    owner = clause.parent
    while owner is not None and owner.gone:
        owner = owner.parent
    return owner is not None and isinstance(owner.piece.node, ast.If)


def _settled(item: Item) -> list[Item]:
    """Return what is inside an item, removed items replaced by what they hold, clauses that fit nowhere as well."""
    flat = _flat(item)
    takes = isinstance(item.piece.node, _TAKES_ELSE)
    for place, child in reversed(list(enumerate(flat))):
        if child.is_clause and (not takes or not _fits(item, child)):
            flat[place : place + 1] = _settled(child)
    if item.piece.kind is not Kind.ELSE:
        flat = [one for one in flat if one.piece.kind is not Kind.ELSE or _settled(one)]
    return flat


def _flat(item: Item) -> list[Item]:
    if item.children is None:
        return [Item(piece, item) for piece in item.piece.children if isinstance(piece, Block)]
    flat: list[Item] = []
    for child in item.children:
        flat += _flat(child) if child.gone else [child]
    return flat


def _fits(item: Item, clause: Item) -> bool:
    if clause.piece.kind is Kind.ELSE:
        return True
    return isinstance(item.piece.node, ast.Try)


def _check_clauses(item: Item, clauses: Sequence[Item]) -> None:
    kinds = [clause.piece.kind for clause in clauses]
    if kinds.count(Kind.ELSE) > 1 or kinds.count(Kind.FINALLY) > 1:
        raise ImpossibleError
    if isinstance(item.piece.node, ast.Try) and not clauses:
        raise ImpossibleError
    if Kind.ELSE in kinds and isinstance(item.piece.node, ast.Try) and Kind.COMPOUND not in kinds:
        raise ImpossibleError


def _run(items: Sequence[Item], place: int) -> list[Item]:
    """Return the items from `place` on that stand on one line of the learner's text and still follow each other."""
    run = [items[place]]
    while place + 1 < len(items):
        here, there = items[place].piece, items[place + 1].piece
        if not isinstance(here, Block) or not isinstance(there, Block) or not there.shares_line:
            break
        if here.parent is not there.parent or here.parent is None or here.kind is not Kind.SIMPLE:
            break
        siblings = here.parent.children
        if siblings.index(here) + 1 >= len(siblings) or siblings[siblings.index(here) + 1] is not there:
            break
        run.append(items[place + 1])
        place += 1
    return run


def _unit(outline: Outline) -> str:
    """Return what the learner indents with."""
    for block in outline.blocks:
        inside = block.children[0] if block.children else None
        if inside is None or block.kind is Kind.MODULE or inside.shares_line:
            continue
        if inside.indent.startswith(block.indent) and len(inside.indent) > len(block.indent):
            return inside.indent[len(block.indent) :]
    return "    "


def _string_lines(outline: Outline) -> frozenset[int]:
    """Return the zero-based lines that start inside a string."""
    lines: set[int] = set()
    for node in ast.walk(outline.tree):
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)):
            lines.update(range(node.lineno, node.end_lineno or node.lineno))
    return frozenset(lines)


def _burns(outline: Outline) -> Iterator[tuple[int, int, str]]:
    """Yield the insertions that bound every loop of the learner's text."""
    for block in outline.blocks:
        if isinstance(block.node, _LOOPS) and block.children:
            yield _burn(block)


def _burn(block: Block) -> tuple[int, int, str]:
    first = block.children[0]
    end = "; " if first.kind is Kind.SIMPLE else f"\n{first.indent}"
    return first.start, first.start, f"{_BURN.text}{end}"


def _may_open_loop(change: Change) -> bool:
    """Tell whether a change gives a block that is no loop another head."""
    block = change.block
    if block.kind is not Kind.COMPOUND or isinstance(block.node, _LOOPS) or not block.children:
        return False
    return any(isinstance(part, Replacement) and part.start == block.start for part in change.parts)
