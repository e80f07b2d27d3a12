"""Label trees: a program's syntax tree as the size of a patch counts it, one labelled node per piece of meaning."""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

# These nodes say nothing by themselves and are left out of the tree.
_SILENT = (ast.Load, ast.Store, ast.Module)
_BODIES = frozenset({"body", "orelse", "finalbody", "handlers", "cases"})


class Branch:
    """One labelled node; `key` is equal for equal trees, `size` counts the nodes, `exact` also tells attributes apart."""

    __slots__ = ("_bag", "children", "detail", "exact", "key", "kind", "label", "node", "size")

    def __init__(self, node: ast.AST, label: str, children: "tuple[Branch, ...]", detail: object = None) -> None:
        self.node = node
        self.kind = type(node).__name__
        self.label = label
        self.children = children
        self.size: int = 1 + sum(child.size for child in children)
        self.key: int = hash((label, *[child.key for child in children]))
        self.detail = _detail(node) if detail is None else detail
        self.exact: int = hash((self.kind, label, self.detail, *[child.exact for child in children]))
        self._bag: Counter[str] | None = None

    @property
    def bag(self) -> "Counter[str]":
        """Return how often each label occurs."""
        if self._bag is None:
            self._bag = Counter(one.label for one in self.walk())
        return self._bag

    def walk(self) -> "Iterator[Branch]":
        """Yield every node, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


def _detail(node: ast.AST) -> object:
    """Return what the label leaves out but the meaning needs."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Constant):
        return type(node.value).__name__
    if isinstance(node, ast.ImportFrom):
        return (node.module, node.level)
    if isinstance(node, ast.alias):
        return node.asname
    if isinstance(node, ast.Global | ast.Nonlocal):
        return tuple(node.names)
    if isinstance(node, ast.FormattedValue):
        return node.conversion
    return None


def label(node: ast.AST) -> str:
    """Return a node's label: a constant's value, else an identifier, else the kind of node."""
    if isinstance(node, ast.Constant):
        return repr(node.value) if isinstance(node.value, str) else str(node.value)
    for field in ("id", "name", "arg"):
        if hasattr(node, field):
            return str(getattr(node, field))
    return type(node).__name__


def branch(node: ast.AST) -> Branch:
    """Return the label tree of a whole node."""
    return Branch(node, label(node), tuple(_branches(ast.iter_child_nodes(node))))


def header(node: ast.AST) -> Branch:
    """Return the label tree of a statement without the statements inside it."""
    return Branch(node, label(node), tuple(_branches(header_nodes(node))))


def header_nodes(node: ast.AST) -> list[ast.AST]:
    """Return the children of a statement that are no statements of its blocks."""
    found: list[ast.AST] = []
    is_block = isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case)
    for name, value in ast.iter_fields(node):
        if is_block and name in _BODIES:
            continue
        if isinstance(value, ast.AST):
            found.append(value)
        elif isinstance(value, list):
            found.extend(item for item in value if isinstance(item, ast.AST))
    return found


def forest(tree: ast.AST) -> tuple[Branch, ...]:
    """Return the label trees of what stands below a module."""
    return tuple(_branches(ast.iter_child_nodes(tree)))


def _branches(nodes: Iterable[ast.AST]) -> Iterator[Branch]:
    for node in nodes:
        if not isinstance(node, _SILENT):
            yield branch(node)
