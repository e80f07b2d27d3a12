"""LSP-01 and LSP-03: the text of a document is what the editor has, whatever it sends."""

import random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from milepost.domain.text import Position
from milepost.syntax.documents import Change, TextDocument
from milepost.syntax.positions import UnitPosition, UnitRange
from tests.syntax.alphabets import ENCODINGS, PIECES, SOAK, TEXTS, naive_lines, naive_offset

EDITS = 2_000_000 if SOAK else 50_000
LONGEST = 150


def place(start_line, start, end_line, end) -> UnitRange:
    return UnitRange(UnitPosition(start_line, start), UnitPosition(end_line, end))


def reference(text: str, change: Change, encoding: str) -> str:
    """Apply a change in the most naive way."""
    if change.range is None:
        return change.text
    first, last = change.range.start, change.range.end
    start = naive_offset(text, first.line, first.character, encoding)
    end = naive_offset(text, last.line, last.character, encoding)
    return text[:start] + change.text + text[end:]


@st.composite
def changes(draw):
    """Draw changes whose ranges run forwards; lines and columns may lie beyond the text."""
    if draw(st.integers(0, 9)) == 0:
        return Change(None, draw(TEXTS))
    places = sorted(draw(st.tuples(st.tuples(*[st.integers(0, 6)] * 2), st.tuples(*[st.integers(0, 6)] * 2))))
    return Change(place(*places[0], *places[1]), draw(TEXTS.filter(lambda text: len(text) < 12)))


class Editing(RuleBasedStateMachine):
    """Open documents in three encodings, each beside its naive reference."""

    documents = Bundle("documents")

    def __init__(self) -> None:
        super().__init__()
        self.known: list[tuple[TextDocument, list[str], str]] = []

    @rule(target=documents, text=TEXTS, encoding=st.sampled_from(ENCODINGS))
    def open(self, text, encoding):
        self.known.append((TextDocument("file:///a.py", "python", 1, text, encoding), [text], encoding))
        return self.known[-1]

    @rule(opened=documents, several=st.lists(changes(), max_size=3), step=st.integers(1, 3))
    def change(self, opened, several, step):
        document, texts, encoding = opened
        text, possible = texts[-1], True
        for one in several:
            possible = possible and (one.range is None or one.range.end.line <= len(naive_lines(text)))
            text = reference(text, one, encoding)
        assert document.apply(several, document.version + step) is possible
        if possible:
            texts.append(text)

    @rule(opened=documents)
    def undo(self, opened):
        document, texts, _ = opened
        if len(texts) > 1:
            texts.pop()
            assert document.apply([Change(None, texts[-1])], document.version + 1)

    @rule(opened=documents)
    def repeat_a_version(self, opened):
        document, _, _ = opened
        assert not document.apply([Change(None, "not wanted")], document.version)

    @rule(target=documents, opened=consumes(documents))
    def close_and_reopen(self, opened):
        document, texts, encoding = opened
        self.known.remove(opened)
        fresh = (TextDocument(document.uri, document.language, 1, texts[-1], encoding), [texts[-1]], encoding)
        self.known.append(fresh)
        return multiple(fresh)

    @invariant()
    def every_text_is_its_reference(self):
        for document, texts, _ in self.known:
            assert document.text == texts[-1]
            assert document.index.line_count == len(naive_lines(texts[-1]))


TestEditing = Editing.TestCase
TestEditing.settings = settings(
    max_examples=2_000 if SOAK else 60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_lsp_01_long_sessions_stay_in_step(encoding):
    """Many small edits on one document, after each of which the text is compared."""
    chance = random.Random(f"editing {encoding}")
    document, text = TextDocument("file:///a.py", "python", 0, "", encoding), ""
    for version in range(1, EDITS // len(ENCODINGS)):
        change = _random_change(chance, text)
        text = reference(text, change, encoding)
        assert document.apply([change], version)
        assert document.text == text, change


def _random_change(chance: random.Random, text: str) -> Change:
    lines = naive_lines(text)
    ends = sorted((chance.randrange(len(lines) + 1), chance.randrange(8)) for _ in range(2))
    if len(text) > LONGEST:
        ends = [(0, 0), ends[1]]
    return Change(place(*ends[0], *ends[1]), "".join(chance.choices(PIECES, k=chance.randrange(5))))


@pytest.mark.parametrize(
    "bad",
    [
        place(1, 2, 1, 1),
        place(1, 0, 0, 3),
        place(0, 10, 0, 5),
        place(-1, 0, 0, 1),
        place(0, -1, 0, 1),
        place(0, 0, 0, -1),
        place(4, 0, 4, 0),
        place(0, 0, 10**9, 0),
        place(7, 3, 8, 0),
    ],
    ids=str,
)
def test_lsp_03_impossible_ranges_are_refused_whole(bad):
    """The good changes beside a bad one are refused too, and text, version and session stay."""
    document = TextDocument("file:///a.py", "python", 3, "one\ntwo\nthree", "utf-16")
    assert not document.apply([Change(place(0, 0, 0, 1), "x"), Change(bad, "y")], 4)
    assert (document.text, document.version) == ("one\ntwo\nthree", 3)
    assert document.apply([Change(place(0, 0, 0, 3), "1")], 4)
    assert (document.text, document.version) == ("1\ntwo\nthree", 4)


@pytest.mark.parametrize("version", [3, 2, 0, -1])
def test_lsp_03_versions_that_do_not_grow_are_refused(version):
    document = TextDocument("file:///a.py", "python", 3, "text")
    assert not document.apply([Change(None, "other")], version)
    assert (document.text, document.version) == ("text", 3)


def test_versions_may_leave_out_numbers():
    """Editors that join several changes into one message do so."""
    document = TextDocument("file:///a.py", "python", 3, "text")
    assert document.apply([Change(None, "other")], 9)
    assert (document.text, document.version) == ("other", 9)


def test_the_line_after_the_last_is_the_end_of_the_text():
    document = TextDocument("file:///a.py", "python", 1, "a\nb")
    assert document.apply([Change(place(0, 0, 2, 0), "new")], 2)
    assert document.text == "new"


def test_a_column_beyond_a_last_line_without_line_end_is_its_end():
    document = TextDocument("file:///a.py", "python", 1, "a\nbc")
    assert document.apply([Change(place(1, 99, 1, 99), "!")], 2)
    assert document.text == "a\nbc!"


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)])
def test_places_are_converted_in_the_units_of_the_document(encoding, units):
    document = TextDocument("file:///a.py", "python", 1, "x\n\U0001f600y", encoding)
    assert document.place(Position(1, 1)) == UnitPosition(1, units)
    assert document.position(UnitPosition(1, units)) == Position(1, 1)
