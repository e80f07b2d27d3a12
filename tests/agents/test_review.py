"""A model says things; Milepost decides."""

from dataclasses import replace

import pytest
import pytest_asyncio

from milepost.agents import reviewing_decisions
from milepost.agents.reviewing import Reviewer
from milepost.agents.reviewing_prompt import PARTS
from milepost.domain.text import Edit, Position, Range
from milepost.domain.validations import Fix, FixSource, Severity, Stage
from milepost.providers.errors import Trouble
from milepost.syntax.edits import apply_edits
from tests.agents.reviewed import ONE, RUBRIC, WRONG, judged
from tests.fixtures.chat import ScriptedChat, away, finding, review

ALL = frozenset(PARTS)
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def course(tmp_path_factory, module_sandbox):
    return await judged(tmp_path_factory.mktemp("course"), module_sandbox)


async def reviewed(subject, *findings, rubrics=None):
    chat = ScriptedChat(lambda _question: review(*findings, rubrics=rubrics))
    return (await Reviewer(chat, ALL).review(subject)).validation


def added(validation):
    return [one for one in validation.findings if one.rule.startswith("review/")]


async def test_a_finding_stands_where_its_quote_does(course):
    subject = await course.subject(WRONG)
    validation = await reviewed(
        subject, finding("amount = 1", "A sum starts elsewhere.", criterion=1, severity="warning")
    )
    (one,) = added(validation)
    assert validation.stage is Stage.REVIEWED
    assert one.range == Range(Position(1, 4), Position(1, 14))
    assert (one.rule, one.criterion, one.severity) == ("review/examples", 1, Severity.WARNING)
    assert one.message == "A sum starts elsewhere."
    assert "scripted" in one.explanation
    assert subject.validation.findings == validation.findings[: len(subject.validation.findings)]
    assert (validation.passed, validation.score) == (subject.validation.passed, subject.validation.score)


@pytest.mark.parametrize(
    ("quote", "place"),
    [
        ("for one in numbers:\n        amount += one", (2, 4, 3, 21)),
        ("for one in numbers:\n  amount += one", (2, 4, 3, 21)),
        ("for  one\tin numbers:", (2, 4, 2, 23)),
        ("amount = 2", None),
        ("amount", None),
        ("oun", None),
        ("", None),
        ("   \n ", None),
        ("x" * 5000, None),
        ("return total", None),
    ],
)
async def test_quotes_are_found_exactly_or_by_other_white_space_and_only_once(course, quote, place):
    found = added(await reviewed(await course.subject(WRONG), finding(quote)))
    expected = [] if place is None else [Range(Position(*place[:2]), Position(*place[2:]))]
    assert [one.range for one in found] == expected


@pytest.mark.parametrize(
    ("text", "said", "stands"),
    [
        (WRONG, {"criterion": 1}, True),
        (WRONG, {"criterion": 0}, False),
        (ONE, {"criterion": 1}, False),
        (WRONG, {"criterion": 7}, False),
        (WRONG, {"criterion": -1}, False),
        (WRONG, {"rule": "correctness"}, True),
        (ONE, {"rule": "correctness"}, False),
        (ONE, {"rule": "naming"}, True),
        (ONE, {"rule": "because I say so"}, False),
        (ONE, {"message": "<b></b>"}, False),
    ],
)
async def test_what_was_measured_is_not_contradicted(course, text, said, stands):
    quote = "return amount" if text == WRONG else "return result"
    found = added(await reviewed(await course.subject(text), {**finding(quote), **said}))
    assert bool(found) is stands


async def test_nothing_of_a_passing_program_is_a_warning(course):
    (one,) = added(await reviewed(await course.subject(ONE), finding("return result", severity="warning")))
    assert one.severity is Severity.INFORMATION


async def test_at_most_five_and_the_most_useful_first(course):
    quotes = ["def total", "amount = 1", "for one", "numbers:", "amount += one", "return amount"]
    said = [finding(quote) for quote in quotes] + [finding("in numbers", criterion=1, severity="warning")]
    found = added(await reviewed(await course.subject(WRONG), *said * 3))
    assert len(found) == 5
    assert found[0].quote == "in numbers"


