"""What a program calls and imports, and how a course names either."""

import re
from dataclasses import dataclass

from tree_sitter import Node

from milepost.domain.text import Range
from milepost.syntax import queries
from milepost.syntax.programs import Program

_JAVASCRIPT = "(call_expression function: (_) @callee) @call (new_expression constructor: (_) @callee) @call"
_C = "(call_expression function: (_) @callee) @call"
_CALLS = {
    "python": "(call function: (_) @callee) @call",
    "javascript": _JAVASCRIPT,
    "typescript": _JAVASCRIPT,
    "java": """
(method_invocation object: (_)? @object name: (_) @callee) @call
(object_creation_expression type: (_) @callee) @call
""",
    "go": _C,
    "rust": _C + " (macro_invocation macro: (_) @callee) @call",
    "c": _C,
    "cpp": _C + " (new_expression type: (_) @callee) @call",
}
_JAVASCRIPT_IMPORTS = """
(import_statement source: (string) @module)
(export_statement source: (string) @module)
(call_expression function: [(identifier) (import)] @_require arguments: (arguments . (string) @module)
  (#match? @_require "^(require|import)$"))
"""
_IMPORTS = {
    "python": """
(import_statement name: (dotted_name) @module)
(import_statement name: (aliased_import name: (dotted_name) @module alias: (_) @alias))
(import_from_statement module_name: (_) @module)
(import_from_statement module_name: (_) @module name: (dotted_name) @name)
(import_from_statement module_name: (_) @module name: (aliased_import name: (dotted_name) @name alias: (_) @alias))
(future_import_statement "__future__" @module)
""",
    "javascript": _JAVASCRIPT_IMPORTS,
    "typescript": _JAVASCRIPT_IMPORTS,
    "java": "(import_declaration (scoped_identifier) @module)",
    "go": "(import_spec path: (_) @module)",
    "rust": "(use_declaration argument: (_) @module) (extern_crate_declaration name: (_) @module)",
    "c": "(preproc_include path: (_) @module)",
    "cpp": "(preproc_include path: (_) @module)",
}

_BUILTIN_TYPES = frozenset({"list", "dict", "set", "frozenset", "tuple", "str", "bytes", "bytearray", "int", "float"})
_JOINT = re.compile(r"\s*(?:\?\.|\.|::|->)\s*")
_CHAIN = re.compile(r"[^\W\d]\w*(?:\s*(?:\?\.|\.|::|->)\s*[^\W\d]\w*)*")
_LAST = re.compile(r"(?:\.|::|->)\s*([^\W\d]\w*)\Z")
_GENERIC = re.compile(r"(?:::)?<.*>\Z", re.DOTALL)
# A longer callee is the result of other calls, of which only the last name matters.
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Call:
    """One call; `name` is dotted (`math.sqrt`, `seq.sort`), with a leading dot where an expression is called upon.

    Python's import aliases are resolved: after `from math import sqrt as root`, `root(2)` is `math.sqrt`.
    """

    name: str
    range: Range


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module; `name` is what is taken from it and `alias` what that is called here, where given."""

    module: str
    range: Range
    name: str | None = None
    alias: str | None = None


def calls(program: Program) -> list[Call]:
    """Return every call that has a name, in the order of the text."""
    aliases = _aliases(imports(program)) if program.language == "python" else {}
    found: list[Call] = []
    for captures in queries.find_matches(program, _CALLS[program.grammar.family]):
        name = _name(program, captures)
        if name is not None:
            found.append(Call(_resolved(name, aliases), program.range_of(captures["call"][0])))
    return sorted(found, key=lambda call: call.range)


def find_calls(program: Program, wanted: str) -> list[Range]:
    """Return the calls that a course means by a name.

    `sorted` means a call of that name, plain or as the last part of a dotted one: `sorted(x)` and `seq.sorted()`.
    `.sort` means only a call upon something: `seq.sort()`.
    `math.sqrt` means that end of a dotted name, under whatever alias it was imported.
    `list.sort`, with one of Python's built-in types, means also `.sort` upon anything that is not an imported module.
    """
    modules = {one.alias or one.module for one in imports(program)} | {one.module for one in imports(program)}
    return [call.range for call in calls(program) if _means(wanted, call.name, modules)]


def imports(program: Program) -> list[Import]:
    """Return what the program imports, in the order of the text."""
    matches = queries.find_matches(program, _IMPORTS[program.grammar.family])
    found = {_import(program, captures) for captures in matches}
    # A module from which names are taken is also matched without them.
    named = {one.range for one in found if one.name}
    return sorted(
        (one for one in found if one.name or one.range not in named), key=lambda one: (one.range, one.name or "")
    )


def find_imports(program: Program, wanted: str) -> list[Range]:
    """Return the imports of a module, of something in it (`math.sqrt`), or of a module below it."""
    parts = _JOINT.split(wanted.strip())
    return [
        one.range for one in imports(program) if any(_starts(_JOINT.split(name), parts) for name in _full_names(one))
    ]


def _full_names(one: Import) -> list[str]:
    return [one.module, f"{one.module}.{one.name}"] if one.name else [one.module]


def _starts(parts: list[str], wanted: list[str]) -> bool:
    return parts[: len(wanted)] == wanted


def _import(program: Program, captures: dict[str, list[Node]]) -> Import:
    text = {name: program.text_of(nodes[0]) for name, nodes in captures.items()}
    module = text["module"].strip("\"'`<>")
    return Import(module, program.range_of(captures["module"][0]), text.get("name"), text.get("alias"))


def _aliases(found: list[Import]) -> dict[str, str]:
    """Return the full name of each name that an import binds."""
    aliases: dict[str, str] = {}
    for one in found:
        if one.name is not None:
            aliases[one.alias or one.name] = f"{one.module}.{one.name}"
        elif one.alias is not None:
            aliases[one.alias] = one.module
    return aliases


def _resolved(name: str, aliases: dict[str, str]) -> str:
    head, dot, rest = name.partition(".")
    return aliases.get(head, head) + dot + rest


def _name(program: Program, captures: dict[str, list[Node]]) -> str | None:
    name = _dotted(program, captures["callee"][0])
    if "object" not in captures or name is None:
        return name
    receiver = _dotted(program, captures["object"][0])
    return f"{receiver}.{name}" if receiver and not receiver.startswith(".") else f".{name}"


def _dotted(program: Program, node: Node) -> str | None:
    text = _GENERIC.sub("", program.text_of(node, _LONGEST_NAME))
    if len(text) < _LONGEST_NAME and _CHAIN.fullmatch(text):
        return ".".join(_JOINT.split(text))
    last = _LAST.search(text)
    return f".{last.group(1)}" if last else None


def _means(wanted: str, name: str, modules: set[str]) -> bool:
    *receiver, method = name.split(".")
    *wanted_receiver, wanted_method = _JOINT.split(wanted.strip().removesuffix("()").removesuffix("!"))
    if method != wanted_method:
        return False
    if not wanted_receiver or receiver[-len(wanted_receiver) :] == wanted_receiver:
        return True
    upon_anything = wanted_receiver == [""] or (
        wanted_receiver[0] in _BUILTIN_TYPES and ".".join(receiver) not in modules
    )
    return upon_anything and bool(receiver)
