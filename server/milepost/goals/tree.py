"""The values of a YAML text with their places; nothing in the text can make this slow, deep or large."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import yaml

from milepost.domain.text import Localized
from milepost.goals import messages
from milepost.syntax.lines import LineIndex

DEPTH_LIMIT = 30
NODE_LIMIT = 50_000
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_SOURCE_KEYS = frozenset({"call", "expect", "input", "output", "prints"})
# YAML 1.1 breaks lines at these; editors and Python do not, so they are hidden from it behind unused characters.
_UNUSUAL_BREAKS = "\x85\u2028\u2029"
_FORBIDDEN = "\x00"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Code points from `start` up to, not including, `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Slip:
    """Something wrong in the text."""

    span: Span
    message: Localized


class Kind(Enum):
    """What a node is."""

    TEXT = "text"
    LIST = "list"
    MAPPING = "mapping"


@dataclass(slots=True)
class Node:
    """One value; a mapping's `children` are its keys and values in turn, `size` counts what aliases repeat."""

    kind: Kind
    span: Span
    text: str = ""
    plain: bool = False
    flow: bool = False
    children: list["Node"] = field(default_factory=list)
    size: int = 1
    closed: bool = True

    def entries(self) -> Iterator[tuple["Node", "Node"]]:
        """Yield the keys and values of a mapping."""
        yield from zip(self.children[::2], self.children[1::2], strict=False)


class Entries(dict[str, Any]):
    """A mapping that knows where its keys stand and whether it was written in braces."""

    spans: dict[str, Span]
    flow: bool


def compose(text: str) -> tuple[Node | None, list[Slip]]:
    """Return the root of the text (None when it cannot be read) and everything that is wrong with the YAML itself."""
    composer = _Composer(text)
    composer.run()
    return composer.root if not composer.failed else None, composer.slips


def plain_data(node: Node, text: str, key: str = "") -> Any:
    """Return texts, lists, `Entries` and None; values under the keys that hold code stay as they are written."""
    if node.kind is Kind.TEXT:
        return None if node.plain and node.text in _NULLS and key not in _SOURCE_KEYS else node.text
    if key in _SOURCE_KEYS and node.flow:
        return text[node.span.start : node.span.end]
    if node.kind is Kind.LIST:
        return [plain_data(child, text) for child in node.children]
    entries = Entries((name.text, plain_data(value, text, name.text)) for name, value in node.entries())
    entries.spans = {name.text: name.span for name, _ in node.entries()}
    entries.flow = node.flow
    return entries


def place(node: Node, location: Iterable[int | str]) -> Span:
    """Return the span of the deepest value that the location names; steps that name nothing are skipped."""
    span = node.span
    for step in location:
        found = _step(node, step)
        if found is not None:
            key, node = found
            span = node.span if node.span.end > node.span.start else key.span
    return span


def _step(node: Node, step: int | str) -> tuple[Node, Node] | None:
    if node.kind is Kind.LIST and isinstance(step, int) and step < len(node.children):
        return node, node.children[step]
    if node.kind is Kind.MAPPING:
        return next(((name, value) for name, value in node.entries() if name.text == step), None)
    return None


class _EnoughError(Exception):
    """The rest of the text is not worth reading."""


