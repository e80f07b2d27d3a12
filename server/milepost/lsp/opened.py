"""What the server knows about one open document."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from zlib import crc32

from lsprotocol import types

from milepost.domain.validations import Finding, Fix, FixSource, Snapshot, Stage, Validation
from milepost.lsp import moving
from milepost.syntax.documents import TextDocument

if TYPE_CHECKING:
    # The workspace brings everything that the server runs on; it is loaded when the first document needs it.
    from milepost.agents.workspace import Claim


@dataclass(slots=True, eq=False)
class OpenDocument:
    """An open document with its newest report and what of it still holds.

    `live` are the findings of the text as it is, followed while typing; `kept` those of the newest report, moved with
    the text; `settled` is the newest report that came beyond the fast stage. `generation` grows with every save and
    with the end, so that an old answer never overwrites a newer one; `turn` keeps saves in their order. `offered` are
    the newest fixes by id, also after the text has changed: an editor says only afterwards that it took one.
    """

    text: TextDocument
    path: str | None
    course_path: str | None = None
    claim: Claim | None = None
    trusted: bool = True
    generation: int = 0
    live: tuple[Finding, ...] = ()
    kept: tuple[Finding, ...] = ()
    report: Validation | None = None
    settled: Validation | None = None
    saved: Snapshot | None = None
    published: list[types.Diagnostic] | None = None
    run: asyncio.Task[None] | None = None
    live_wanted: bool = False
    live_task: asyncio.Task[None] | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    closed: bool = False
    offered: dict[str, Fix] = field(default_factory=dict)
    hints: dict[str, int] = field(default_factory=dict)
    dismissed: set[str] = field(default_factory=set)

    @property
    def uri(self) -> str:
        """Return the URI as the editor writes it."""
        return self.text.uri

    @property
    def name(self) -> str:
        """Return the file's name."""
        return self.uri.rsplit("/", 1)[-1] if self.path is None else self.path.replace("\\", "/").rsplit("/", 1)[-1]

    @property
    def current_report(self) -> Validation | None:
        """Return the newest report if the text is still what it speaks about."""
        report = self.report
        return report if report is not None and report.snapshot.text == self.text.text else None

    @property
    def fixes(self) -> Sequence[Fix]:
        """Return the fixes that apply to the text as it is."""
        report = self.current_report
        return report.fixes if report else ()

    def findings(self) -> list[tuple[str, Finding]]:
        """Return what is shown, from top to bottom, each finding with an id that stays while the finding does."""
        ordered = sorted((*self.live, *self.kept), key=lambda finding: finding.range)
        return [(key, finding) for key, finding in named(ordered) if key not in self.dismissed]

    def take_live(self, findings: Iterable[Finding]) -> None:
        """Take the findings of the text as it is."""
        self.live = tuple(findings)

    def take_report(self, validation: Validation) -> None:
        """Take a stage of a report; the text may have been edited since it was saved."""
        text = validation.snapshot.text
        syntax = tuple(finding for finding in validation.findings if is_live(finding))
        others = tuple(finding for finding in validation.findings if not is_live(finding))
        if self.text.text == text:
            self.live = syntax
        still_running = kept_from_before(self.kept, validation) if not syntax else ()
        self.kept = (*moving.moved(others, text, self.text.text), *still_running)
        self.report = _with_fixes_from_before(self.report, validation)
        if validation.stage is not Stage.FAST:
            self.settled = self.report
        if validation.fixes:
            self.offered = {fix_id(fix): fix for fix in validation.fixes}

    def edited(self, before: str) -> None:
        """Move the findings with an edit that was just made."""
        after = self.text.text
        self.live = moving.moved(self.live, before, after)
        self.kept = moving.moved(self.kept, before, after)


def is_live(finding: Finding) -> bool:
    """Tell whether a finding follows each edit, as those about syntax do."""
    return finding.rule.partition("/")[0] == "syntax"


def fix_id(fix: Fix) -> str:
    """Return the id of a fix, made from its edits."""
    return f"{crc32(repr(fix.edits).encode('utf-8', 'replace')):08x}"


def applies(fix: Fix, finding: Finding) -> bool:
    """Tell whether a fix helps with a finding."""
    if fix.source is FixSource.SYNTAX:
        return is_live(finding)
    if is_live(finding):
        return fix.criterion is None and fix.verified
    if fix.source is FixSource.LINT:
        same = fix.criterion is None or fix.criterion == finding.criterion
        return same and any(edit.range.touches(finding.range) for edit in fix.edits)
    return fix.criterion is None or finding.criterion is None or fix.criterion == finding.criterion


def named(findings: Iterable[Finding]) -> list[tuple[str, Finding]]:
    """Return findings with ids made from what they say, not from where they stand."""
    seen: Counter[int] = Counter()
    result = []
    for finding in findings:
        code = crc32(f"{finding.rule}\0{finding.criterion}\0{finding.message}".encode("utf-8", "replace"))
        result.append((f"{code:08x}.{seen[code]}" if seen[code] else f"{code:08x}", finding))
        seen[code] += 1
    return result


def kept_from_before(before: Iterable[Finding], validation: Validation) -> tuple[Finding, ...]:
    """Return the earlier findings that a stage has not decided about, so that they do not vanish and come back."""
    if validation.stage.is_whole:
        return ()
    known = {(finding.rule, finding.criterion) for finding in validation.findings}
    return tuple(
        finding
        for finding in before
        if (finding.rule, finding.criterion) not in known and not _decided(finding, validation)
    )


def _decided(finding: Finding, validation: Validation) -> bool:
    if finding.criterion is None:
        return False
    if validation.stage is not Stage.FAST or finding.criterion >= len(validation.results):
        return True
    return validation.results[finding.criterion].passed is not None


def _with_fixes_from_before(before: Validation | None, validation: Validation) -> Validation:
    """Keep the fixes of the same text until the stage that looks for fixes has ended."""
    same = before is not None and before.snapshot.text == validation.snapshot.text
    if before is None or not same or validation.fixes or validation.stage.is_whole:
        return validation
    return replace(validation, fixes=before.fixes)
