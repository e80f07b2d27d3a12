"""What a model says, made fit to be shown: plain text, of bounded length, giving nothing away."""

import re
from collections.abc import Iterable, Sequence

from milepost.syntax import tokens

LONGEST = 600
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)")
_FENCES = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_LINKS = re.compile(r"!?\[([^\]]{0,200})\]\s*[(\[][^)\]]{0,2000}[)\]]")
_ADDRESSES = re.compile(
    r"(?i)\b(?:[a-z][a-z0-9+.-]{1,20}:(?://)?[^\s]*[/=?%&.][^\s]*|www\.[^\s]+|(?:command|javascript|data|vscode|file|mailto):[^\s]*)"
)
_TAGS = re.compile(r"<[/!?a-zA-Z][^<>]{0,500}>")
_LEADING = re.compile(
    r"(?m)(?P<fence>^[ \t]*```[^`\n]*$)|(?P<code>(?P<ticks>`+)(?!`)[^\n]*?(?<!`)(?P=ticks)(?!`))|(?P<stray>`)"
    r"|(?P<link>\](?=[(\[:]).)|(?P<tag><(?=[/!?a-zA-Z]))"
    r"|(?P<address>(?i:\b(?:[a-z][a-z0-9+.-]{1,20}://|www\.|(?:command|javascript|data|vscode|file|mailto):)[^\s`]+"
    r"|[\w.+-]+@[\w-]+\.[\w.-]+))"
)
_SPACE = re.compile(r"\s+")
_SPANS = re.compile(r"`([^`\n]{1,200})`")
# What is code in a sentence without any marks: an assignment, a call.
_BARE = re.compile(r"[A-Za-z_][\w.]*\s*(?:[-+*/%|&^@]|//|\*\*|<<|>>)?=\s*[^\s=,;]+|[A-Za-z_][\w.]*\([^()\n]{0,100}\)")
# So many tokens in a row that stand in a solution and not in the learner's program are a piece of it.
_PIECE = 5
_SIGN = re.compile(r"\w+|[^\w\s]")
_LAYOUT = frozenset({"\n", "\t+", "\t-"})
_MARKUP = str.maketrans({sign: "\\" + sign for sign in "\\`*_[]<>#|!"})


def clean(text: str, longest: int = LONGEST) -> str:
    """Return a text without links, images, markup, control and hidden characters, on one line."""
    text = _ESCAPES.sub("", text[: longest * 20])
    # Hidden characters go first, so that none can hide an address.
    text = "".join(sign for sign in text if sign.isprintable() or sign.isspace())
    text = _LINKS.sub(r"\1", _FENCES.sub(" ", text))
    text = _TAGS.sub(" ", _ADDRESSES.sub("…", text))
    text = _SPACE.sub(" ", text).strip()
    return text if len(text) <= longest else text[: longest - 1] + "…"


def without_links(text: str) -> str:
    """Return Markdown whose links, images, addresses and HTML are shown as they are written and lead nowhere."""
    text = _ESCAPES.sub("", text)
    text = "".join(sign for sign in text if sign.isprintable() or sign in "\n\t")
    return _LEADING.sub(_led_nowhere, text)


def _led_nowhere(found: re.Match[str]) -> str:
    kind, said = found.lastgroup, found[0]
    if kind in {"code", "fence"}:
        return said
    return f"`{said}`" if kind == "address" else f"{said[0]}\\{said[1:]}" if kind == "link" else f"\\{said}"


def as_markdown(text: str) -> str:
    """Return a plain text so that Markdown shows just that text."""
    return text.translate(_MARKUP)


def gives_away(message: str, learner: str, known: str, solutions: Iterable[str], language: str) -> bool:
    """Tell whether a message holds code that is neither the learner's nor the task's, or a piece of a solution."""
    own = [*_of_code(learner, language), *_SIGN.findall(known)]
    for span in (*_SPANS.findall(message), *_BARE.findall(_SPANS.sub(" ", message))):
        said = _SIGN.findall(span.rstrip(".:!?'\"»”’"))
        if len(said) > 1 and not _holds(own, said):
            return True
    theirs = {piece for solution in solutions for piece in _pieces(_of_code(solution, language))}
    return bool(_pieces(_SIGN.findall(message)) & (theirs - _pieces(own)))


def _of_code(text: str, language: str) -> list[str]:
    """Return the words and signs of a program, comments left out."""
    return _SIGN.findall(" ".join(token for token in tokens.tokens(text, language) if token not in _LAYOUT))


def _holds(text: Sequence[str], wanted: Sequence[str]) -> bool:
    size = len(wanted)
    return any(text[start : start + size] == wanted for start in range(len(text) - size + 1))


def _pieces(found: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(found[start : start + _PIECE]) for start in range(len(found) - _PIECE + 1)}
