"""Whose variable is whose: a donor's variables get the learner's names by what they do in corresponding statements."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from milepost.repair.alignment import Alignment
from milepost.repair.labels import Branch
from milepost.repair.units import Unit

Names = Mapping[str, str]


def matched(learner: Unit, donor: Unit, alignment: Alignment) -> dict[str, str]:
    """Return the learner's name for each of the donor's variables; no two get the same one."""
    votes: Counter[tuple[str, str]] = Counter()
    for ours, theirs in alignment.pairs:
        for pair in _votes(learner.blocks[ours].header, donor.blocks[theirs].header):
            if pair[0] in donor.variables and pair[1] in learner.variables:
                votes[pair] += 1
    names = _parameters(learner.parameters, donor.parameters)
    taken = set(names.values())
    for (theirs_name, our_name), _ in sorted(votes.items(), key=lambda item: (-item[1], item[0][0] != item[0][1])):
        if theirs_name not in names and our_name not in taken:
            names[theirs_name] = our_name
            taken.add(our_name)
    return _completed(names, taken, learner, donor)


def _parameters(ours: Sequence[str], theirs: Sequence[str]) -> dict[str, str]:
    """Match parameters by their order; where one side has more of them, those of one name first."""
    if len(ours) == len(theirs):
        return dict(zip(theirs, ours, strict=True))
    same = set(ours) & set(theirs)
    others = zip((one for one in theirs if one not in same), (one for one in ours if one not in same), strict=False)
    return {**{name: name for name in same}, **dict(others)}


def _completed(names: dict[str, str], taken: set[str], learner: Unit, donor: Unit) -> dict[str, str]:
    """Give the donor's remaining variables their own names, or free ones where the learner uses those otherwise."""
    for name in sorted(donor.variables - names.keys()):
        chosen = name
        while chosen in taken or (chosen != name and chosen in learner.variables):
            chosen += "_"
        names[name] = chosen
        taken.add(chosen)
    return names


def _votes(ours: Branch, theirs: Branch) -> Iterator[tuple[str, str]]:
    if _is_variable(ours) and _is_variable(theirs):
        yield theirs.label, ours.label
    for one, other in zip(ours.children, theirs.children, strict=False):
        yield from _votes(one, other)
    if len(ours.children) != len(theirs.children):
        for one, other in zip(ours.children[::-1], theirs.children[::-1], strict=False):
            if _is_variable(one) and _is_variable(other):
                yield other.label, one.label


def _is_variable(one: Branch) -> bool:
    return one.kind in ("Name", "arg")


def renamed(tree: Branch, names: Names) -> Branch:
    """Return a label tree with other names for variables and, in names that start with a dot, attributes."""
    children = tuple(renamed(child, names) for child in tree.children)
    label = names.get(tree.label, tree.label) if _is_variable(tree) else tree.label
    detail = tree.detail
    if tree.kind == "Attribute":
        detail = names.get(f".{detail}", f".{detail}")[1:]
    is_same = label == tree.label and detail == tree.detail
    if is_same and all(one is other for one, other in zip(children, tree.children, strict=True)):
        return tree
    return Branch(tree.node, label, children, detail)
