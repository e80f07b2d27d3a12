"""Findings at their places: a file holds criteria, a line of dashes, and a program whose comments name its findings."""

import re
from pathlib import Path

import pytest

from milepost.domain.criteria import Complexity, Construct, Defines, Example, Examples, Forbids, Lint, Requires
from tests.checks.programs import contract, judge

pytestmark = pytest.mark.asyncio(loop_scope="module")
FOLDER = Path(__file__).with_name("findings")
MARK = re.compile(r"#! (?P<rule>[\w/]+): (?P<said>.*?)(?=\s+#! |$)")


def _criteria(lines):
    examples = []
    for line in lines:
        kind, _, said = line.removeprefix("> ").partition(": ")
        if kind == "example":
            call, _, rest = said.partition(" -> ")
            expect, _, setup = rest.partition(" | ")
            examples.append(Example(call, expect, setup=setup))
        elif kind == "defines":
            yield Defines((said,))
        elif kind == "lint":
            yield Lint((said,))
        elif kind == "complexity":
            yield Complexity(int(said))
        else:
            used, _, name = kind.partition(" ")
            yield {"forbids": Forbids, "requires": Requires}[used]((Construct(**{name: said}),))
    if examples:
        yield Examples(tuple(examples))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
async def test_findings_are_where_they_are_marked(module_sandbox, path):
    head, program = path.read_text("utf-8").split("---\n", 1)
    wanted = [
        (number, mark["rule"], mark["said"])
        for number, line in enumerate(program.splitlines())
        for mark in MARK.finditer(line)
    ]
    text = re.sub(r"\s*#! .*", "", program)
    report = await judge(module_sandbox, contract(*_criteria(head.splitlines())), text, "task.py")
    found = sorted((finding.range.start.line, finding.rule, finding.message) for finding in report.findings)
    assert wanted
    assert [one[:2] for one in found] == [one[:2] for one in sorted(wanted)]
    for (_, _, said), (_, _, message) in zip(sorted(wanted), found, strict=True):
        assert said in message