class _Composer:
    """Builds the tree from the parser's events, without recursion."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.slips: list[Slip] = []
        self.root: Node | None = None
        self.failed = False
        self._open: list[Node] = []
        self._anchors: dict[str, Node] = {}
        self._documents = 0
        self._nodes = 0
        self._hidden = _stand_ins(text)

    def run(self) -> None:
        """Read the whole text, or up to the first thing that makes the rest unreadable."""
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        hidden = self.text.translate({ord(shown): hidden for hidden, shown in self._hidden.items()})
        try:
            for event in yaml.parse(hidden, Loader=loader):
                self._take(event)
        except yaml.MarkedYAMLError as error:
            self._fail(*self._explain(error))
        except yaml.reader.ReaderError as error:
            self._fail(Span(error.position, error.position + 1), messages.fill(messages.NOT_YAML, problem=error.reason))
        except _EnoughError:
            self.failed = True

    def _take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._stop(_span(event), messages.SECOND_DOCUMENT)
        elif isinstance(event, yaml.AliasEvent):
            self._attach(self._aliased(event))
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close(event)
        elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            self._begin(event)

    def _begin(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        node = self._node(event)
        if event.tag is not None:
            self.slips.append(Slip(_span(event), messages.fill(messages.TAG, tag=event.tag)))
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        self._attach(node)
        if not node.closed:
            self._open.append(node)
            if len(self._open) > DEPTH_LIMIT:
                self._stop(node.span, messages.fill(messages.TOO_DEEP, limit=DEPTH_LIMIT))

    def _node(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> Node:
        if isinstance(event, yaml.ScalarEvent):
            shown = event.value.translate({ord(hidden): shown for hidden, shown in self._hidden.items()})
            if _FORBIDDEN in shown:
                self.slips.append(Slip(_span(event), messages.fill(messages.BAD_CHARACTER, code="0000")))
            return Node(Kind.TEXT, _span(event), text=shown, plain=event.style in {None, ""})
        kind = Kind.LIST if isinstance(event, yaml.SequenceStartEvent) else Kind.MAPPING
        return Node(kind, _span(event), flow=bool(event.flow_style), closed=False)

    def _attach(self, node: Node) -> None:
        self._nodes += node.size
        if self._nodes > NODE_LIMIT:
            self._stop(node.span, messages.fill(messages.TOO_MANY, limit=f"{NODE_LIMIT:,}"))
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node

    def _aliased(self, event: yaml.AliasEvent) -> Node:
        node = self._anchors.get(event.anchor or "")
        if node is None:
            self._stop(_span(event), messages.fill(messages.UNKNOWN_ALIAS, name=event.anchor))
        elif not node.closed:
            self._stop(_span(event), messages.fill(messages.ENDLESS_ALIAS, name=event.anchor))
        assert node is not None
        return node

    def _close(self, event: yaml.CollectionEndEvent) -> None:
        node = self._open.pop()
        node.closed = True
        node.size += sum(child.size for child in node.children)
        node.span = Span(node.span.start, _span(event).end if node.flow else _end(node))
        if node.kind is Kind.MAPPING:
            self._examine_keys(node)

    def _examine_keys(self, mapping: Node) -> None:
        seen: dict[str, Node] = {}
        for key, _ in mapping.entries():
            if key.kind is not Kind.TEXT:
                self._stop(key.span, messages.KEY_NOT_TEXT)
            elif key.text in seen:
                first = LineIndex(self.text).position(seen[key.text].span.start)
                message = messages.fill(messages.DUPLICATE_KEY, key=key.text, line=first.line + 1)
                self.slips.append(Slip(key.span, message))
            seen.setdefault(key.text, key)

    def _explain(self, error: yaml.MarkedYAMLError) -> tuple[Span, Localized]:
        mark = error.problem_mark or error.context_mark
        at = min(mark.index, len(self.text)) if mark else 0
        if self.text[at : at + 1] == "\t":
            return Span(at, at + 1), messages.TAB
        return Span(at, at + 1), messages.fill(messages.NOT_YAML, problem=error.problem or error.context or "?")

    def _stop(self, span: Span, message: Localized) -> None:
        self.slips.append(Slip(span, message))
        raise _EnoughError

    def _fail(self, span: Span, message: Localized) -> None:
        self.failed = True
        self.slips.append(Slip(span, message))


def _span(event: yaml.Event) -> Span:
    assert event.start_mark is not None
    assert event.end_mark is not None
    return Span(event.start_mark.index, event.end_mark.index)


def _end(node: Node) -> int:
    return node.children[-1].span.end if node.children else node.span.end


def _stand_ins(text: str) -> dict[str, str]:
    """Return a private character that the text does not use for each of the unusual line breaks."""
    unused = (chr(code) for code in range(0xE000, 0xF8FF) if chr(code) not in text)
    return dict(zip(unused, _UNUSUAL_BREAKS, strict=False))
