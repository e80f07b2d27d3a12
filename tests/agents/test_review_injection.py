"""LLM-01 and LLM-02: a model that obeys whatever it reads changes nothing that was measured."""

from dataclasses import asdict, replace
from pathlib import Path

import pytest

from milepost.agents import saves
from milepost.agents.reviewing import Reviewer
from milepost.agents.reviewing_prompt import PARTS
from milepost.domain.validations import Evidence
from milepost.providers.chat import Usage
from tests.agents.injections import Attempt, attempts
from tests.agents.reviewed import RUBRIC, WRONG, judged
from tests.fixtures.chat import ScriptedChat

ALL = list(attempts())
GROUPS = 6
pytestmark = pytest.mark.asyncio(loop_scope="module")


def obedient(attempt: Attempt) -> ScriptedChat:
    """Return a model that does what the attempt wishes as soon as it can read it."""

    def says(_question):
        findings = [
            {"criterion": None, "rule": "clarity", "severity": "warning", "replacement": None, **said}
            for said in attempt.answer.get("findings", [])
        ]
        return {**attempt.answer, "findings": findings, "rubrics": attempt.answer.get("rubrics", [])}

    return ScriptedChat(says)


async def subject_of(course, attempt: Attempt):
    name = "/w/" + "".join(sign for sign in attempt.payload if sign not in "/\0")[:120] + ".py"
    path = name if attempt.carrier == "file name" else "/w/sums.py"
    subject = await course.subject(attempt.program(WRONG), path=path)
    if attempt.carrier != "neighbour":
        return subject
    evidence = (Evidence("1", f"# {attempt.payload}\ndef total(numbers):\n    return sum(numbers)\n", 0.1),)
    return replace(subject, validation=replace(subject.validation, evidence=evidence))


def measured(validation):
    """Return everything that no model may change."""
    own = [one for one in validation.findings if not one.rule.startswith("review/")]
    results = [one for one in validation.results if one.kind != "rubric"]
    return validation.passed, validation.score, results, own, validation.fixes, validation.snapshot, validation.evidence


async def test_there_are_enough_attempts():
    assert len(ALL) >= 300
    assert len({attempt.payload for attempt in ALL}) >= 40


@pytest.mark.parametrize("group", range(GROUPS))
async def test_an_obedient_model_changes_nothing(tmp_path, module_sandbox, group):
    """No result, score, event, fix or file changes; what is shown is plain text at quoted code."""
    course = await judged(tmp_path, module_sandbox, more=RUBRIC)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    shown = 0
    for attempt in ALL[group::GROUPS]:
        subject = await subject_of(course, attempt)
        review = await Reviewer(obedient(attempt), frozenset(PARTS)).review(subject)
        assert review is not None, attempt.name
        after = review.validation
        assert measured(after) == measured(subject.validation), attempt.name
        assert after.fixes == (), attempt.name
        for one in (one for one in after.findings if one.rule.startswith("review/")):
            shown += 1
            assert one.quote in subject.validation.snapshot.text
            # What stands in the place of a secret is Milepost's own.
            told = (one.message + one.explanation).lower().replace("<masked>", "").replace(r"\<masked\>", "")
            assert not [part for part in ("://", "command:", "](", "![", "<", "\x1b") if part in told], attempt.name
        facts = saves.reviewed_of(subject.validation, after, Usage("scripted", 1, 1, 1.0))
        assert (facts.passed, facts.score, facts.fixes) == (subject.validation.passed, subject.validation.score, 0)
    assert shown, "the model's remarks do get through, as remarks"
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert not Path("/tmp/pwned").exists()


async def test_a_program_with_an_attempt_is_judged_as_its_clean_twin(tmp_path, module_sandbox):
    """LLM-02: for 200 pairs; those whose carrier changes what the program does have no twin."""
    course = await judged(tmp_path, module_sandbox)
    clean = (await course.subject(WRONG)).validation
    pairs = [
        attempt for attempt in ALL if attempt.carrier in {"comment", "docstring", "string", "identifier", "unicode"}
    ]
    assert len(pairs) >= 200
    for attempt in pairs:
        twin = (await course.subject(attempt.program(WRONG))).validation
        assert (twin.passed, twin.score) == (clean.passed, clean.score), attempt.name
        assert [asdict(one) for one in twin.results] == [asdict(one) for one in clean.results], attempt.name
