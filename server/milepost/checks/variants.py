"""New values from the values of examples: taken over, changed a little, put together anew, at the borders."""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from milepost.checks.invariants import Law, Row, Rule, shared_rules, span
from milepost.checks.shapes import CONTAINERS, Shape, infer

GROWTH = 3
LARGEST_TEXT = 60
ATTEMPTS = 4_000
ONE_CHANGED = 0.4
MIXED = 0.2
RELATED = 0.5
SMALL = 4


class Maker:
    """Makes values of one shape."""

    def __init__(self, shape: Shape, chance: random.Random, *, stated: bool = False) -> None:
        self.shape = shape
        self.chance = chance
        self.low, self.high = span(shape, stated=stated)
        self.law = Law(shape, stated=stated)
        self.longest = max(shape.lengths, default=0) + GROWTH
        parts = (shape.elements, shape.keys, shape.contents)
        self.elements, self.keys, self.contents = (
            Maker(part, chance, stated=stated) if part else None for part in parts
        )
        self.components = [Maker(component, chance, stated=stated) for component in shape.components]

    def make(self) -> Any:
        """Return a value of one of the types seen."""
        kind = self.chance.choice(self.shape.kinds)
        if self.shape.categorical or kind in {type(None), bytes, complex}:
            return self.chance.choice(self.shape.of(kind))
        makers: dict[type, Callable[[], Any]] = {
            bool: lambda: self._now_and_then(0.5),
            int: self._integer,
            float: self._real,
            str: self._text,
            dict: self._mapping,
        }
        return makers[kind]() if kind in makers else self._sequence(kind)

    def _now_and_then(self, share: float) -> bool:
        return self.chance.random() < share

    def _integer(self) -> int:
        seen = self.shape.of(int)
        low, high = round(self.low), round(self.high)
        known: int = self.chance.choice(seen)
        beside = known + self.chance.choice((-1, 1))
        border = self.chance.choice((low, high, 0, 1, -1))
        return min(high, max(low, self.chance.choice((known, beside, border, self.chance.randint(low, high)))))

    def _real(self) -> float:
        """Return a number with few binary digits, so that the order of a sum does not show."""
        if self._now_and_then(0.5):
            return float(self.chance.choice(self.shape.of(float)))
        number = round(self.chance.uniform(self.low, self.high) * 4) / 4
        return min(self.high, max(self.low, number))

    def _text(self) -> str:
        seen = self.shape.of(str)
        text = str(self.chance.choice(seen))
        if self.shape.worded or self._now_and_then(0.25):
            return text
        changes: tuple[Callable[[str], str], ...] = (
            self._shortened,
            self._doubled,
            self._exchanged,
            self._mingled,
            self._extended,
        )
        for _ in range(self.chance.randint(1, 2)):
            text = self.chance.choice(changes)(text)
        return text[:LARGEST_TEXT]

    def _shortened(self, text: str) -> str:
        start = self.chance.randint(0, len(text))
        return text[start : self.chance.randint(start, len(text))]

    def _doubled(self, text: str) -> str:
        place = self.chance.randint(0, len(text))
        return text[:place] + text[max(0, place - 1) :]

    def _exchanged(self, text: str) -> str:
        place = self.chance.randint(0, len(text))
        return text[:place] + self.chance.choice(self.shape.alphabet or " ") + text[place + 1 :]

    def _mingled(self, text: str) -> str:
        return "".join(self.chance.sample(text, len(text)))

    def _extended(self, text: str) -> str:
        gap, other = self.chance.choice(("", " ")), self.chance.choice(self.shape.of(str))
        return f"{text}{gap}{other}"

    def _mapping(self) -> dict[Any, Any]:
        if self.keys is None or self.contents is None:
            return {}
        seen: dict[Any, Any] = self.chance.choice(self.shape.of(dict))
        kept = {key: value for key, value in seen.items() if self._now_and_then(0.7)}
        fresh = {self.keys.make(): self.contents.make() for _ in range(self._length() - len(kept))}
        return {**kept, **fresh}

    def _length(self) -> int:
        lengths = self.shape.lengths
        if len(set(lengths)) == 1 and len(lengths) > 1:
            return lengths[0]
        if self._now_and_then(0.6):
            return self.chance.randint(0, min(SMALL, self.longest))
        return self.chance.choice([*lengths, self.chance.randint(0, self.longest)])

    def _sequence(self, kind: type) -> Any:
        if self.components:
            return self._record(kind)
        members = self._members() if self.elements else []
        ways = arrangements(members)
        self.chance.shuffle(ways)
        return next((kind(way) for way in ways if self.law.accepts(kind(way))), kind(members))

    def _record(self, kind: type) -> Any:
        if self._now_and_then(0.4):
            return self.chance.choice(self.shape.of(kind))
        return kind(maker.make() for maker in self.components)

    def _members(self) -> list[Any]:
        """Return some members of one seen value, or seen members of several, or new ones."""
        assert self.elements is not None
        if self._now_and_then(0.3):
            seen = self.chance.choice([list(value) for value in self.shape.values if isinstance(value, CONTAINERS)])
            kept = [member for member in seen if self._now_and_then(0.8)]
            return kept if self._now_and_then(0.5) else self.chance.sample(kept, len(kept))
        if self._now_and_then(0.4):
            return [self.chance.choice(self.elements.shape.values) for _ in range(self._length())]
        return [self.elements.make() for _ in range(self._length())]


