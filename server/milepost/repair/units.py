"""Units: the functions, methods and the module level of a program, each of which is compared and repaired by itself."""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from milepost.repair.labels import Branch
from milepost.repair.outline import Block, Kind, Outline

MODULE = ""
_ANY_VARIABLE = "§"


@dataclass(eq=False, slots=True)
class Unit:
    """One function, method, class body or the module level; `blocks` is what is inside in postorder.

    A flat one, which a class body and the module level are, leaves out the functions and classes inside, units themselves.
    `leftmost[i]` is the first block of the subtree of block i, `variables` are the names bound inside.
    """

    name: str
    block: Block
    blocks: list[Block] = field(default_factory=list)
    leftmost: list[int] = field(default_factory=list)
    variables: frozenset[str] = frozenset()
    parameters: tuple[str, ...] = ()
    shapes: "list[Profile]" = field(default_factory=list)
    bag: Counter[str] = field(default_factory=Counter)
    key: int = 0
    is_flat: bool = False

    @property
    def size(self) -> float:
        """Return the number of nodes inside."""
        return sum(block.weight for block in self.blocks)


@dataclass(eq=False, slots=True)
class Profile:
    """How often each label occurs in the head of a block; `key` is equal for equal profiles."""

    size: float
    bag: Mapping[str, int]
    kind: str
    kinship: str
    key: int


def rough_distance(one: Unit, other: Unit) -> int:
    """Return a lower bound of how many nodes two units are apart whatever their variables are called; quick to find."""
    shared = 0
    there = other.bag
    for name, count in one.bag.items():
        matching = there.get(name)
        if matching:
            shared += count if count < matching else matching
    return max(one.bag.total(), other.bag.total()) - shared


class Program:
    """A parsed program cut into units."""

    def __init__(self, text: str) -> None:
        self.outline = Outline(text)
        self.units: dict[str, Unit] = {}
        self._collect(self.outline.root, "")

    def _collect(self, block: Block, prefix: str) -> None:
        for child in block.children:
            if isinstance(child.node, ast.FunctionDef | ast.AsyncFunctionDef):
                self._add(Unit(prefix + child.node.name, child))
            elif isinstance(child.node, ast.ClassDef):
                self._add(Unit(prefix + child.node.name, child, is_flat=True))
                self._collect(child, f"{prefix}{child.node.name}.")
        if block.kind is Kind.MODULE:
            self._add(Unit(MODULE, block, is_flat=True))

    def _add(self, unit: Unit) -> None:
        """Keep a unit; of two with one name the later one counts, as it does for Python."""
        self.units[unit.name] = unit
        for child in unit.block.children:
            _postorder(child, unit)
        unit.variables, unit.parameters = _names(unit)
        unit.shapes = [_abstract(child, unit.variables) for child in unit.blocks]
        for shape in unit.shapes:
            unit.bag.update(shape.bag)
        unit.key = hash(
            tuple((child.header.exact, left) for child, left in zip(unit.blocks, unit.leftmost, strict=True))
        )


def read(text: str) -> Program | None:
    """Return a program cut into units, None for a text that does not parse."""
    try:
        return Program(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


@lru_cache(maxsize=4096)
def parsed(text: str) -> Program | None:
    """Return a program cut into units, None for a text that does not parse; kept for the next who asks."""
    return read(text)


def profile(block: Block, branch: Branch) -> Profile:
    """Return the profile of a block whose head is `branch`."""
    return _profile(block, branch.bag)


def _abstract(block: Block, variables: frozenset[str]) -> Profile:
    """Return the profile of a block in which all variables look alike."""
    bag: Counter[str] = Counter()
    for one in block.header.walk():
        is_variable = one.kind in ("Name", "arg") and one.label in variables
        bag[_ANY_VARIABLE if is_variable else one.label] += 1
    return _profile(block, bag)


def _profile(block: Block, bag: Mapping[str, int]) -> Profile:
    kinship = _kinship(block)
    key = hash((kinship, block.header.kind, frozenset(bag.items())))
    return Profile(block.weight, bag, block.header.kind, kinship, key)


def _kinship(block: Block) -> str:
    """Return what must be equal for two blocks to be versions of each other."""
    if block.kind is Kind.SIMPLE:
        return "simple"
    if isinstance(block.node, ast.If | ast.While | ast.For | ast.AsyncFor) and block.kind is Kind.COMPOUND:
        is_branch = (block.parent is not None and block.parent.is_elif) or any(
            child.is_elif for child in block.children
        )
        return "elif" if is_branch else "flow"
    if isinstance(block.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return f"def {block.node.name}"
    return f"{block.kind} {type(block.node).__name__}"


def _postorder(block: Block, unit: Unit) -> int:
    first = -1
    if is_remark(block) or (unit.is_flat and is_definition(block)):
        return first
    for child in block.children:
        left = _postorder(child, unit)
        first = left if first < 0 else first
    unit.blocks.append(block)
    first = len(unit.blocks) - 1 if first < 0 else first
    unit.leftmost.append(first)
    return first


def is_definition(block: Block) -> bool:
    """Tell whether a block is a function or a class."""
    return isinstance(block.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def is_remark(block: Block) -> bool:
    """Tell whether a statement is a bare string, such as a docstring: it is never changed."""
    node = block.node
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _names(unit: Unit) -> tuple[frozenset[str], tuple[str, ...]]:
    bound: set[str] = set()
    shared: set[str] = set()
    for node in _nodes(unit):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            shared.update(node.names)
    node = unit.block.node
    parameters: tuple[str, ...] = ()
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        every = [*node.args.posonlyargs, *node.args.args, node.args.vararg, *node.args.kwonlyargs, node.args.kwarg]
        parameters = tuple(one.arg for one in every if one is not None)
    return frozenset(bound - shared) | frozenset(parameters), parameters


def _nodes(unit: Unit) -> Iterator[ast.AST]:
    if not unit.is_flat:
        yield from ast.walk(unit.block.node)
        return
    for block in unit.blocks:
        for one in block.header.walk():
            yield one.node
