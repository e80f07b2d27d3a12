"""What separates two heads of statements, as the smallest replacements inside the learner's one."""

import ast
from dataclasses import dataclass

from milepost.repair.changes import Replacement
from milepost.repair.distance import distance
from milepost.repair.labels import Branch
from milepost.repair.outline import Block, Kind, Outline
from milepost.repair.renaming import Names
from milepost.repair.writing import SYMBOLS, expression, head, needed_rank, operator_swapped, rank

_WITH_GAPS = ("BinOp", "Compare", "BoolOp", "AugAssign")
_SLIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Difference:
    """One separable difference: replacements that belong together, and both sides of it."""

    replacements: tuple[Replacement, ...]
    cost: float
    before: Branch
    after: Branch
    kind: str = "expression"


class Comparison:
    """Compares heads of one learner's program with renamed heads of donors."""

    def __init__(self, outline: Outline, names: Names) -> None:
        self._outline = outline
        self._names = names

    def heads(self, block: Block, theirs: Branch) -> list[Difference]:
        """Return what turns the head of a block into the donor's."""
        ours = block.header
        if ours.exact == theirs.exact:
            return []
        found = self._inside(ours, theirs)
        if found is None:
            return [self._whole_head(block, theirs)]
        return found

    def _whole_head(self, block: Block, theirs: Branch) -> Difference:
        write = expression if block.kind is Kind.SIMPLE else head
        text = write(theirs.node, self._names, self._outline.quote)
        if self._outline.text.startswith("elif", block.start) and text.startswith("if "):
            text = "el" + text
        place = Replacement(block.start, block.header_end, text)
        return Difference((place,), max(distance(block.header, theirs), _SLIGHT), block.header, theirs, "head")

    def _compared(self, ours: Branch, theirs: Branch, parent: Branch) -> list[Difference] | None:
        """Return the differences inside a pair of nodes; None when only a larger node can be replaced."""
        if ours.exact == theirs.exact:
            return []
        found = self._inside(ours, theirs)
        if found is not None and sum(one.cost for one in found) <= distance(ours, theirs) + _SLIGHT:
            return found
        return self.whole(ours, theirs, parent)

    def _inside(self, ours: Branch, theirs: Branch) -> list[Difference] | None:
        """Return the differences of what is below two nodes of the same shape; None for nodes that differ themselves."""
        if ours.kind != theirs.kind or len(ours.children) != len(theirs.children) or not ours.children:
            return None
        if ours.label != theirs.label:
            return None
        if ours.kind == "FormattedValue" and not self._outline.stands_in_text(ours.children[0].node):
            return None
        found: list[Difference] = []
        if ours.kind == "Attribute":
            found += self._attribute(ours, theirs)
        if _own(ours) != _own(theirs):
            return None
        for place, (one, other) in enumerate(zip(ours.children, theirs.children, strict=True)):
            if one.exact == other.exact:
                continue
            if isinstance(one.node, ast.operator | ast.cmpop | ast.boolop | ast.unaryop):
                inner = self._operator(ours, place, other)
            else:
                inner = self._compared(one, other, ours)
            if inner is None:
                return None
            found += inner
        return found

    def _attribute(self, ours: Branch, theirs: Branch) -> list[Difference]:
        if ours.detail == theirs.detail:
            return []
        place = self._outline.span(ours.node)
        assert place is not None
        replacement = Replacement(place[1] - len(str(ours.detail)), place[1], str(theirs.detail))
        return [Difference((replacement,), _SLIGHT, ours, theirs, "attribute")]

    def _operator(self, ours: Branch, place: int, theirs: Branch) -> list[Difference] | None:
        """Return the replacements of the operators between operands."""
        if ours.kind not in _WITH_GAPS:
            return None
        operands = [
            child.node for child in ours.children if not isinstance(child.node, ast.operator | ast.cmpop | ast.boolop)
        ]
        if ours.kind == "Compare":
            number = place - 1
            pairs = [(operands[number], operands[number + 1])]
        else:
            pairs = list(zip(operands, operands[1:], strict=False))
        replacements: list[Replacement] = []
        for left, right in pairs:
            one, other = self._outline.span(left), self._outline.span(right)
            assert one is not None
            assert other is not None
            gap = self._outline.text[one[1] : other[0]]
            swapped = operator_swapped(gap, theirs.kind)
            if swapped is None:
                return None
            replacements.append(Replacement(one[1], other[0], swapped))
        return [Difference(tuple(replacements), 1.0, ours.children[place], theirs, "operator")]

    def whole(self, ours: Branch, theirs: Branch, parent: Branch | None) -> list[Difference] | None:
        """Return the replacement of a whole node, if it has a place of its own."""
        place = self._outline.span(ours.node)
        if place is None or not isinstance(ours.node, ast.expr | ast.arg | ast.keyword | ast.alias):
            return None
        if isinstance(parent.node if parent else None, ast.JoinedStr):
            return None
        if isinstance(ours.node, ast.expr) != isinstance(theirs.node, ast.expr):
            return None
        if not isinstance(ours.node, ast.expr) and type(ours.node) is not type(theirs.node):
            return None
        text = expression(theirs.node, self._names, self._outline.quote)
        if (
            isinstance(theirs.node, ast.Tuple)
            and theirs.node.elts
            and parent is not None
            and isinstance(parent.node, ast.stmt)
        ):
            text = text[1:-1]
        if (
            parent is not None
            and rank(theirs.node) < needed_rank(parent.node, ours.node)
            and not self._has_parentheses(place)
        ):
            text = f"({text})"
        if isinstance(ours.node, ast.GeneratorExp) and self._borrows_brackets(ours.node, parent):
            place = place[0] + 1, place[1] - 1
        cost = max(float(distance(ours, theirs)), _SLIGHT)
        return [Difference((Replacement(*place, text),), cost, ours, theirs)]

    def _borrows_brackets(self, node: ast.GeneratorExp, parent: Branch | None) -> bool:
        """Tell whether the brackets of a generator expression are those of the call that it is passed to."""
        if parent is None or not isinstance(parent.node, ast.Call) or node not in parent.node.args:
            return False
        call, own = self._outline.span(parent.node), self._outline.span(node)
        return call is not None and own is not None and call[1] == own[1]

    def _has_parentheses(self, place: tuple[int, int]) -> bool:
        text = self._outline.text
        before = text[: place[0]].rstrip()
        inside = before[:-1].rstrip()
        is_call = bool(inside) and (inside[-1].isalnum() or inside[-1] in "_)]")
        return before.endswith("(") and text[place[1] :].lstrip().startswith(")") and not is_call


def _own(one: Branch) -> list[object]:
    """Return what a node says beside its label and its children, and which of its fields the children fill."""
    found: list[object] = []
    for name, value in ast.iter_fields(one.node):
        if isinstance(value, list):
            found.append(tuple(item if item is None or isinstance(item, str) else True for item in value))
        elif isinstance(value, ast.AST):
            found.append(True)
        elif name not in ("id", "arg", "name", "attr", "lineno"):
            found.append((type(value), value))
    return found


__all__ = ["SYMBOLS", "Comparison", "Difference"]