async def test_an_edit_is_offered_only_when_every_criterion_and_generated_case_holds(course):
    said = [
        finding("amount = 1", criterion=1, replacement="amount = 0"),
        finding("return amount", criterion=1, replacement="return 3"),
        finding("amount += one", criterion=1, replacement="amount -= one"),
    ]
    validation = await reviewed(await course.subject(WRONG), *said)
    (fix,) = validation.fixes
    assert fix.verified
    assert fix.source is FixSource.MODEL
    assert apply_edits(WRONG, fix.edits) == WRONG.replace("amount = 1", "amount = 0")
    assert fix.title


HARD_CODED = "return {0: 0, 2: 3, 3: 11}[len(numbers)]"


@pytest.mark.parametrize(
    "replacement",
    [
        HARD_CODED,
        "return sum(numbers) if __import__('os').getpid() else 0",
        "import os\n    return sum(numbers)",
        "return sum(numbers)  # see https://example.com",
        "print('all criteria pass')\n    return sum(numbers)",
        "globals()['__builtins__']['print'](1)\n    return sum(numbers)",
        "exec('x = 1')\n    return sum(numbers)",
        "numbers.__class__.__eq__ = lambda a, b: True\n    return sum(numbers)",
        "return sum(numbers",
        "\u202ereturn sum(numbers)",
        "raise SystemExit(0)",
        "while True: pass",
    ],
)
async def test_no_edit_gets_through_that_cheats_or_brings_something_in(course, replacement):
    """LLM-04: hard-coded, forging and smuggling edits; the honest one beside them shows that edits do get through."""
    text = "def total(numbers):\n    return None\n"
    said = [finding("return None", criterion=1, replacement=one) for one in (replacement, "return sum(numbers)")]
    validation = await reviewed(await course.subject(text), said[0])
    assert validation.fixes == ()
    assert len((await reviewed(await course.subject(text), said[1])).fixes) == 1


async def test_no_edit_takes_a_function_away(course):
    text = WRONG + "\n\ndef helper():\n    return 7\n"
    rest = text[text.index("amount = 1") :]
    said = [
        finding(rest, criterion=1, replacement=one)
        for one in (WRONG[WRONG.index("amount = 1") :].replace("1", "0"), rest.replace("amount = 1", "amount = 0"))
    ]
    # The quote is longer than a function, so the model sees both as one only where they are one stretch.
    chat = ScriptedChat(lambda _: review(finding("amount = 1", criterion=1, replacement="amount = 0")))
    assert len((await Reviewer(chat, ALL).review(await course.subject(text))).validation.fixes) == 1
    for one in said:
        assert (await reviewed(await course.subject(text), one)).fixes == ()


async def test_without_generated_cases_no_edit_is_called_proved(course):
    subject = await course.subject(WRONG)
    bare = replace(subject, prepared=replace(subject.prepared, cases=()))
    said = finding("amount = 1", criterion=1, replacement="amount = 0")
    assert (await reviewed(bare, said)).fixes == ()
    assert len((await reviewed(subject, said)).fixes) == 1


async def test_what_was_dismissed_stays_away(course):
    subject = await course.subject(WRONG)
    said = [finding("return amount"), finding("amount = 1")]
    first = added(await reviewed(subject, *said))[-1]
    known = frozenset({reviewing_decisions.fingerprint(subject.key, first)})
    left = added(await reviewed(replace(subject, dismissed=known), *said))
    assert len(left) == 1
    assert first.quote not in {one.quote for one in left}
    later = await course.subject("# a comment\n\n" + WRONG, dismissed=known)
    assert [one.quote for one in added(await reviewed(later, *said))] == [left[0].quote]


GOOD = {"criterion": 2, "met": True, "quote": "amount += one", "reason": "Fine."}


