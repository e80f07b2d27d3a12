"""Places of syntax tree nodes as offsets into the text; the tree itself counts columns in UTF-8 bytes."""

import ast
import re
from bisect import bisect_right

_LINE_END = re.compile(r"\r\n|\n|\r")


class Offsets:
    """Turns a node's lines and columns into offsets of characters."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
        self._ascii = text.isascii()

    def span(self, node: ast.AST) -> tuple[int, int] | None:
        """Return where a node stands; None for a node without a place."""
        if not hasattr(node, "lineno"):
            return None
        return self.start(node), self.end(node)

    def start(self, node: ast.AST) -> int:
        """Return where a node starts; -1 for a node without a place."""
        if not hasattr(node, "lineno"):
            return -1
        return self._offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]

    def end(self, node: ast.AST) -> int:
        """Return where a node ends; -1 for a node without a place."""
        if not hasattr(node, "lineno"):
            return -1
        return self._offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def line_of(self, offset: int) -> int:
        """Return the zero-based line of an offset."""
        return bisect_right(self._starts, offset) - 1

    def line_start(self, offset: int) -> int:
        """Return where the line of an offset starts."""
        return self._starts[self.line_of(offset)]

    def after_line(self, offset: int, text: str) -> int:
        """Return where the line after that of an offset starts."""
        line = self.line_of(offset)
        return self._starts[line + 1] if line + 1 < len(self._starts) else len(text)

    def _offset(self, line: int, column: int) -> int:
        start = self._starts[min(line, len(self._starts)) - 1]
        if self._ascii:
            return start + column
        end = self._starts[line] if line < len(self._starts) else len(self._text)
        return start + len(self._text[start:end].encode()[:column].decode(errors="ignore"))
