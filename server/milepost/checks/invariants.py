"""What all examples of a task share and every generated input therefore keeps."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, permutations
from typing import Any

from milepost.checks.shapes import CONTAINERS, Shape, features

Row = tuple[Any, ...]
Rule = Callable[[Row], bool]
Path = tuple[str | int, ...]


def shared_rules(rows: Sequence[Row]) -> list[Rule]:
    """Return the relations between the values of a row that hold in every row."""
    width = len(rows[0]) if rows else 0
    candidates = (
        _rule(relation, first, second) for first, second in permutations(range(width), 2) for relation in RELATIONS
    )
    return [rule for rule in candidates if all(map(rule, rows))]


def _rule(relation: Callable[[Any, Any], bool], first: int, second: int) -> Rule:
    return lambda row: _holds(relation, row[first], row[second])


def _holds(relation: Callable[[Any, Any], bool], first: Any, second: Any) -> bool:
    try:
        return relation(first, second)
    except (TypeError, ValueError, IndexError):
        return False


def _number(value: Any) -> bool:
    return type(value) in {int, float}


def _sized(value: Any) -> bool:
    return isinstance(value, (*CONTAINERS, str))


def _same_length(first: Any, second: Any) -> bool:
    return _sized(first) and _sized(second) and len(first) == len(second)


def _length_of(first: Any, second: Any) -> bool:
    return type(first) is int and _sized(second) and first == len(second)


def _member(first: Any, second: Any) -> bool:
    return isinstance(second, CONTAINERS) and first in second


def _member_of_column(first: Any, second: Any) -> bool:
    """Tell whether the value is the same component of some member."""
    columns = list(zip(*second, strict=True)) if isinstance(second, (list, tuple)) and _tuples(second) else []
    return any(first in column for column in columns)


def _tuples(sequence: Sequence[Any]) -> bool:
    return bool(sequence) and all(isinstance(member, tuple) for member in sequence)


def _before(first: Any, second: Any) -> bool:
    return _number(first) and _number(second) and first < second


def _not_after(first: Any, second: Any) -> bool:
    return _number(first) and _number(second) and first <= second


def _index(first: Any, second: Any) -> bool:
    return _number(first) and _sized(second) and 0 <= first < len(second)


def _border(first: Any, second: Any) -> bool:
    return _number(first) and _sized(second) and 0 <= first <= len(second)


def _part(first: Any, second: Any) -> bool:
    return isinstance(first, str) and isinstance(second, str) and first in second


def _not_part(first: Any, second: Any) -> bool:
    return isinstance(second, CONTAINERS) and first not in second


RELATIONS = (
    _same_length,
    _length_of,
    _member,
    _member_of_column,
    _before,
    _not_after,
    _index,
    _border,
    _part,
    _not_part,
)


def shared_properties(shape: Shape) -> list[Callable[[Any], bool]]:
    """Return the properties of single values that every value of the shape has."""
    sequences = [value for value in shape.values if type(value) in {list, tuple}]
    strings = shape.of(str)
    found: list[Callable[[Any], bool]] = []
    if sequences and not shape.components:
        found += [_on(sequence_property, (list, tuple)) for sequence_property in _kept(sequences)]
    if shape.components and len(sequences) > 1:
        found += [_on(order, (tuple,)) for order in _orders(len(shape.components)) if all(map(order, sequences))]
    if strings and not shape.worded:
        common = frozenset.intersection(*(features(text) for text in strings))
        found.append(_on(lambda text: common <= features(text), (str,)))
    lengths = set(shape.lengths)
    if len(lengths) == 1 and (len(shape.lengths) > 1 or not shape.top) and not shape.components:
        (length,) = lengths
        found.append(_on(lambda value: len(value) == length, (*CONTAINERS, str)))
    elif lengths and 0 not in lengths:
        found.append(_on(bool, (*CONTAINERS, str)))
    return found


def _on(holds: Callable[[Any], bool], kinds: tuple[type, ...]) -> Callable[[Any], bool]:
    return lambda value: not isinstance(value, kinds) or _quietly(holds, value)


def _quietly(holds: Callable[[Any], bool], value: Any) -> bool:
    try:
        return holds(value)
    except TypeError:
        return False


def _kept(sequences: Sequence[Any]) -> Iterator[Callable[[Any], bool]]:
    for candidate in _candidates(sequences):
        if all(_quietly(candidate, sequence) for sequence in sequences):
            yield candidate


def _candidates(sequences: Sequence[Any]) -> Iterator[Callable[[Any], bool]]:
    yield from (_increasing, _not_decreasing, _decreasing, _not_increasing, _unique, _one_type, _rectangular, _square)
    yield from (_one_value, _palindrome)
    members = [member for sequence in sequences for member in sequence]
    if members and all(type(member) is tuple for member in members):
        for component in range(min(len(member) for member in members)):
            for candidate in (_increasing, _not_decreasing, _decreasing, _not_increasing, _unique):
                yield _by_component(candidate, component)


def _by_component(holds: Callable[[Any], bool], component: int) -> Callable[[Any], bool]:
    return lambda sequence: holds([member[component] for member in sequence])


def _increasing(sequence: Any) -> bool:
    return all(left < right for left, right in pairwise(sequence))


def _not_decreasing(sequence: Any) -> bool:
    return all(left <= right for left, right in pairwise(sequence))


def _decreasing(sequence: Any) -> bool:
    return all(left > right for left, right in pairwise(sequence))


def _not_increasing(sequence: Any) -> bool:
    return all(left >= right for left, right in pairwise(sequence))


def _unique(sequence: Any) -> bool:
    return len({repr(member) for member in sequence}) == len(sequence)


def _one_type(sequence: Any) -> bool:
    return len({type(member) for member in sequence}) <= 1


def _rectangular(sequence: Any) -> bool:
    return all(isinstance(row, (list, tuple)) for row in sequence) and len({len(row) for row in sequence}) <= 1


def _square(sequence: Any) -> bool:
    return all(isinstance(row, (list, tuple)) and len(row) == len(sequence) for row in sequence)


def _one_value(sequence: Any) -> bool:
    return len({repr(member) for member in sequence}) <= 1


def _palindrome(sequence: Any) -> bool:
    return list(sequence) == list(sequence)[::-1]


def _orders(width: int) -> Iterator[Callable[[Any], bool]]:
    for left, right in permutations(range(width), 2):
        yield _component_before(left, right)
        yield _component_not_after(left, right)


def _component_before(left: int, right: int) -> Callable[[Any], bool]:
    return lambda record: _before(record[left], record[right])


def _component_not_after(left: int, right: int) -> Callable[[Any], bool]:
    return lambda record: _not_after(record[left], record[right])


class Law:
    """Everything that values at one place must keep; `stated` where the course states its own preconditions."""

    def __init__(self, shape: Shape, *, stated: bool = False) -> None:
        self.kinds = frozenset(shape.kinds)
        self.low, self.high = span(shape, stated=stated)
        self.properties = [] if stated else shared_properties(shape)
        self.words = frozenset(shape.of(str)) if shape.worded else None
        self.elements = Law(shape.elements, stated=stated) if shape.elements else None
        self.components = [Law(component, stated=stated) for component in shape.components]
        self.keys = Law(shape.keys, stated=stated) if shape.keys else None
        self.contents = Law(shape.contents, stated=stated) if shape.contents else None

    def accepts(self, value: Any) -> bool:
        """Tell whether the value could have stood in an example."""
        if type(value) not in self.kinds or not self._in_bounds(value):
            return False
        return all(holds(value) for holds in self.properties) and self._inside(value)

    def _in_bounds(self, value: Any) -> bool:
        if _number(value):
            return bool(self.low <= value <= self.high)
        return not isinstance(value, str) or self.words is None or value in self.words

    def _inside(self, value: Any) -> bool:
        if isinstance(value, dict):
            return self._all(self.keys, value) and self._all(self.contents, value.values())
        if isinstance(value, tuple) and self.components:
            if len(value) != len(self.components):
                return False
            return all(law.accepts(member) for law, member in zip(self.components, value, strict=True))
        return not isinstance(value, (list, tuple, set, frozenset)) or self._all(self.elements, value)

    @staticmethod
    def _all(law: "Law | None", members: Any) -> bool:
        return all(law is not None and law.accepts(member) for member in members)


def span(shape: Shape, *, stated: bool) -> tuple[float, float]:
    """Return the least and the greatest number; wider, but on the same side of zero, where preconditions are stated."""
    numbers = shape.numbers
    if not numbers:
        return 0, 0
    low, high = min(numbers), max(numbers)
    if not stated:
        return low, high
    margin = max(2, (high - low) // 2)
    floor = next((limit for limit in (1, 0) if low >= limit), low - margin)
    return max(floor, low - margin), high + margin
