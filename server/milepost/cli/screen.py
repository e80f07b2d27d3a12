"""How findings, fixes and tables look on a terminal."""

import difflib
import re
import sys
from collections.abc import Iterable, Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.segment import Segment
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from milepost.domain.text import Localized
from milepost.domain.validations import Finding, Fix, Severity, Validation
from milepost.syntax.edits import apply_edits
from milepost.syntax.lines import LineIndex

_SIGNS = {True: ("✓", "green"), False: ("✗", "red"), None: ("–", "yellow")}
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFORMATION: "cyan", Severity.HINT: "blue"}
_PROVED = Localized("proved", "probado")
_NOT_PROVED = Localized("does not meet every criterion yet", "aún no cumple todos los criterios")
_NO_FIX = Localized(
    "no verified fix was found in the time that there was for it; the findings above hold all the same",
    "no se encontró ningún arreglo verificado en el tiempo previsto; los avisos de arriba siguen siendo válidos",
)
_ANOTHER = Localized("another program, which is right", "otro programa, que es correcto")
_NO_TASK = Localized("no task claims this file", "ninguna tarea reclama este archivo")
_SCORE = Localized("score", "puntuación")


# What steers a terminal or turns text around, and halves of characters, which cannot be written.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def harmless(text: str) -> str:
    """Return a text of others as it may stand on a terminal: nothing in it is obeyed."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text)


def tell(text: object, *, error: bool = False) -> None:
    """Print a message that may name what others wrote: files, titles, people."""
    print(harmless(str(text)), file=sys.stderr if error else sys.stdout)


class _Terminal(Console):
    """A console on which only its own styles are obeyed."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield what is printed, without the controls that others wrote."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(harmless(segment.text), segment.style)


def validation_view(file: str, task: str | None, validation: Validation | None, language: str) -> RenderableType:
    """Return one checked file: criteria, findings at their lines, fixes as differences."""
    if validation is None:
        return Text.assemble((file, "bold"), "  ", (_NO_TASK.pick(language), "dim"))
    sign, colour = _SIGNS[validation.passed]
    score = f"  {_SCORE.pick(language)} {validation.score:.2f}"
    head = Text.assemble((f"{sign} ", colour), (file, "bold"), f"  {task or ''}", (score, "dim"))
    parts: list[RenderableType] = [head]
    said = [(result.passed, f"{result.kind}: {result.message}") for result in validation.results]
    parts += [_indented(criterion_view(passed, message)) for passed, message in said]
    text = validation.snapshot.text
    parts += [_indented(finding_view(finding, file, text)) for finding in validation.findings]
    parts += [_indented(fix_view(fix, text, language)) for fix in validation.fixes]
    if validation.passed is False and not any(fix.verified for fix in validation.fixes):
        parts.append(_indented(Text(_NO_FIX.pick(language), "dim")))
    return Group(*parts)


def criterion_view(passed: bool | None, message: str) -> RenderableType:  # noqa: FBT001 The sign shows it.
    """Return one line: a sign and what the criterion says."""
    sign, colour = _SIGNS[passed]
    return Text.assemble((f"{sign} ", colour), message)


def finding_view(finding: Finding, file: str, text: str) -> RenderableType:
    """Return the place, the message and the line itself with a mark below it."""
    start, end = finding.range.start, finding.range.end
    index = LineIndex(text)
    line = index.line(start.line).rstrip("\r\n") if start.line < index.line_count else ""
    width = max(1, (end.character if end.line == start.line else len(line)) - start.character)
    place = f"{file}:{start.line + 1}:{start.character + 1}"
    colour = _COLOURS[finding.severity]
    return Text.assemble(
        (place, "dim"), " ", (finding.message, colour), (f"  [{finding.rule}]", "dim"),
        f"\n  {line.expandtabs(1)}\n  ", (" " * start.character + "^" * width, colour),
    )  # fmt: skip


def fix_view(fix: Fix, text: str, language: str) -> RenderableType:
    """Return the fix's title and its difference."""
    proof = (_PROVED if fix.verified else _ANOTHER if fix.rewrite else _NOT_PROVED).pick(language)
    title = Text.assemble(("→ ", "green"), fix.title, (f"  ({proof})", "dim"))
    return Group(title, difference_view(text, apply_edits(text, fix.edits)))


def difference_view(before: str, after: str) -> RenderableType:
    """Return the changed lines, one line of context around them."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm="")
    hunks = [line for line in lines if not line.startswith(("---", "+++"))]
    # Lines that stand apart in the program must not look as if they followed each other.
    body = ["…" if line.startswith("@@") else line for line in hunks[1:]]
    return _indented(Syntax("\n".join(body), "diff", background_color="default"))


def code_view(text: str) -> RenderableType:
    """Return a program with its line numbers."""
    return _indented(Syntax(text.rstrip(), "python", line_numbers=True, background_color="default"))


def markdown_view(text: str) -> RenderableType:
    """Return Markdown as a terminal shows it."""
    return _indented(Markdown(text))


def table_view(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Return a plain table; numbers stand right."""
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    listed = [list(row) for row in rows]
    for number, column in enumerate(columns):
        numeric = bool(listed) and all(isinstance(row[number], (int, float)) for row in listed)
        table.add_column(column, justify="right" if numeric else "left", header_style="dim")
    for row in listed:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    return table


def console(*, error: bool = False) -> Console:
    """Return the terminal; markup and controls in others' text are never obeyed."""
    return _Terminal(stderr=error, highlight=False, markup=False, soft_wrap=False)


def _indented(body: RenderableType) -> RenderableType:
    return Padding(body, (0, 0, 0, 2), expand=False)
