"""What was found becomes fixes: edits of the learner's text with words for each step of help."""

import ast
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from milepost.domain.validations import Fix, FixSource
from milepost.repair import messages, wording
from milepost.repair.distance import forest_distance
from milepost.repair.labels import forest
from milepost.repair.units import Program
from milepost.repair.whole import Found
from milepost.syntax import edits

REWRITE = 0.6
_OFFERED = 3
_SLIGHT = 6


def fixes(program: Program, found: Sequence[Found], language: str) -> list[Fix]:
    """Return what was found as fixes, smallest first; of rewrites only the smallest fix of all."""
    by_text: dict[str, Found] = {}
    for one in sorted(found, key=lambda one: one.cost):
        by_text.setdefault(one.text, one)
    smallest = list(by_text.values())[:_OFFERED]
    offered = sorted((_fix(program, one, language) for one in smallest), key=lambda fix: fix.size)
    kept = [
        fix for place, fix in enumerate(offered) if place == 0 or (not fix.rewrite and fix.size <= 2 * offered[0].size)
    ]
    return [replace(fix, preferred=place == 0 and not fix.rewrite) for place, fix in enumerate(kept)]


def _fix(program: Program, one: Found, language: str) -> Fix:
    sources = {change.source for change in one.changes}
    size = share(program, one.text)
    is_rewrite = not one.changes or (size > REWRITE and _changed(program.outline.text, one.text) > _SLIGHT)
    said = wording.words(program.outline, one.changes, language) if one.changes else wording.Words("", "", "")
    return Fix(
        title=messages.COMPARE.say(language) if is_rewrite else said.title,
        source=FixSource.MUTATION if sources == {FixSource.MUTATION} else FixSource.RETRIEVAL,
        edits=edits.difference(program.outline.text, one.text),
        verified=True,
        size=size,
        rewrite=is_rewrite,
        where=said.where,
        what=messages.ALTOGETHER.say(language) if is_rewrite else said.what,
    )


def _changed(before: str, after: str) -> int:
    """Return how many characters differ: one may make a format string, many nodes to a tree, of a text."""
    kept = sum(block.size for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks())
    return len(before) + len(after) - 2 * kept


def share(program: Program, text: str) -> float:
    """Return the relative patch size of a repaired text."""
    distance = forest_distance(forest(program.outline.tree), forest(ast.parse(text)))
    return distance / program.outline.size
