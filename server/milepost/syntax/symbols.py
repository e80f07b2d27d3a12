"""A program cut into its outermost definitions and what stands between them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tree_sitter import Node

from milepost.syntax import tokens
from milepost.syntax.programs import Program

_COMMENTS = frozenset({"comment", "line_comment", "block_comment"})
_DEFINITIONS = ("function", "class", "method", "decorated", "interface", "impl", "struct", "enum", "trait", "type_decl")


@dataclass(frozen=True, slots=True)
class Symbol:
    """A stretch of a program: one definition, or the statements between two; offsets are code points."""

    start: int
    end: int
    heading: str

    def text(self, program: str) -> str:
        """Return the stretch of the program's text."""
        return program[self.start : self.end]


def symbols(program: Program) -> list[Symbol]:
    """Return the stretches of a program in order; comments before a stretch belong to it, none overlap."""
    starts = [program.offset(group[0].start_byte) for group in _groups(program)]
    if not starts:
        return [Symbol(0, len(program.text), "")] if program.text.strip() else []
    text = program.text
    return [
        Symbol(start, end, text[start:end].lstrip().split("\n", 1)[0][:200])
        for start, end in pairwise([0, *starts[1:], len(text)])
    ]


def fingerprint(text: str, language: str) -> str:
    """Return what stays while only comments, docstrings and layout of a text change."""
    return "\x1f".join(tokens.tokens(text, language))


def _groups(program: Program) -> Iterator[list[Node]]:
    """Yield the outermost nodes: each definition alone, other neighbours together, comments with what follows."""
    group: list[Node] = []
    for node in program.root.children:
        is_definition = any(word in node.type for word in _DEFINITIONS)
        if is_definition and any(one.type not in _COMMENTS for one in group):
            yield group
            group = []
        group.append(node)
        if is_definition:
            yield group
            group = []
    if any(one.type not in _COMMENTS for one in group):
        yield group
