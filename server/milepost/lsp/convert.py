"""The only place where domain values become protocol types, and back, in the editor's own units."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lsprotocol import types
from pygls import uris

from milepost.domain.text import Edit, Position, Range
from milepost.domain.validations import Finding, Related, Severity
from milepost.lsp.abilities import Abilities
from milepost.syntax.documents import Change, TextDocument
from milepost.syntax.positions import Encoding, UnitPosition, UnitRange

SOURCE = "milepost"

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFORMATION: types.DiagnosticSeverity.Information,
    Severity.HINT: types.DiagnosticSeverity.Hint,
}
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_FENCE = re.compile(r"^```\w*\n?", re.MULTILINE)
_EMPHASIS = re.compile(r"(?<!\\)(\*\*|`)(.+?)(?<!\\)\1")
_LITERAL = re.compile(r"\\([\\`*_{}\[\]<>#|!~])")


def path_of(uri: str) -> str | None:
    """Return the absolute path that a URI names, None for what is no file or no possible path."""
    try:
        path = uris.to_fs_path(uri)
    except ValueError:
        return None
    if not path or "\0" in path or not Path(path).is_absolute():
        return None
    return path


def uri_of(path: str | Path) -> str:
    """Return the URI of an absolute path."""
    return Path(path).as_uri()


def clean(text: str) -> str:
    """Replace halves of characters, which no file can hold, by the sign for a broken character."""
    return text if text.isascii() else _LONE_SURROGATE.sub("�", text)


def encoding(chosen: types.PositionEncodingKind | str | None) -> Encoding:
    """Return the units that were agreed on."""
    match str(getattr(chosen, "value", chosen)):
        case "utf-8":
            return "utf-8"
        case "utf-32":
            return "utf-32"
        case _:
            return "utf-16"


def document(item: types.TextDocumentItem, units: Encoding) -> TextDocument:
    """Return our own document for one that was opened."""
    return TextDocument(item.uri, item.language_id, item.version, clean(item.text), units)


def changes(events: Sequence[types.TextDocumentContentChangeEvent]) -> list[Change]:
    """Return an editor's changes."""
    return [Change(_unit_range(getattr(event, "range", None)), clean(event.text)) for event in events]


def _unit_range(place: types.Range | None) -> UnitRange | None:
    if place is None:
        return None
    start, end = place.start, place.end
    return UnitRange(UnitPosition(start.line, start.character), UnitPosition(end.line, end.character))


def position_from(opened: TextDocument, place: types.Position) -> Position:
    """Return an editor's position in code points."""
    return opened.position(UnitPosition(max(place.line, 0), max(place.character, 0)))


def range_from(opened: TextDocument, place: types.Range) -> Range:
    """Return an editor's range in code points."""
    return Range(position_from(opened, place.start), position_from(opened, place.end))


def range_to(opened: TextDocument, place: Range) -> types.Range:
    """Return a range in the editor's units."""
    return types.Range(_position_to(opened, place.start), _position_to(opened, place.end))


def _position_to(opened: TextDocument, position: Position) -> types.Position:
    place = opened.place(position)
    return types.Position(place.line, place.character)


def diagnostic(
    opened: TextDocument, finding: Finding, data: Mapping[str, Any], abilities: Abilities, rules: str
) -> types.Diagnostic:
    """Return a finding as a diagnostic; `rules` is the URI of the page that describes the rules."""
    related = [_related(opened, place) for place in finding.related] if abilities.related_information else []
    return types.Diagnostic(
        range=range_to(opened, finding.range),
        message=finding.message,
        severity=_SEVERITIES[finding.severity],
        code=finding.rule,
        code_description=types.CodeDescription(_description(finding.rule, rules)),
        source=SOURCE,
        related_information=related or None,
        data=dict(data),
    )


def _related(opened: TextDocument, place: Related) -> types.DiagnosticRelatedInformation:
    if place.path is None:
        location = types.Location(opened.uri, range_to(opened, place.range))
    else:
        # Whole lines are the same in every unit, so the other file need not be read.
        start, end = types.Position(place.range.start.line, 0), types.Position(place.range.end.line + 1, 0)
        location = types.Location(uri_of(place.path), types.Range(start, end))
    return types.DiagnosticRelatedInformation(location, place.message)


def _description(rule: str, rules: str) -> str:
    kind, _, detail = rule.partition("/")
    if kind == "lint" and detail:
        return f"https://docs.astral.sh/ruff/rules/{quote(detail)}"
    return f"{rules}#{quote(kind)}"


def workspace_edit(opened: TextDocument, edits: Sequence[Edit], abilities: Abilities) -> types.WorkspaceEdit:
    """Return edits of a document as it is now, bound to its version where the editor understands that."""
    text_edits = [types.TextEdit(range_to(opened, edit.range), edit.new_text) for edit in edits]
    if not abilities.versioned_edits:
        return types.WorkspaceEdit(changes={opened.uri: text_edits})
    identifier = types.OptionalVersionedTextDocumentIdentifier(opened.uri, opened.version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(identifier, list(text_edits))])


def new_file(uri: str, text: str) -> types.WorkspaceEdit:
    """Return the edit that makes a file which does not exist yet."""
    start = types.Position(0, 0)
    identifier = types.OptionalVersionedTextDocumentIdentifier(uri, None)
    return types.WorkspaceEdit(
        document_changes=[
            types.CreateFile(uri, options=types.CreateFileOptions(overwrite=False, ignore_if_exists=True)),
            types.TextDocumentEdit(identifier, [types.TextEdit(types.Range(start, start), text)]),
        ]
    )


def markup(text: str, abilities: Abilities) -> types.MarkupContent:
    """Return Markdown as the editor can show it."""
    if abilities.markdown:
        return types.MarkupContent(types.MarkupKind.Markdown, text)
    return types.MarkupContent(types.MarkupKind.PlainText, plain(text))


def plain(text: str) -> str:
    """Return Markdown without its marks."""
    return _LITERAL.sub(r"\1", _EMPHASIS.sub(r"\2", _FENCE.sub("", text))).strip()
