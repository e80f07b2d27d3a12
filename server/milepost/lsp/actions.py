"""Code actions: what can be done about the findings at a place, as long as the text is what they speak about."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lsprotocol import types

from milepost.domain.criteria import Reveal
from milepost.domain.text import Range
from milepost.domain.validations import Finding, Fix
from milepost.lsp import convert, messages, trusting
from milepost.lsp.abilities import Abilities
from milepost.lsp.opened import OpenDocument, applies, fix_id, is_live

QUICK_FIX = "quickfix"
HINT = "quickfix.milepost.hint"
DISMISS = "quickfix.milepost.dismiss"
EXPLAIN = "quickfix.milepost.explain"
FIX_ALL = "source.fixAll.milepost"
TRUST = "source.milepost.trust"
KINDS = (QUICK_FIX, FIX_ALL, TRUST)

_HINT_TITLES = (messages.HINT_WHERE, messages.HINT_WHAT, messages.HINT_EDIT)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question for code actions: a range, the ids of findings, and kinds; no kinds stand for all."""

    range: Range
    only: tuple[str, ...] = ()
    findings: frozenset[str] = frozenset()

    def wants(self, kind: str) -> bool:
        """Tell whether actions of a kind are asked for; a kind includes those below it."""
        return not self.only or any(kind == wanted or kind.startswith(f"{wanted}.") for wanted in self.only)


def offered(
    document: OpenDocument, asked: Asked, abilities: Abilities, language: str
) -> list[types.CodeAction | types.Command]:
    """Return the actions for a question; none on a text that changed since its report."""
    if document.claim is None or document.current_report is None:
        return []
    maker = _Maker(document, abilities, language)
    found = [
        (key, finding)
        for key, finding in document.findings()
        if key in asked.findings or finding.range.touches(asked.range)
    ]
    actions = [
        action for action in (*maker.all(found), *maker.fix_all(), *maker.trust()) if asked.wants(str(action.kind))
    ]
    if abilities.action_literals:
        return list(actions)
    return [_as_command(action) for action in actions if action.command is not None]


def revealed(document: OpenDocument) -> Sequence[Fix]:
    """Return the fixes that may be offered: those of the text as it is, where the task reveals them."""
    claim = document.claim
    if claim is None or claim.task.contract.reveal is not Reveal.FIX:
        return ()
    return document.fixes


def helping(document: OpenDocument, finding: Finding) -> list[Fix]:
    """Return the fixes that help with one finding, best first."""
    return [fix for fix in revealed(document) if applies(fix, finding)]


def best(document: OpenDocument) -> Fix | None:
    """Return the one fix that may be applied unseen: verified against every criterion, and no rewrite."""
    whole = [fix for fix in revealed(document) if fix.verified and fix.criterion is None and not fix.rewrite]
    return next((fix for fix in whole if fix.preferred), whole[0] if whole else None)


def hint_steps(document: OpenDocument, finding: Finding) -> int:
    """Return how many steps of help there are: 1 where, 2 what, 3 the edit."""
    claim = document.claim
    if claim is None or claim.task.contract.reveal is Reveal.LOCATION:
        return 1
    return 3 if helping(document, finding) else 2


class _Maker:
    """Makes the actions for one document as it is."""

    def __init__(self, document: OpenDocument, abilities: Abilities, language: str) -> None:
        self._document = document
        self._abilities = abilities
        self._language = language
        self._shown = {_key(diagnostic): diagnostic for diagnostic in document.published or ()}

    def all(self, found: Sequence[tuple[str, Finding]]) -> Iterator[types.CodeAction]:
        """Yield the quick fixes for some findings, then help and dismissal for each."""
        preferred = True
        for fix in revealed(self._document):
            keys = [key for key, finding in found if applies(fix, finding)]
            if keys:
                yield self._fix(fix, keys, preferred=preferred and fix.preferred and fix.verified)
                preferred = preferred and not fix.preferred
        for key, finding in found:
            yield from self._help(key, finding)

    def fix_all(self) -> Iterator[types.CodeAction]:
        """Yield the fix for everything, if there is one."""
        fix = best(self._document)
        if fix is not None:
            title = messages.FIX_ALL.pick(self._language)
            yield self._edit(title, FIX_ALL, fix, [])

    def trust(self) -> Iterator[types.CodeAction]:
        """Yield the way to trust the course while something does not run for want of it."""
        if trusting.is_wanted(self._document):
            title = messages.TRUST_COURSE.pick(self._language)
            yield types.CodeAction(title, TRUST, command=self._command(title, "milepost.trust", {}))

    def _fix(self, fix: Fix, keys: Sequence[str], *, preferred: bool) -> types.CodeAction:
        action = self._edit(label(fix, self._language), QUICK_FIX, fix, keys)
        if preferred and self._abilities.preferred_actions:
            action.is_preferred = True
        return action

    def _edit(self, title: str, kind: str, fix: Fix, keys: Sequence[str]) -> types.CodeAction:
        arguments = {"fix": fix_id(fix), "applied": self._abilities.action_literals}
        return types.CodeAction(
            title=title,
            kind=kind,
            diagnostics=[self._shown[key] for key in keys if key in self._shown] or None,
            edit=convert.workspace_edit(self._document.text, fix.edits, self._abilities),
            command=self._command(title, "milepost.applyFix", arguments) if self._needs_command() else None,
        )

    def _needs_command(self) -> bool:
        """Tell whether a command goes with an edit: as word that it was taken, or as all that the editor understands."""
        return self._abilities.action_edit_and_command or not self._abilities.action_literals

    def _help(self, key: str, finding: Finding) -> Iterator[types.CodeAction]:
        step = self._document.hints.get(key, 0)
        if step < hint_steps(self._document, finding):
            yield self._act(key, _HINT_TITLES[step].pick(self._language), HINT, "milepost.nextHint")
        yield self._act(key, messages.EXPLAIN.pick(self._language), EXPLAIN, "milepost.explain")
        if not is_live(finding):
            yield self._act(key, messages.DISMISS.pick(self._language), DISMISS, "milepost.dismiss")

    def _act(self, key: str, title: str, kind: str, command: str) -> types.CodeAction:
        shown = [self._shown[key]] if key in self._shown else None
        return types.CodeAction(title, kind, shown, command=self._command(title, command, {"finding": key}))

    def _command(self, title: str, command: str, arguments: Mapping[str, Any]) -> types.Command:
        return types.Command(title, command, arguments=[{"uri": self._document.uri, **arguments}])


def label(fix: Fix, language: str) -> str:
    """Return a fix's title; one that is not all that could be wished for says so."""
    if not fix.verified:
        return messages.FIX_UNVERIFIED.say(language, title=fix.title)
    return messages.FIX_REWRITE.say(language, title=fix.title) if fix.rewrite else fix.title


def _key(diagnostic: types.Diagnostic) -> str:
    return str(diagnostic.data.get("id")) if isinstance(diagnostic.data, dict) else ""


def asked_ids(diagnostics: Sequence[types.Diagnostic]) -> frozenset[str]:
    """Return the ids of our findings among an editor's diagnostics."""
    ours = [diagnostic.data for diagnostic in diagnostics if diagnostic.source == convert.SOURCE]
    found = (data.get("id") if isinstance(data, dict) else getattr(data, "id", None) for data in ours)
    return frozenset(key for key in found if isinstance(key, str))


def _as_command(action: types.CodeAction) -> types.Command:
    """Return an action as the plain command that older editors understand."""
    assert action.command is not None
    return types.Command(action.title, action.command.command, arguments=action.command.arguments)
