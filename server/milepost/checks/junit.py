"""Reading a JUnit report that an untrusted program may have written."""

from dataclasses import dataclass, field
from xml.parsers import expat

LARGEST = 1_000_000
MOST_CASES = 1_000
DEEPEST = 50
SHOWN = 2_000


class UnreadableReportError(ValueError):
    """The report is no XML, or tries what a report has no need of (document types, entities, great depth)."""


@dataclass(slots=True)
class ReportedCase:
    """One test of the report; `line` is zero-based and None when the report does not say."""

    name: str
    outcome: str = "passed"
    message: str = ""
    file: str = ""
    line: int | None = None


@dataclass(slots=True)
class _Reader:
    cases: list[ReportedCase] = field(default_factory=list)
    depth: int = 0
    case: ReportedCase | None = None
    inside: bool = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEEPEST or len(self.cases) > MOST_CASES:
            raise UnreadableReportError("too deep or too long")
        if tag == "testcase":
            self.case = _case(attributes)
            self.cases.append(self.case)
        elif self.case is not None and tag in {"failure", "error", "skipped"}:
            self.case.outcome = "skipped" if tag == "skipped" else "failed"
            self.case.message = attributes.get("message", "")[:SHOWN]
            self.inside = True

    def text(self, text: str) -> None:
        if self.inside and self.case is not None and len(self.case.message) < SHOWN:
            separator = "\n" if self.case.message and not self.case.message.endswith("\n") else ""
            self.case.message += separator + text[:SHOWN]

    def end(self, tag: str) -> None:
        self.depth -= 1
        if tag == "testcase":
            self.case = None
        if tag in {"failure", "error", "skipped"}:
            self.inside = False


def read(report: bytes) -> list[ReportedCase]:
    """Return the tests of a report. Raises UnreadableReportError."""
    if len(report) > LARGEST:
        raise UnreadableReportError("too large")
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = reader.start
    parser.CharacterDataHandler = reader.text
    parser.EndElementHandler = reader.end
    try:
        parser.Parse(report, True)  # noqa: FBT003 The parser takes no keyword.
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise UnreadableReportError(str(error)) from error
    return reader.cases


def _refuse(*_: object) -> None:
    raise UnreadableReportError("document types and entities are refused")


def _case(attributes: dict[str, str]) -> ReportedCase:
    line = attributes.get("line", "")
    name = attributes.get("name", "") or attributes.get("classname", "")
    return ReportedCase(
        name=name[:SHOWN],
        file=attributes.get("file", "")[:SHOWN],
        line=int(line) - 1 if line.isascii() and line.isdigit() and 0 < len(line) < 8 else None,  # noqa: PLR2004
    )
