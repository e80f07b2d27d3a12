"""The output formats of `milepost check`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from milepost import __version__
from milepost.cli.screen import harmless
from milepost.domain.text import Range
from milepost.domain.validations import Finding, Fix, Severity, Validation


@dataclass(frozen=True, slots=True)
class Checked:
    """One checked file; `task` is None when no task claims it, and then there is no validation."""

    file: str
    task: str | None
    validation: Validation | None


def json_line(checked: Checked) -> str:
    """Return the file's result as one line of JSON."""
    validation = checked.validation
    if validation is None:
        empty: dict[str, Any] = {"passed": None, "score": 0.0, "criteria": [], "findings": [], "fixes": []}
        return json.dumps({"file": checked.file, "task": checked.task, **empty, "timings_ms": {"total": 0.0}})
    return json.dumps(
        {
            "file": checked.file,
            "task": checked.task,
            "passed": validation.passed,
            "score": round(validation.score, 4),
            "criteria": [
                {"kind": result.kind, "passed": result.passed, "message": result.message}
                for result in validation.results
            ],
            "findings": [_finding(finding) for finding in validation.findings],
            "fixes": [_fix(fix) for fix in validation.fixes],
            "timings_ms": {stage: round(spent, 1) for stage, spent in validation.timings_ms.items()},
        }
    )


def sarif(checked: Sequence[Checked]) -> str:
    """Return all findings as one SARIF 2.1.0 log."""
    results = [_sarif_result(one.file, finding) for one in checked for finding in _findings(one)]
    rules = sorted({result["ruleId"] for result in results})
    driver = {"name": "Milepost", "version": __version__, "rules": [{"id": rule} for rule in rules]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"version": "2.1.0", "$schema": _SARIF_SCHEMA, "runs": [run]}, indent=2)


def github(checked: Sequence[Checked]) -> str:
    """Return the findings as workflow commands, which GitHub shows beside the changed lines."""
    return "\n".join(_annotation(one.file, finding) for one in checked for finding in _findings(one))


_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SARIF_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning"}
_GITHUB_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning"}


def _findings(checked: Checked) -> tuple[Finding, ...]:
    return checked.validation.findings if checked.validation else ()


def _range(place: Range) -> dict[str, dict[str, int]]:
    ends = {"start": place.start, "end": place.end}
    return {name: {"line": end.line, "character": end.character} for name, end in ends.items()}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        "range": _range(finding.range),
        "criterion": finding.criterion,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {
        "title": fix.title,
        "source": fix.source.value,
        "rewrite": fix.rewrite,
        "preferred": fix.preferred,
        "verified": fix.verified,
        "edits": [{"range": _range(edit.range), "newText": edit.new_text} for edit in fix.edits],
    }


def _sarif_result(file: str, finding: Finding) -> dict[str, Any]:
    start, end = finding.range.start, finding.range.end
    region = {
        "startLine": start.line + 1,
        "startColumn": start.character + 1,
        "endLine": end.line + 1,
        "endColumn": end.character + 1,
    }
    return {
        "ruleId": finding.rule,
        "level": _SARIF_LEVELS.get(finding.severity, "note"),
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": file}, "region": region}}],
    }


def _annotation(file: str, finding: Finding) -> str:
    # GitHub reads these escapes; without them a message could add a workflow command of its own.
    message = finding.message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    name = (
        harmless(file)
        .replace("%", "%25")
        .replace("\r", "%0D")
        .replace("\n", "%0A")
        .replace(":", "%3A")
        .replace(",", "%2C")
    )
    start = finding.range.start
    level = _GITHUB_LEVELS.get(finding.severity, "notice")
    return f"::{level} file={name},line={start.line + 1},col={start.character + 1},title={finding.rule}::{message}"
