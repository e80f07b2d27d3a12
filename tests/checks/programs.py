"""Programs and contracts that several tests of the criteria use."""

from milepost.checks import checking
from milepost.domain.criteria import Contract, Criterion, Example, Examples, Reveal
from milepost.domain.validations import Snapshot
from milepost.sandbox.boxes import Sandbox

SEARCH = """\
def search(x, seq):
    for i in range(len(seq)):
        if x <= seq[i]:
            return i
    return len(seq)
"""
WRONG_SEARCH = """\
def search(x, seq):
    for i in range(len(seq)):
        if x < seq[i]:
            return i
"""
SEARCH_EXAMPLES = Examples(
    (
        Example("search(42, (-5, 1, 3, 5, 7, 10))", "6"),
        Example("search(5, (1, 5, 10))", "1"),
        Example("search(3, [1, 5, 10])", "1"),
        Example("search(-5, (1, 5, 10))", "0"),
        Example("search(10, (-5, -1, 10))", "2"),
        Example("search(100, [])", "0"),
    )
)
SEARCH_TESTS = """\
import pytest
from search import search

@pytest.mark.parametrize("x, index", [(0, 0), (5, 1), (99, 3)])
def test_finds(x, index):
    assert search(x, [1, 5, 10]) == index

def test_empty():
    assert search(3, []) == 0

def test_refuses_nothing():
    with pytest.raises(TypeError):
        search(None, [1])

def test_many():
    for number in range(12):
        assert search(number, (1, 5)) == (number > 1) + (number > 5)
"""


def contract(*criteria: Criterion, language: str = "python", **others: object) -> Contract:
    """Return a contract of these criteria."""
    return Contract(language, criteria, **others)


def examples(*calls: tuple[str, str], **others: object) -> Examples:
    """Return the criterion of these calls and what they give."""
    return Examples(tuple(Example(call, expect, **others) for call, expect in calls))


def snapshot(text: str, name: str = "search.py", language: str = "python") -> Snapshot:
    """Return a saved file."""
    return Snapshot(f"file:///course/{name}", 1, f"/course/{name}", language, text)


async def judge(
    sandbox: Sandbox | None, judged: Contract, text: str, name: str = "search.py", language: str = "en"
) -> checking.Report:
    """Judge a program."""
    return await checking.check(judged, snapshot(text, name, judged.language), sandbox, language)


async def only(sandbox: Sandbox | None, judged: Contract, text: str, name: str = "search.py", language: str = "en"):
    """Judge a program that fails and return its only finding."""
    report = await judge(sandbox, judged, text, name, language)
    assert report.passed is False
    (finding,) = report.findings
    return finding


def revealing(judged: Contract, reveal: Reveal) -> Contract:
    """Return the contract under another rule of revealing."""
    return Contract(judged.language, judged.criteria, judged.preamble, reveal=reveal, files=judged.files)
