"""A program's text with its syntax tree."""

from bisect import bisect_right
from collections.abc import Iterator
from time import thread_time

from tree_sitter import Node, Parser, Tree

from milepost.domain.text import Range
from milepost.syntax import grammars
from milepost.syntax.lines import LineIndex

# What UTF-8 or the grammars cannot carry is replaced by something as wrong that takes as many characters.
_UNPARSEABLE = {0: "\x01"} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_STRIDE = 2048
# Seconds for a byte: a real program takes a tenth of it, noise several times it, and more the longer it is.
_SLOWEST_PARSE = 0.6e-6
_SAMPLES, _SAMPLE = 4, 16_384
_WIDEST_ERROR = 2_000


class Program:
    """A text with its tree; offsets of the tree are bytes, all that this class returns counts code points.

    `readable` is False, and the tree empty, for a text so little of the language that its tree would take seconds.
    """

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.grammar = grammars.grammar(language)
        self._source = _encoded(text)
        tree = _tree(self._source, self.grammar.name)
        self.readable = tree is not None
        self._tree = tree or Parser(grammars.load(self.grammar.name)).parse(b"")
        self._ascii = text.isascii()
        self._index: LineIndex | None = None
        self._marks: list[int] = []
        self._searchable: bool | None = None

    @property
    def language(self) -> str:
        """Return the name of the language the text was parsed as."""
        return self.grammar.name

    @property
    def tree(self) -> Tree:
        """Return the syntax tree."""
        return self._tree

    @property
    def root(self) -> Node:
        """Return the root of the tree."""
        return self._tree.root_node

    @property
    def has_error(self) -> bool:
        """Tell whether the grammar found something wrong."""
        return not self.readable or self._tree.root_node.has_error

    @property
    def searchable(self) -> bool:
        """Tell whether queries can be run; among thousands of wrong signs side by side they would take minutes."""
        if self._searchable is None:
            self._searchable = all(node.child_count <= _WIDEST_ERROR for node in wrong_nodes(self.root))
        return self._searchable

    @property
    def index(self) -> LineIndex:
        """Return the line index of the text."""
        if self._index is None:
            self._index = LineIndex(self.text)
        return self._index

    def offset(self, byte: int) -> int:
        """Return the offset of a byte of the tree."""
        if self._ascii:
            return byte
        if not self._marks:
            self._marks = self._byte_marks()
        mark = bisect_right(self._marks, byte) - 1
        return mark * _STRIDE + len(self._source[self._marks[mark] : byte].decode("utf-8", "ignore"))

    def range_of(self, node: Node) -> Range:
        """Return where a node stands."""
        return self.index.range(self.offset(node.start_byte), self.offset(node.end_byte))

    def text_of(self, node: Node, limit: int | None = None) -> str:
        """Return the text of a node, only the end of it when it has more than `limit` bytes."""
        start = node.start_byte if limit is None else max(node.start_byte, node.end_byte - limit)
        return self._source[start : node.end_byte].decode("utf-8", "ignore")

    def _byte_marks(self) -> list[int]:
        """Return the byte at which each stride of code points starts."""
        marks = [0]
        for start in range(0, len(self.text), _STRIDE):
            marks.append(marks[-1] + len(_encoded(self.text[start : start + _STRIDE])))
        return marks


def parse(text: str, language: str) -> Program:
    """Return the text with its tree; any text parses, only an unknown language raises ValueError."""
    return Program(text, language)


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it, each before its children, at any depth."""
    cursor = node.walk()
    while True:
        current = cursor.node
        assert current is not None
        yield current
        if cursor.goto_first_child() or cursor.goto_next_sibling():
            continue
        while cursor.goto_parent():
            if cursor.goto_next_sibling():
                break
        else:
            return


def wrong_nodes(root: Node) -> Iterator[Node]:
    """Yield the nodes that are wrong or missing, without what is inside them; the root only when very wide."""
    cursor = root.walk()
    while True:
        node = cursor.node
        assert node is not None
        wrong = (node.is_error or node.is_missing) and (cursor.depth > 0 or node.child_count > _WIDEST_ERROR)
        if wrong:
            yield node
        if node.has_error and not wrong and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


def _tree(source: bytes, name: str) -> Tree | None:
    """Return the tree, None when it would take too long.

    A parse holds the interpreter's lock and cannot be ended: a callback that could loses the memory of all it reads
    (tree-sitter 0.26.1). So a long text is tried in samples first.
    """
    parser = Parser(grammars.load(name))
    if len(source) > _SAMPLES * _SAMPLE:
        started = thread_time()
        for number in range(_SAMPLES):
            start = number * len(source) // _SAMPLES
            parser.parse(source[start : start + _SAMPLE])
        if thread_time() - started > _SLOWEST_PARSE * _SAMPLES * _SAMPLE:
            return None
    return parser.parse(source)


def _encoded(text: str) -> bytes:
    try:
        source = text.encode()
    except UnicodeEncodeError:
        return text.translate(_UNPARSEABLE).encode()
    return source.replace(b"\0", b"\x01")
