"""What the inputs of a program's dialogues look like: fixed lines, then lines that repeat, then perhaps a last one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from milepost.checks.invariants import Row

INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
REAL = re.compile(r"-?[0-9]{1,15}\.[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Layout:
    """How many lines stand before and after those that repeat; without `repeats` every input has the same lines."""

    head: int
    tail: int
    repeats: bool
    single: tuple[bool, ...]
    ending: str

    @property
    def filled(self) -> bool:
        """Tell whether there is anything in the inputs that could be another."""
        return self.repeats or self.head > 0

    def render(self, row: Row) -> str:
        """Return the input that a row of values makes."""
        lines = [_written(value) for value in row[: self.head]]
        rest = list(row[self.head :])
        if self.repeats:
            lines += [_written(value) for value in rest.pop(0)]
        return "\n".join([*lines, *map(_written, rest)]) + self.ending


def take_apart(inputs: Sequence[str]) -> tuple[Layout, list[Row]] | None:
    """Return what all inputs share and the values of each; None when they share nothing."""
    split = [text.removesuffix("\n").split("\n") if text else [] for text in inputs]
    if not split or not any(split):
        return None
    ending = "\n" if all(text.endswith("\n") for text in inputs) else ""
    counts = {len(lines) for lines in split}
    if len(counts) == 1:
        (count,) = counts
        return _rows(Layout(count, 0, False, _single(split, range(count)), ending), split)  # noqa: FBT003
    found = [
        _rows(Layout(head, tail, True, _single(split, [*range(head), *range(-tail, 0)]), ending), split)  # noqa: FBT003
        for head in range(min(counts) + 1)
        for tail in (1, 0)
        if head + tail <= min(counts) and _uniform(split, head, tail)
    ]
    return next((one for one in found if _counted(*one)), found[0] if found else None)


def _counted(layout: Layout, rows: list[Row]) -> bool:
    """Tell whether a line before those that repeat says how many they are."""
    return any(all(row[place] == len(row[layout.head]) for row in rows) for place in range(layout.head))


def _rows(layout: Layout, split: Sequence[list[str]]) -> tuple[Layout, list[Row]]:
    return layout, [_row(layout, lines) for lines in split]


def _row(layout: Layout, lines: list[str]) -> Row:
    fixed = [*lines[: layout.head], *(lines[-layout.tail :] if layout.tail else [])]
    values = [_value(line, single=single) for line, single in zip(fixed, layout.single, strict=True)]
    if not layout.repeats:
        return tuple(values)
    middle = [_value(line, single=False) for line in _middle(lines, layout.head, layout.tail)]
    if all(not isinstance(value, list) or len(value) == 1 for value in middle):
        middle = [value[0] if isinstance(value, list) else value for value in middle]
    return (*values[: layout.head], middle, *values[layout.head :])


def _middle(lines: list[str], head: int, tail: int) -> list[str]:
    return lines[head : len(lines) - tail]


def _uniform(split: Sequence[list[str]], head: int, tail: int) -> bool:
    """Tell whether the lines between head and tail look alike, and the last one is always the same and no other."""
    middle = [line for lines in split for line in _middle(lines, head, tail)]
    if tail and (len({lines[-1] for lines in split}) > 1 or split[0][-1] in middle):
        return False
    return len({_look(line) for line in middle}) <= 1


def _look(line: str) -> tuple[str, int]:
    value = _value(line, single=False)
    return ("numbers", min(len(value), 2)) if isinstance(value, list) else ("text", 0)


def _single(split: Sequence[list[str]], places: Sequence[int]) -> tuple[bool, ...]:
    """Tell for each fixed line whether it always holds one value."""
    return tuple(all(len(lines[place].split()) == 1 for lines in split) for place in places)


def _value(line: str, *, single: bool) -> Any:
    """Return the numbers of a line, or the line itself when it holds anything else."""
    words = line.split()
    numbers = [_number(word) for word in words]
    if not words or None in numbers:
        return line
    return numbers[0] if single else numbers


def _number(word: str) -> int | float | None:
    if INTEGER.fullmatch(word):
        return int(word)
    return float(word) if REAL.fullmatch(word) else None


def _written(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
