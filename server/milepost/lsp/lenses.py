"""The line above a file that says how far its task is."""

from lsprotocol import types

from milepost.domain.validations import Stage
from milepost.lsp import messages, trusting
from milepost.lsp.opened import OpenDocument


def above(document: OpenDocument, language: str) -> list[types.CodeLens]:
    """Return the lenses of a document, none where no task claims it; a second one while its course is not trusted."""
    if document.claim is None:
        return []
    start = types.Position(0, 0)
    here = [{"uri": document.uri}]
    commands = [types.Command(title(document, language), "milepost.progress", arguments=here)]
    if trusting.is_wanted(document):
        commands.append(types.Command(messages.NOT_TRUSTED.pick(language), "milepost.trust", arguments=here))
    return [types.CodeLens(types.Range(start, start), command) for command in commands]


def title(document: OpenDocument, language: str) -> str:
    """Return what the lens says."""
    claim, report = document.claim, document.settled or document.report
    assert claim is not None
    criteria = len(claim.task.contract.criteria)
    if report is None or report.stage is Stage.FAST or not report.results:
        return messages.LENS_UNCHECKED.say(language, position=claim.position, count=claim.count, criteria=criteria)
    return messages.LENS.say(
        language,
        position=claim.position,
        count=claim.count,
        passed=sum(result.passed is True for result in report.results),
        criteria=criteria,
        score=report.score,
    )
