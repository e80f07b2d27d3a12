"""Edits that a model proposed: proved like any other edit, and bringing nothing in that the task does not need."""

import builtins
from collections.abc import Iterable, Sequence
from dataclasses import replace

from milepost.agents import hidden_text, reviewing_words
from milepost.agents.fixing import ContractVerifier, FixRequest
from milepost.agents.preparing import PreparedTask
from milepost.agents.reviewing_decisions import Kept, Standpoint
from milepost.domain.validations import Fix, FixSource
from milepost.repair import telling
from milepost.sandbox.boxes import Sandbox
from milepost.syntax import calls, definitions, edits, lexing, parsing

LONGEST_REPLACEMENT = 4_000
# Python's functions that reach nothing outside the program.
_HARMLESS = frozenset(
    name for name in dir(builtins) if name[0].islower() and name not in {
        "breakpoint", "compile", "delattr", "eval", "exec", "exit", "getattr", "globals", "help", "input", "locals",
        "memoryview", "open", "quit", "setattr", "vars", "copyright", "credits", "license",
    }
)  # fmt: skip


async def proved(
    kept: Sequence[Kept], standpoint: Standpoint, prepared: PreparedTask, sandbox: Sandbox | None
) -> list[Fix]:
    """Return the edits after which every criterion and every generated case holds.

    Without generated cases an edit could be made for the visible examples alone, and where a program could influence
    its own result an edit could forge it: then none is offered.
    """
    tamper_proof = all(result.tamper_proof for result in standpoint.validation.results if result.kind != "rubric")
    if sandbox is None or not prepared.cases or not tamper_proof:
        return []
    texts = {text: None for one in kept if (text := _edited(one, standpoint)) is not None}
    wanted = [text for text in texts if _is_harmless(text, standpoint, prepared)]
    if not wanted:
        return []
    verifier = ContractVerifier(_request(standpoint, prepared), sandbox)
    proofs = await verifier.prove(wanted)
    return [_fix(standpoint, text) for text, holds in zip(wanted, proofs, strict=True) if holds]


def _edited(one: Kept, standpoint: Standpoint) -> str | None:
    replacement = one.replacement
    if replacement is None or len(replacement) > LONGEST_REPLACEMENT:
        return None
    text = standpoint.text
    edited = text[: one.place.start] + replacement + text[one.place.end :]
    return edited if edited != text else None


def _is_harmless(text: str, standpoint: Standpoint, prepared: PreparedTask) -> bool:
    """Tell whether an edit brings in no import, call, attribute, text or comment that neither program nor task know."""
    language = standpoint.contract.language
    program, before = parsing.parse(text, language), parsing.parse(standpoint.text, language)
    if any(hidden_text.spans(text)) or parsing.syntax_errors(program):
        return False
    if len(definitions.definitions(program)) < len(definitions.definitions(before)):
        # Criteria hold as well without a function that they do not speak about; its author would miss it.
        return False
    sources = [standpoint.text, *(one.code for one in prepared.solutions)]
    known = {piece.text for source in sources for piece in lexing.lexemes(source, language)} | _HARMLESS
    imported = {(one.module, one.name) for one in calls.imports(before)}
    if any((one.module, one.name) not in imported for one in calls.imports(program)):
        return False
    called = {part for call in calls.calls(program) for part in call.name.split(".") if part}
    return called <= known and _says_nothing_new(text, sources, standpoint)


def _says_nothing_new(text: str, sources: Iterable[str], standpoint: Standpoint) -> bool:
    language = standpoint.contract.language
    statement = f"{standpoint.task.statement.en} {standpoint.task.statement.es}"
    known = {piece.text for source in sources for piece in _wordy(source, language)}
    pieces = {piece.text for piece in _wordy(text, language)}
    return all(
        piece in known or (piece[0] not in "#/" and reviewing_words.clean(piece.strip("\"'`")) in statement)
        for piece in pieces
    )


def _wordy(text: str, language: str) -> list[lexing.Lexeme]:
    return [piece for piece in lexing.lexemes(text, language) if piece.kind in {"comment", "string", "broken"}]


def _request(standpoint: Standpoint, prepared: PreparedTask) -> FixRequest:
    snapshot = standpoint.validation.snapshot
    return FixRequest(
        contract=standpoint.contract,
        path=snapshot.path,
        text=snapshot.text,
        donors=(),
        reference=prepared.reference,
        cases=prepared.cases,
        seconds=0.0,
        language=standpoint.language,
    )


def _fix(standpoint: Standpoint, text: str) -> Fix:
    before, language = standpoint.text, standpoint.language
    changes = edits.difference(before, text)
    fix = Fix(telling.title(before, changes, language), FixSource.MODEL, changes, verified=True)
    where, what = telling.where(changes, language), telling.what(before, changes, language)
    changed = sum(len(one.new_text) for one in changes)
    return replace(fix, where=where, what=what, size=changed / max(len(before), 1))