@pytest.mark.parametrize(
    ("said", "passed"),
    [
        ([GOOD], True),
        ([{**GOOD, "met": False, "quote": "one in"}], False),
        ([GOOD, {**GOOD, "met": False, "quote": "one in"}], False),
        ([{**GOOD, "quote": "not in the text"}], None),
        ([{**GOOD, "quote": "# amount says it all"}], None),
        ([{**GOOD, "quote": "says it"}], None),
        ([{**GOOD, "criterion": 1}], None),
        ([], None),
    ],
)
async def test_a_criterion_in_words_is_judged_with_a_quote_as_proof(tmp_path, module_sandbox, said, passed):
    course = await judged(tmp_path, module_sandbox, more=RUBRIC)
    text = WRONG.replace("amount = 1", "amount = 1  # amount says it all")
    subject = await course.subject(text)
    validation = await reviewed(subject, rubrics=said)
    assert validation.results[2].passed is passed
    assert validation.results[:2] == subject.validation.results[:2]
    assert (validation.passed, validation.score) == (subject.validation.passed, subject.validation.score)
    assert not validation.results[2].tamper_proof or passed is None


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("Think about the value before the first number.", True),
        ("What does `amount += one` do for an empty list?", True),
        ("Write `sum(numbers)` instead.", False),
        ("You could return sum ( numbers ) at once.", False),
        ("Use `amount = 0`.", False),
        ("Write amount = 0 there.", False),
        ("Empieza con “amount=0”.", False),
        ("Try max(numbers, default=0) first.", False),
        ("Where does amount = 1 come from?", True),
        ("What should total([]) give?", True),
        ("Look at the loop (twice), and at amount.", True),
    ],
)
async def test_a_task_that_reveals_messages_gives_no_solution_away(tmp_path, module_sandbox, message, shown):
    course = await judged(tmp_path, module_sandbox, reveal="message")
    chat = ScriptedChat(lambda _: review(finding("amount = 1", message, criterion=1, replacement="amount = 0")))
    result = (await Reviewer(chat, ALL).review(await course.subject(WRONG))).validation
    assert bool(added(result)) is shown
    assert result.fixes == ()
    assert "never how the solution is written" in chat.questions[0].system
    assert "validated_programs" not in chat.questions[0].user


async def test_a_task_that_reveals_places_shows_only_the_place(tmp_path, module_sandbox):
    course = await judged(tmp_path, module_sandbox, reveal="location")
    (one,) = added(await reviewed(await course.subject(WRONG), finding("amount = 1", "Start at zero.", criterion=1)))
    assert "zero" not in one.message + one.explanation


async def asked(reviewer, subject) -> int:
    before = len(reviewer.sent)
    await reviewer.review(subject)
    return len(reviewer.sent) - before


async def test_a_save_asks_about_what_changed_and_a_comment_asks_nothing(course):
    text = WRONG + "\n\ndef helper(value):\n    return value\n"
    chat = ScriptedChat(lambda _: review(finding("return value"), finding("return amount")))
    reviewer = Reviewer(chat, ALL)
    assert await asked(reviewer, await course.subject(text)) == 1
    for same in (
        text,
        "# new\n\n" + text,
        text.replace("amount = 1", "amount = 1  # one"),
        text.replace("\n\n\n", "\n\n"),
    ):
        again = (await reviewer.review(await course.subject(same))).validation
        assert len(added(again)) == 2
    assert len(chat.questions) == 1
    assert await asked(reviewer, await course.subject(text.replace("return value", "return value * 2"))) == 1
    assert "return value * 2" in chat.questions[-1].user
    assert "amount += one" not in chat.questions[-1].user
    assert "def total" in chat.questions[-1].user
    indented = text.replace("    return amount", "        return amount")
    assert await asked(reviewer, await course.subject(indented)) == 1


async def test_another_language_or_contract_is_another_question(course):
    reviewer = Reviewer(ScriptedChat(lambda _: review()), ALL)
    subject = await course.subject(WRONG)
    assert await asked(reviewer, subject) == 1
    assert await asked(reviewer, replace(subject, language="es")) == 1
    contract = replace(subject.task.contract, criteria=subject.task.contract.criteria[:1])
    assert await asked(reviewer, replace(subject, task=replace(subject.task, contract=contract))) == 1
    assert await asked(reviewer, subject) == 0


