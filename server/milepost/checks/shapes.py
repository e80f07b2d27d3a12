"""What the values of a task's examples look like: their types, ranges and vocabulary, place by place."""

import string
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Any

CATEGORICAL = 6
CONTAINERS = (list, tuple, set, frozenset, dict)


@dataclass(slots=True)
class Shape:
    """Every value seen at one place.

    `top` says that the place is an argument itself, `named` that its strings name members of another argument;
    `elements` describes the members of sequences and sets, `components` those of tuples that always have one length,
    `keys` and `contents` those of dictionaries.
    """

    values: list[Any]
    top: bool = True
    named: bool = False
    elements: "Shape | None" = None
    components: "tuple[Shape, ...]" = ()
    keys: "Shape | None" = None
    contents: "Shape | None" = None
    lengths: list[int] = field(default_factory=list)
    categorical: bool = False

    @property
    def kinds(self) -> tuple[type, ...]:
        """Return the types seen, in the order of their first appearance."""
        return tuple(dict.fromkeys(type(value) for value in self.values))

    def of(self, kind: type) -> list[Any]:
        """Return the values of exactly this type."""
        return [value for value in self.values if type(value) is kind]

    @property
    def numbers(self) -> list[float]:
        """Return the numbers seen, booleans left out."""
        return [value for value in self.values if type(value) in {int, float}]

    def __post_init__(self) -> None:
        """Tell whether the values are names of a few things rather than any text or number."""
        distinct = {repr(value) for value in self.values}
        few = len(self.values) >= CATEGORICAL and len(distinct) <= 2  # noqa: PLR2004
        self.categorical = few or len(self.values) > len(distinct) == 1

    @property
    def worded(self) -> bool:
        """Tell whether only strings that were seen make sense here."""
        return self.named or self.categorical or not self.top

    @property
    def alphabet(self) -> str:
        """Return the characters of all strings seen."""
        return "".join(sorted(set(chain.from_iterable(self.of(str)))))


def infer(values: Sequence[Any], *, top: bool = True) -> Shape:
    """Return the shape of values seen at one place."""
    shape = Shape(list(values), top)
    sequences = [value for value in values if type(value) in {list, tuple}]
    groups = [value for value in values if type(value) in {set, frozenset}]
    mappings = [value for value in values if type(value) is dict]
    shape.lengths = [len(value) for value in values if type(value) in {*CONTAINERS, str}]
    if is_record(sequences, top=top):
        shape.components = tuple(infer(column, top=False) for column in zip(*sequences, strict=True))
    elif sequences or groups:
        shape.elements = infer(_flat([*sequences, *groups]), top=False)
    if mappings:
        shape.keys = infer(_flat(mappings), top=False)
        shape.contents = infer(_flat(mapping.values() for mapping in mappings), top=False)
    return shape


def is_record(sequences: Sequence[Any], *, top: bool) -> bool:
    """Tell whether these are tuples of one length, whose components mean different things each."""
    if not sequences or any(type(value) is not tuple or not value for value in sequences):
        return False
    if len({len(value) for value in sequences}) != 1:
        return False
    mixed = any(len({type(member) for member in value}) > 1 for value in sequences)
    return mixed or not top or len(sequences) > 1


@lru_cache(maxsize=8_192)
def features(text: str) -> frozenset[str]:
    """Return what is true of a string and may be a precondition of the task."""
    return frozenset(name for name, holds in _FEATURES.items() if holds(text))


def _is_number(text: str) -> bool:
    return text.strip().lstrip("+-").replace(".", "", 1).isdigit()


_FEATURES: dict[str, Callable[[str], bool]] = {
    "some": bool,
    "character": lambda text: len(text) == 1,
    "no digit": lambda text: not any(character.isdigit() for character in text),
    "digits": lambda text: all(character.isdigit() for character in text),
    "number": _is_number,
    "letters": lambda text: all(character.isalpha() for character in text),
    "letters and digits": lambda text: all(character.isalnum() for character in text),
    "lower": lambda text: text == text.lower(),
    "upper": lambda text: text == text.upper(),
    "title": lambda text: text == text.title(),
    "one word": lambda text: not any(character.isspace() for character in text),
    "stripped": lambda text: text == text.strip(),
    "single spaces": lambda text: "  " not in text,
    "some words": lambda text: bool(text.split()),
    "palindrome": lambda text: text == text[::-1],
    "no repeats": lambda text: len(set(text)) == len(text),
    "sorted": lambda text: list(text) == sorted(text),
    "no punctuation": lambda text: not any(character in string.punctuation for character in text),
    "balanced": lambda text: all(text.count(left) == text.count(right) for left, right in ("()", "[]", "{}")),
}


def _flat(values: Iterable[Any]) -> list[Any]:
    return [member for value in values for member in value]
