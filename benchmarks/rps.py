"""Relative patch size (RPS): how much of a wrong program's syntax tree a repair changes.

The Zhang-Shasha edit distance between the trees of both programs, with unit costs, divided by the number of nodes of the
wrong one. Both programs are first written anew from their trees, so that layout and comments do not count. A node's label is
what it holds (a constant's value, an identifier), else its kind; nodes that only say how a name is used are left out.
"""

import ast

from zss import Node, simple_distance

_UNLABELLED = (ast.Module, ast.Load, ast.Store)


def rps(wrong: str, repaired: str) -> float | None:
    """Return the relative patch size; None when one of the programs does not parse."""
    try:
        before, after = _tree(wrong), _tree(repaired)
    except SyntaxError:
        return None
    changes = simple_distance(before, after, label_dist=lambda one, other: int(one != other))
    return changes / sum(1 for _ in before.iter())


def _tree(text: str) -> Node:
    """Return the tree of a program below one added root."""
    root = Node("program")
    for child in _nodes(ast.parse(ast.unparse(ast.parse(text)))):
        root.addkid(child)
    return root


def _nodes(node: ast.AST) -> list[Node]:
    """Return the node's tree, or those of its children where it has no label of its own."""
    children = [tree for child in ast.iter_child_nodes(node) for tree in _nodes(child)]
    if isinstance(node, _UNLABELLED):
        return children
    tree = Node(_label(node))
    for child in children:
        tree.addkid(child)
    return [tree]


def _label(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return repr(node.value) if isinstance(node.value, str) else str(node.value)
    names = (getattr(node, field) for field in ("id", "name", "arg") if hasattr(node, field))
    return str(next(names, type(node).__name__))