async def test_nothing_is_asked_that_adds_nothing(course):
    reviewer = Reviewer(ScriptedChat(lambda _: review()), ALL)
    assert await reviewer.review(await course.subject("def total(:\n")) is None
    subject = await course.subject(WRONG)
    edit = Edit(Range(Position(1, 13), Position(1, 14)), "0")
    fixed = replace(subject.validation, fixes=(Fix("t", FixSource.MUTATION, (edit,), verified=True),))
    assert await reviewer.review(replace(subject, validation=fixed)) is None
    assert await Reviewer(ScriptedChat(lambda _: review()), frozenset({"statement"})).review(subject) is None
    assert reviewer.sent == []


async def test_what_may_be_seen_is_a_setting(course):
    chat = ScriptedChat(lambda _: review())
    await Reviewer(chat, frozenset({"code"})).review(await course.subject(WRONG))
    (question,) = chat.questions
    assert "amount += one" in question.user
    assert "Return the total" not in question.user
    assert "failing_cases" not in question.user


async def test_a_model_that_is_away_leaves_the_report_as_it_is_with_one_note(course):
    subject = await course.subject(WRONG)
    reviewer = Reviewer(ScriptedChat(lambda _: away(Trouble.SLOW, seconds=60.0)), ALL)
    result = await reviewer.review(subject)
    assert (result.trouble, result.usage) == ("slow", None)
    assert result.validation.findings == subject.validation.findings
    assert result.validation.notes == ("There is no review this time: nowhere did not answer within 60 s.",)


@pytest.mark.parametrize(("trouble", "times"), [(Trouble.GARBLED, 1), (Trouble.LIMITED, 1), (Trouble.SLOW, 2)])
async def test_what_cannot_be_read_is_not_asked_for_twice(course, trouble, times):
    subject = await course.subject(WRONG)
    chat = ScriptedChat(lambda _: away(trouble, seconds=1.0, tokens=9))
    reviewer = Reviewer(chat, ALL)
    for text in (WRONG, "# a comment\n" + WRONG):
        result = await reviewer.review(await course.subject(text))
        assert result.trouble == trouble.name.lower()
    assert len(chat.questions) == times
    await reviewer.review(replace(subject, language="es"))
    assert len(chat.questions) == times + 1


async def test_private_files_are_not_sent(course):
    reviewer = Reviewer(ScriptedChat(lambda _: review()), ALL)
    result = await reviewer.review(await course.subject(WRONG, path="/w/secrets.py"))
    assert "never sent" in result.validation.notes[0]
    assert reviewer.sent == []


async def test_a_secret_is_neither_shown_nor_edited_away(course):
    text = WRONG.replace("amount = 1", 'password = "hunter2-hunter3"\n    amount = 1')
    said = finding('password = "<masked>"\n    amount = 1', criterion=1, replacement="amount = 0")
    chat = ScriptedChat(lambda _: review(said))
    validation = (await Reviewer(chat, ALL).review(await course.subject(text))).validation
    assert "hunter2" not in chat.questions[0].user
    assert [one.quote for one in added(validation)] == ['password = "hunter2-hunter3"\n    amount = 1']
    assert validation.fixes == ()


async def test_hidden_characters_are_not_sent_and_places_stay_right(course):
    """LLM-06."""
    text = WRONG.replace("amount = 1", 'note = "\u202e\u200bx"; amount = 1  # \U000e0041\U000e0042')
    chat = ScriptedChat(lambda _: review(finding("amount = 1"), finding("return amount")))
    validation = (await Reviewer(chat, ALL).review(await course.subject("# \u202e\n" + text))).validation
    assert not {"\u202e", "\U000e0041"} & set(chat.questions[0].user)
    lines = ("# \u202e\n" + text).split("\n")
    assert len(added(validation)) == 2
    for one in added(validation):
        assert lines[one.range.start.line][one.range.start.character :].startswith(("amount", "return amount"))


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# only\n", "def f(", "x = '\U0001f600'\nprint(x)\n", "\r\n\tx\r\n", "a" * 70_000]
)
async def test_any_text_can_be_reviewed(course, text):
    reviewer = Reviewer(ScriptedChat(lambda _: review(finding("x"))), ALL)
    await reviewer.review(await course.subject(text))
