"""What was found becomes fixes: edits of the learner's text with words for each step of help."""

import ast
from collections.abc import Sequence

from milepost.domain.validations import Fix, FixSource
from milepost.repair.distance import forest_distance
from milepost.repair.labels import forest
from milepost.repair.units import Program
from milepost.repair.whole import Found
from milepost.syntax import edits

_REWRITE = 0.6
_OFFERED = 3


def fixes(program: Program, found: Sequence[Found], language: str) -> list[Fix]:
    """Return what was found, smallest first."""
    before = forest(program.outline.tree)
    size = program.outline.size
    ordered = sorted(
        {one.text: one for one in sorted(found, key=lambda one: -one.cost)}.values(), key=lambda one: one.cost
    )
    return [
        _fix(program, one, forest_distance(before, forest(ast.parse(one.text))) / size, place == 0)
        for place, one in enumerate(ordered[:_OFFERED])
    ]


def _fix(program: Program, one: Found, share: float, first: bool) -> Fix:
    sources = {change.source for change in one.changes}
    source = FixSource.MUTATION if sources == {FixSource.MUTATION} else FixSource.RETRIEVAL
    return Fix(
        title="",
        source=source,
        edits=edits.difference(program.outline.text, one.text),
        verified=True,
        size=share,
        preferred=first and share <= _REWRITE,
        rewrite=share > _REWRITE,
    )
