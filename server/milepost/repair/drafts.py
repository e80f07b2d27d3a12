"""Drafts: the learner's outline while changes are applied to it, and the program that comes out.

Whatever no change touches is copied from the learner's text as it stands.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence

from milepost.repair.changes import Change, Hole, Insertion, Removal, Replacement, Statement
from milepost.repair.outline import Block, Kind, Outline
from milepost.repair.units import is_remark

_CLAUSES = (Kind.ELSE, Kind.FINALLY)


class ImpossibleError(Exception):
    """The changes do not go together."""


class Item:
    """A block of the learner or a new statement in the draft; `children` is None while nothing inside has changed."""

    __slots__ = ("children", "gone", "parent", "piece")

    def __init__(self, piece: Block | Statement, parent: "Item | None") -> None:
        self.piece = piece
        self.parent = parent
        self.children: list[Item] | None = None
        self.gone = False

    @property
    def is_clause(self) -> bool:
        """Tell whether it belongs to the statement before it."""
        return self.piece.kind in _CLAUSES or isinstance(self.piece.node, ast.ExceptHandler)


class Draft:
    """Applies changes to one outline; raises ImpossibleError when they contradict each other."""

    def __init__(self, outline: Outline, changes: Iterable[Change]) -> None:
        self._outline = outline
        self._root = Item(outline.root, None)
        self._items: dict[Block, Item] = {outline.root: self._root}
        parts = [part for change in changes for part in change.parts]
        self.spans = _spans([part for part in parts if isinstance(part, Replacement)])
        insertions = [part for part in parts if isinstance(part, Insertion)]
        for removal in parts:
            if isinstance(removal, Removal):
                self._remove(removal.block)
        for insertion in sorted(insertions, key=lambda part: -part.order):
            self._insert(insertion)

    @property
    def root(self) -> Item:
        """Return the module."""
        return self._root

    def _item(self, block: Block) -> Item:
        """Return the item of a block and open everything above it."""
        found = self._items.get(block)
        if found is None:
            assert block.parent is not None
            self._open(self._item(block.parent))
            found = self._items[block]
        return found

    def _open(self, item: Item) -> None:
        if item.children is not None:
            return
        item.children = []
        for piece in item.piece.children:
            assert isinstance(piece, Block)
            child = Item(piece, item)
            self._items[piece] = child
            item.children.append(child)

    def _remove(self, block: Block) -> None:
        item = self._item(block)
        if item.gone:
            return
        item.gone = True
        self._open(item)

    def _insert(self, insertion: Insertion) -> None:
        holes = list(_holes(insertion.statement))
        if holes:
            self._wrap(insertion.statement, holes)
            return
        anchor = self._item(insertion.anchor)
        if insertion.side in ("first", "last"):
            self._open(anchor)
            children = anchor.children
            place = _beginning(children or []) if insertion.side == "first" else len(children or ())
            parent = anchor
        else:
            parent = anchor.parent or self._root
            children = parent.children
            place = _index(children or [], anchor) + (insertion.side == "after")
        assert children is not None
        children.insert(place, self._grow(insertion.statement, parent, {}))

    def _wrap(self, statement: Statement, holes: Sequence[Hole]) -> None:
        """Put a new statement around blocks that stand side by side."""
        firsts = [self._item(hole.first) for hole in holes]
        lasts = [self._item(hole.last) for hole in holes]
        shared = _shared_parent([*firsts, *lasts])
        children = _spliced(shared)
        places = [
            (_index(children, _below(first, shared)), _index(children, _below(last, shared)))
            for first, last in zip(firsts, lasts, strict=True)
        ]
        taken: dict[Hole, list[Item]] = {}
        previous = places[0][0] - 1
        for hole, (first, last) in zip(holes, places, strict=True):
            if first <= previous or last < first:
                raise ImpossibleError
            taken[hole] = children[previous + 1 : last + 1]
            previous = last
        children[places[0][0] : previous + 1] = [self._grow(statement, shared, taken)]

    def _grow(self, statement: Statement, parent: Item, taken: dict[Hole, list[Item]]) -> Item:
        item = Item(statement, parent)
        item.children = []
        for child in statement.children:
            if isinstance(child, Statement):
                item.children.append(self._grow(child, item, taken))
                continue
            for moved in taken[child]:
                moved.parent = item
                item.children.append(moved)
        return item


def _spliced(item: Item) -> list[Item]:
    """Put what is inside removed children in their place and return the children."""
    flat: list[Item] = []
    for child in item.children or []:
        inside = _spliced(child) if child.gone else [child]
        for one in inside:
            one.parent = item
        flat += inside
    item.children = flat
    return flat


def _shared_parent(items: Sequence[Item]) -> Item:
    """Return the deepest item that holds all others; removed items on the way do not count as parents."""
    paths = [list(_parents(item))[::-1] for item in items]
    shared = paths[0][0]
    for level in zip(*paths, strict=False):
        if any(one is not level[0] for one in level):
            break
        shared = level[0]
    return shared


def _parents(item: Item) -> Iterator[Item]:
    above = item.parent
    while above is not None:
        yield above
        above = above.parent


def _below(item: Item, parent: Item) -> Item:
    """Return the item or the one above it that is a child of `parent`."""
    while item.parent is not parent:
        if item.parent is None:
            raise ImpossibleError
        item = item.parent
    return item


def _index(children: Sequence[Item], wanted: Item) -> int:
    for place, child in enumerate(children):
        if child is wanted:
            return place
    raise ImpossibleError


def _beginning(children: Sequence[Item]) -> int:
    """Return the place of the first statement after a docstring."""
    return int(bool(children) and isinstance(children[0].piece, Block) and is_remark(children[0].piece))


def _holes(statement: Statement) -> Iterator[Hole]:
    for child in statement.children:
        if isinstance(child, Hole):
            yield child
        else:
            yield from _holes(child)


def _spans(replacements: Sequence[Replacement]) -> list[tuple[int, int, str]]:
    spans = sorted({(one.start, one.end, one.text) for one in replacements})
    for one, following in zip(spans, spans[1:], strict=False):
        if following[0] < one[1] or (following[0] == one[0] and following[1] == one[1]):
            raise ImpossibleError
    return spans
