"""The search for fixes in this process, on a sandbox of its own: what `repair.py --direct` uses in development."""

import time
from collections.abc import Sequence
from typing import Any

from milepost.agents import fixing
from milepost.checks import checking, inputs
from milepost.domain.criteria import Contract, Example, Examples
from milepost.domain.text import Edit, Position
from milepost.domain.validations import Fix, Snapshot
from milepost.sandbox.boxes import Sandbox
from milepost.syntax import distances, tokens

BUDGET = 2.0
FILE_NAME = "program.py"


async def search(
    tests: Sequence[dict[str, str]], preamble: str, solutions: Sequence[str], programs: Sequence[tuple[str, str]]
) -> dict[str, dict[str, Any]]:
    """Return for each program what the command line would print about it."""
    examples = tuple(Example(call=test["call"], expect=test["expect"]) for test in tests)
    contract = Contract(language="python", criteria=(Examples(examples),), preamble=preamble)
    answers = {}
    async with Sandbox() as sandbox:
        cases = await inputs.generate(contract, solutions[0], solutions[1:], sandbox)
        agreeing = await inputs.agrees(contract, solutions, cases, sandbox)
        pool = [code for code, disagreement in zip(solutions, agreeing, strict=True) if disagreement is None]
        encoded = distances.encoded(
            [tokens.tokens(code, "python") for code in (*pool, *[code for _, code in programs])]
        )
        for (name, code), question in zip(programs, encoded[len(pool) :], strict=True):
            started = time.perf_counter()
            snapshot = Snapshot(FILE_NAME, None, FILE_NAME, "python", code)
            report = await checking.check(contract, snapshot, sandbox, "en")
            places = sorted(range(len(pool)), key=lambda place: distances.token_distance(question, encoded[place]))
            nearest = tuple(pool[place] for place in places)
            request = fixing.FixRequest(contract, FILE_NAME, code, nearest, pool[0], cases, BUDGET, "en")
            fixes = await fixing.find_fixes(request, sandbox)
            answers[name] = {
                "findings": [{"range": {"start": _place(found.range.start)}} for found in report.findings],
                "fixes": [_told(fix) for fix in fixes],
                "timings_ms": {"total": 1000 * (time.perf_counter() - started)},
            }
    return answers


def _told(fix: Fix) -> dict[str, Any]:
    return {
        "verified": fix.verified,
        "source": fix.source.value,
        "title": fix.title,
        "rewrite": fix.rewrite,
        "edits": [_edit(edit) for edit in fix.edits],
    }


def _edit(edit: Edit) -> dict[str, Any]:
    place = {"start": _place(edit.range.start), "end": _place(edit.range.end)}
    return {"range": place, "newText": edit.new_text}


def _place(position: Position) -> dict[str, int]:
    return {"line": position.line, "character": position.character}
