"""What is wrong with a program in any language, from its tree and its brackets: few findings, the first causes."""

from tree_sitter import Node

from milepost.domain.text import Position, Range
from milepost.domain.validations import Finding, Severity
from milepost.syntax import lexing, messages
from milepost.syntax.programs import Program, wrong_nodes

RULE = "syntax"
_MOST = 3
_SHOWN = 20
# Closing something far away costs a scan of the whole text; a longer one gets the tree's findings alone.
_LONGEST_SCAN = 1_000_000


def mistakes(program: Program, language: str) -> list[Finding]:
    """Return the first causes of what the grammar could not read, at most three, none where it read everything."""
    if not program.has_error:
        return []
    if not program.readable:
        first = program.index.range(0, min(len(program.index.line(0)), 1))
        return [_finding(messages.UNREADABLE.say(language, title=program.grammar.title), first)]
    layout = _layout_mistake(program, language)
    if layout is not None:
        # Whatever the tree says after an open bracket or string follows from it.
        return [layout]
    return [_of_node(program, node, language) for node in _wrong_nodes(program) or [program.root]]


def _wrong_nodes(program: Program) -> list[Node]:
    """Return the first wrong nodes, one for each piece on the top of the program."""
    found: list[Node] = []
    last_line = -2
    for node in wrong_nodes(program.root):
        line = node.start_point.row
        if line > last_line + 1:
            found.append(node)
        last_line = max(last_line, node.end_point.row)
        if len(found) == _MOST:
            break
    return found


def _layout_mistake(program: Program, language: str) -> Finding | None:
    """Return a string, comment or bracket without its end, when there is one."""
    if len(program.text) > _LONGEST_SCAN:
        return None
    pieces = lexing.lexemes(program.text, program.language)
    broken = next((piece for piece in pieces if piece.kind == "broken"), None)
    if broken is not None and broken.text[0] == "'" and program.text[broken.start - 1 : broken.start].isalnum():
        # An apostrophe in the text between two tags, after which nothing was cut rightly.
        return None
    if broken is not None:
        comment = broken.text.startswith("/*")
        message = messages.COMMENT_NOT_CLOSED if comment else messages.STRING_NOT_CLOSED
        return _finding(message.pick(language), _first_line(program, broken.start, broken.end))
    trouble = lexing.bracket_trouble(pieces)
    return _bracket_mistake(program, trouble, language) if trouble is not None else None


def _bracket_mistake(program: Program, trouble: lexing.Brackets, language: str) -> Finding:
    opening, closing = trouble.opening, trouble.closing
    if closing is None:
        assert opening is not None
        message = messages.NEVER_CLOSED.say(language, opening=opening.text)
        return _finding(message, program.index.range(opening.start, opening.end))
    place = program.index.range(closing.start, closing.end)
    if opening is None:
        return _finding(messages.NEVER_OPENED.say(language, closing=closing.text), place)
    line = program.index.position(opening.start).line + 1
    message = messages.BAD_PAIR.say(language, closing=closing.text, opening=opening.text, line=line)
    return _finding(message, place)


def _of_node(program: Program, node: Node, language: str) -> Finding:
    start = program.offset(node.start_byte)
    if node.is_missing:
        return _missing(program, node, start, language)
    place = _first_line(program, start, program.offset(node.end_byte))
    shown = program.index.slice(place).strip()
    if not shown:
        return _finding(messages.SOMETHING_MISSING.pick(language), place)
    title = program.grammar.title
    if len(shown) > _SHOWN:
        return _finding(messages.SOMETHING_WRONG.say(language, title=title), place)
    return _finding(messages.NOT_EXPECTED.say(language, title=title, text=shown), place)


def _missing(program: Program, node: Node, start: int, language: str) -> Finding:
    """Return the finding for what must be added, at the end of what stands before it."""
    before = len(program.text[:start].rstrip())
    place = program.index.range(max(before - 1, 0), max(before, min(1, len(program.text))))
    if node.is_named:
        return _finding(messages.SOMETHING_MISSING.pick(language), place)
    return _finding(messages.MISSING.say(language, what=node.type), place)


def _first_line(program: Program, start: int, end: int) -> Range:
    """Return the place from `start` to `end` or to the end of its first line that says something."""
    text = program.text[start:end]
    start += len(text) - len(text.lstrip())
    first = program.index.position(start)
    stop = min(program.index.position(end), Position(first.line, len(program.index.line(first.line))))
    return Range(first, max(stop, first))


def _finding(message: str, place: Range) -> Finding:
    return Finding(RULE, Severity.ERROR, message, place)
