"""The size of a patch is the tree edit distance that others compute."""

import ast
import random

import pytest
import zss

from milepost.repair import distance, labels, units
from milepost.repair.alignment import align

NAMES = "abc"


def some_program(dice, depth=3):
    """Return a small random program."""
    lines = []
    for _ in range(dice.randint(1, 3)):
        kind = dice.choice(["assign", "call", "if", "while"] if depth else ["assign", "call"])
        one, other = dice.choice(NAMES), dice.choice(NAMES)
        if kind == "assign":
            lines.append(f"{one} = {other} {dice.choice('+-*')} {dice.randint(0, 2)}")
        elif kind == "call":
            lines.append(f"{one}({other}, {dice.randint(0, 2)})")
        else:
            inside = some_program(dice, depth - 1).splitlines()
            lines += [f"{kind} {one} < {other}:", *[f"    {line}" for line in inside]]
    return "\n".join(lines)


def tree(branch):
    node = zss.Node(branch.label)
    for child in branch.children:
        node.addkid(tree(child))
    return node


def zss_distance(one, other):
    roots = []
    for forest in (one, other):
        root = zss.Node("root")
        for branch in forest:
            root.addkid(tree(branch))
        roots.append(root)
    return zss.simple_distance(*roots, label_dist=lambda a, b: int(a != b))


@pytest.mark.parametrize("seed", range(25))
def test_the_distance_is_that_of_another_implementation(seed):
    dice = random.Random(seed)
    one, other = (labels.forest(ast.parse(some_program(dice))) for _ in range(2))
    found = distance.forest_distance(one, other)
    assert found == zss_distance(one, other)
    assert found == distance.forest_distance(other, one)
    assert distance.forest_distance(one, one) == 0


@pytest.mark.parametrize("seed", range(10))
def test_what_labels_say_alone_is_never_more(seed):
    dice = random.Random(seed)
    one, other = (labels.branch(ast.parse(f"f({dice.choice(NAMES)}, g(1))[{n}] + a").body[0]) for n in range(2))
    assert distance.bag_distance(one, other) <= distance.distance(one, other)


@pytest.mark.parametrize("seed", range(15))
def test_statements_are_mapped_in_order_and_at_most_once(seed):
    dice = random.Random(seed)
    ours, theirs = (units.Program(some_program(dice)).units[units.MODULE] for _ in range(2))
    found = align(ours, theirs, ours.shapes, theirs.shapes)
    lefts, rights = [pair[0] for pair in found.pairs], [pair[1] for pair in found.pairs]
    assert lefts == sorted(set(lefts))
    assert rights == sorted(set(rights))
    assert found.cost <= ours.size + theirs.size
    same = align(ours, ours, ours.shapes, ours.shapes)
    assert same.cost == 0
    assert same.pairs == tuple((place, place) for place in range(len(ours.blocks)))