def arrangements(members: list[Any]) -> list[list[Any]]:
    """Return the members as they are, thinned out, in order, and as rows of one length."""
    thinned = _thinned(members)
    ways = [members, thinned, members + members[::-1]]
    for way in (members, thinned):
        ordered = _ordered(way)
        ways += [ordered, ordered[::-1]]
    if members and all(isinstance(member, (list, tuple)) for member in members):
        width = min(map(len, members))
        ways += [[member[:width] for member in members], [member[:width] for member in members[:width]]]
    return ways


def _thinned(members: list[Any]) -> list[Any]:
    """Leave out repetitions, also those of one component."""
    kept = list({repr(member): member for member in members}.values())
    if kept and all(type(member) is tuple for member in kept):
        for component in range(min(map(len, kept))):
            once = {repr(member[component]): member for member in kept}
            kept = list(once.values()) if len(once) >= len(kept) - 1 else kept
    return kept


def _ordered(members: list[Any]) -> list[Any]:
    try:
        return sorted(members)
    except TypeError:
        return members


def rows(seen: Sequence[Row], seed: str, *, stated: bool = False) -> Iterator[Row]:
    """Yield rows like those seen that keep what all of them share, each once, none of those seen."""
    chance = random.Random(seed)  # noqa: S311 The rows are to be the same every time.
    shapes = _shapes(seen)
    makers = [Maker(shape, chance, stated=stated) for shape in shapes]
    laws = [Law(shape, stated=stated) for shape in shapes]
    rules = [] if stated else shared_rules(seen)
    told = {repr(row) for row in seen}
    for _ in range(ATTEMPTS):
        row = _row(seen, makers, chance)
        if repr(row) not in told and _keeps(row, laws, rules):
            told.add(repr(row))
            yield row


def _shapes(seen: Sequence[Row]) -> list[Shape]:
    columns = list(zip(*seen, strict=True))
    shapes = [infer(column) for column in columns]
    for place, shape in enumerate(shapes):
        others = {leaf for other, column in enumerate(columns) if other != place for leaf in _words(column)}
        shape.named = not others.isdisjoint(shape.of(str))
    return shapes


def _words(column: Row) -> Iterator[str]:
    """Yield the strings inside the containers of a column."""
    for value in column:
        yield from (leaf for leaf in _leaves(value) if isinstance(leaf, str))


def _keeps(row: Row, laws: Sequence[Law], rules: Sequence[Rule]) -> bool:
    return all(law.accepts(value) for law, value in zip(laws, row, strict=True)) and all(rule(row) for rule in rules)


def _row(seen: Sequence[Row], makers: Sequence[Maker], chance: random.Random) -> Row:
    """Change one value of a seen row, or put values of several rows together, or make all anew; then relate them."""
    way = chance.random()
    if way < ONE_CHANGED:
        row = list(chance.choice(seen))
        place = chance.randrange(len(makers))
        row[place] = makers[place].make()
    elif way < ONE_CHANGED + MIXED:
        row = [chance.choice(seen)[place] for place in range(len(makers))]
    else:
        row = [maker.make() for maker in makers]
    if len(row) > 1 and chance.random() < RELATED:
        _relate(row, chance)
    return tuple(row)


def _relate(row: list[Any], chance: random.Random) -> None:
    """Let one value be found in another, or lie just beside, or have its length: there programs differ."""
    first, second = chance.sample(range(len(row)), 2)
    value, other = row[first], row[second]
    if isinstance(value, (list, tuple, str)) and isinstance(other, (list, tuple, str)):
        length = min(len(value), len(other))
        row[first], row[second] = value[:length], other[:length]
        return
    inside = list(_leaves(other))
    near = [leaf for leaf in inside if type(leaf) is type(value)]
    if isinstance(value, int) and not isinstance(value, bool) and isinstance(other, (list, tuple, str)):
        near += [number + step for number in near for step in (-1, 1)] + [0, len(other) - 1, len(other)]
    if near:
        row[first] = chance.choice(near)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value
    elif isinstance(value, (list, tuple, set, frozenset)):
        for member in value:
            yield member
            yield from _leaves(member)
