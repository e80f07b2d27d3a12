"""The line above a file that says how far its task is, or what can be done about a draft."""

from lsprotocol import types

from milepost.domain.validations import Stage, Validation
from milepost.lsp import messages, trusting
from milepost.lsp.gate import DRAFT_FILE
from milepost.lsp.opened import OpenDocument


def above(document: OpenDocument, language: str) -> list[types.CodeLens]:
    """Return the lenses of a document, none where no task claims it; a second one while its course is not trusted."""
    start = types.Position(0, 0)
    here = [{"uri": document.uri}]
    commands = []
    if document.claim is not None:
        commands.append(types.Command(title(document, language), "milepost.progress", arguments=here))
    elif document.path is not None and document.name == DRAFT_FILE:
        commands.append(types.Command(messages.APPROVE.pick(language), "milepost.approveGoal", arguments=here))
    if trusting.is_wanted(document):
        commands.append(types.Command(messages.NOT_TRUSTED.pick(language), "milepost.trust", arguments=here))
    place, state = types.Range(start, start), progress(document, language) if document.claim else None
    return [types.CodeLens(place, command, state) for command in commands]


def progress(document: OpenDocument, language: str) -> dict[str, str | int | None]:
    """Return what an editor's status line needs: the task, and how many of its criteria hold, None before a save."""
    claim, report = document.claim, settled(document)
    assert claim is not None
    return {
        "task": claim.task.title.pick(language),
        "passed": None if report is None else sum(result.passed is True for result in report.results),
        "criteria": len(claim.task.contract.criteria),
    }


def settled(document: OpenDocument) -> Validation | None:
    """Return the report that judged the criteria, None where none has yet."""
    report = document.settled or document.report
    return None if report is None or report.stage is Stage.FAST or not report.results else report


def title(document: OpenDocument, language: str) -> str:
    """Return what the lens says."""
    claim, report = document.claim, settled(document)
    assert claim is not None
    criteria = len(claim.task.contract.criteria)
    if report is None:
        return messages.LENS_UNCHECKED.say(language, position=claim.position, count=claim.count, criteria=criteria)
    return messages.LENS.say(
        language,
        position=claim.position,
        count=claim.count,
        passed=sum(result.passed is True for result in report.results),
        criteria=criteria,
        score=report.score,
    )
