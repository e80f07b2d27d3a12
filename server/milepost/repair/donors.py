"""Donors: trusted programs laid over the learner's, and the changes that would turn the learner's into them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from milepost.domain.validations import FixSource
from milepost.repair import renaming
from milepost.repair.alignment import Alignment, align
from milepost.repair.changes import Change, Hole, Insertion, Removal, Statement
from milepost.repair.differences import Comparison
from milepost.repair.labels import Branch, label
from milepost.repair.outline import Block, Kind, Outline
from milepost.repair.renaming import Names
from milepost.repair.units import Unit, is_definition, is_remark, profile, rough_distance
from milepost.repair.writing import expression, head


@dataclass(eq=False)
class Counterpart:
    """A donor's version of one of the learner's units: renamed, and mapped statement by statement."""

    learner: Unit
    donor: Unit
    names: dict[str, str]
    heads: list[Branch]
    alignment: Alignment

    @property
    def cost(self) -> float:
        """Return about how many nodes the two are apart."""
        return self.alignment.cost

    @cached_property
    def key(self) -> int:
        """Return a number that is equal for counterparts that say the same."""
        shape = [(head.exact, left) for head, left in zip(self.heads, self.donor.leftmost, strict=True)]
        return hash(tuple(shape))


def counterpart(learner: Unit, donor: Unit, limit: float, shared: Names) -> Counterpart | None:
    """Lay a donor's unit over the learner's, unless they are further apart than `limit`; `shared` are names from outside.

    Variables are matched by a first mapping that does not look at names.
    """
    if rough_distance(learner, donor) > limit:
        return None
    first = align(learner, donor, learner.shapes, donor.shapes)
    if first.cost > limit:
        return None
    best: Counterpart | None = None
    for _ in range(2):
        outside = {name: new for name, new in shared.items() if name not in donor.variables}
        names = {**outside, **renaming.matched(learner, donor, first if best is None else best.alignment)}
        if best is not None and names == best.names:
            break
        heads = [renaming.renamed(block.header, names) for block in donor.blocks]
        ours = [profile(block, block.header) for block in learner.blocks]
        theirs = [profile(block, branch) for block, branch in zip(donor.blocks, heads, strict=True)]
        found = Counterpart(learner, donor, names, heads, align(learner, donor, ours, theirs))
        if best is not None and found.cost >= best.cost:
            break
        best = found
    assert best is not None
    return best


def changes(outline: Outline, found: Counterpart) -> list[Change]:
    """Return the separable changes that together turn the learner's unit into the donor's."""
    return _Script(outline, found).changes()


@dataclass(eq=False)
class _Script:
    outline: Outline
    found: Counterpart
    images: dict[int, Block] = field(default_factory=dict)

    def changes(self) -> list[Change]:
        learner, donor = self.found.learner, self.found.donor
        self.images = {id(donor.blocks[theirs]): learner.blocks[ours] for ours, theirs in self.found.alignment.pairs}
        self.images[id(donor.block)] = learner.block
        if donor.is_flat:
            self.images |= _definitions(learner.block, donor.block)
        self._heads = {id(block): one for block, one in zip(donor.blocks, self.found.heads, strict=True)}
        kept = {learner.blocks[ours] for ours, _ in self.found.alignment.pairs}
        return [*self._replacements(), *self._removals(kept), *self._insertions(donor.block, [0])]

    def _replacements(self) -> Iterator[Change]:
        comparison = Comparison(self.outline, self.found.names)
        pairs = [
            (self.found.learner.blocks[ours], self.found.heads[theirs]) for ours, theirs in self.found.alignment.pairs
        ]
        if not self.found.learner.is_flat:
            pairs.append((self.found.learner.block, renaming.renamed(self.found.donor.block.header, self.found.names)))
        for block, theirs in pairs:
            if block.kind not in (Kind.SIMPLE, Kind.COMPOUND):
                continue
            for one in comparison.heads(block, theirs):
                before = self.outline.text[one.replacements[0].start : one.replacements[0].end]
                yield Change(
                    one.replacements, one.cost, one.kind, FixSource.RETRIEVAL, block, before, one.replacements[0].text
                )

    def _removals(self, kept: set[Block]) -> Iterator[Change]:
        """Yield a change for every removed block; one for a block with all that is inside when nothing of it stays."""
        gone: set[Block] = set()
        for block in sorted(self.found.learner.blocks, key=lambda one: one.position):
            if block in kept or block in gone:
                continue
            inside = [one for one in block.walk() if one is not block]
            if inside and any(one in kept for one in inside):
                yield Change((Removal(block),), block.weight, "unwrap", FixSource.RETRIEVAL, block, self._text(block))
                continue
            gone.update(inside)
            yield removal(self.outline, block)

    def _text(self, block: Block) -> str:
        return self.outline.text[block.start : block.header_end]

    def _insertions(self, parent: Block, counter: list[int]) -> Iterator[Change]:
        for place, child in enumerate(parent.children):
            counter[0] += 1
            if id(child) in self.images:
                if not (self.found.donor.is_flat and is_definition(child)):
                    yield from self._insertions(child, counter)
                continue
            if id(child) not in self._heads:
                continue
            order = counter[0]
            statement = self._statement(child)
            anchor, side = self._anchor(parent, place)
            insertion = Insertion(statement, side, anchor, order)
            cost = self._cost(child)
            kind = "wrap" if any(True for _ in _holes(statement)) else "insert"
            yield Change((insertion,), cost, kind, FixSource.RETRIEVAL, anchor, "", statement.text)
            yield from self._inner_insertions(child, counter)

    def _inner_insertions(self, block: Block, counter: list[int]) -> Iterator[Change]:
        """Yield the insertions below mapped blocks that stand inside a new one."""
        for child in block.children:
            if id(child) in self.images:
                yield from self._insertions(child, counter)
            else:
                yield from self._inner_insertions(child, counter)

    def _statement(self, block: Block) -> Statement:
        children: list[Statement | Hole] = []
        for child in block.children:
            if is_remark(child):
                continue
            image = self.images.get(id(child))
            children.append(self._statement(child) if image is None else Hole(image, image))
        return Statement(block.kind, self._written(block), block.node, tuple(children))

    def _written(self, block: Block) -> str:
        if block.kind in (Kind.ELSE, Kind.FINALLY):
            return f"{block.kind.value}:"
        write = expression if block.kind is Kind.SIMPLE else head
        return write(block.node, self.found.names, self.outline.quote)

    def _cost(self, block: Block) -> float:
        inside = sum(self._cost(child) for child in block.children if id(child) not in self.images)
        return inside + block.weight

    def _anchor(self, parent: Block, place: int) -> tuple[Block, str]:
        """Return where a new statement goes: after the nearest one before it that the learner has, too."""
        for earlier in reversed(parent.children[:place]):
            image = self._last_image(earlier)
            if image is not None:
                return image, "after"
        above: Block | None = parent
        while above is not None:
            if id(above) in self.images:
                return self.images[id(above)], "first"
            above = above.parent
        return self.found.learner.block, "first"

    def _last_image(self, block: Block) -> Block | None:
        """Return the learner's counterpart of a donor's block, or of the last one inside a new block that has one."""
        image = self.images.get(id(block))
        if image is not None:
            return image
        for child in reversed(block.children):
            image = self._last_image(child)
            if image is not None:
                return image
        return None


def _definitions(ours: Block, theirs: Block) -> dict[int, Block]:
    """Return the learner's functions and classes by the donor's of the same name."""
    named = {label(block.node): block for block in ours.children if is_definition(block)}
    return {
        id(block): named[label(block.node)]
        for block in theirs.children
        if is_definition(block) and label(block.node) in named
    }


def _holes(statement: Statement) -> Iterator[Hole]:
    for child in statement.children:
        if isinstance(child, Hole):
            yield child
        else:
            yield from _holes(child)


def removal(outline: Outline, block: Block) -> Change:
    """Return the change that removes a block with all that is inside."""
    parts = tuple(Removal(one) for one in block.walk())
    text = outline.text[block.start : block.header_end]
    return Change(parts, block.size, "remove", FixSource.RETRIEVAL, block, text)
