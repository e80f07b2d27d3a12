"""What a program defines: functions, methods and classes with their parameters, and how branched they are."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from tree_sitter import Node

from milepost.domain.text import Range
from milepost.syntax import queries
from milepost.syntax.programs import Program

Kind = Literal["function", "method", "class"]

_JAVASCRIPT = """
(function_declaration name: (_) @name parameters: (_) @parameters) @function
(generator_function_declaration name: (_) @name parameters: (_) @parameters) @function
(method_definition name: (_) @name parameters: (_) @parameters) @function
(class_declaration name: (_) @name) @class
(variable_declarator name: (identifier) @name value: [
  (arrow_function parameters: (_) @parameters)
  (arrow_function parameter: (_) @parameters)
  (function_expression parameters: (_) @parameters)]) @function
"""
_C = """
(function_definition declarator: (_) @declarator) @function
(struct_specifier name: (_) @name body: (_)) @class
(union_specifier name: (_) @name body: (_)) @class
(enum_specifier name: (_) @name body: (_)) @class
"""
_QUERIES = {
    "python": """
(function_definition name: (_) @name parameters: (_) @parameters) @function
(class_definition name: (_) @name) @class
(assignment left: (identifier) @name right: (lambda parameters: (_)? @parameters)) @function
""",
    "javascript": _JAVASCRIPT,
    "typescript": _JAVASCRIPT
    + """
(abstract_class_declaration name: (_) @name) @class
(interface_declaration name: (_) @name) @class
(enum_declaration name: (_) @name) @class
""",
    "java": """
(method_declaration name: (_) @name parameters: (_) @parameters) @function
(constructor_declaration name: (_) @name parameters: (_) @parameters) @function
(class_declaration name: (_) @name) @class
(interface_declaration name: (_) @name) @class
(enum_declaration name: (_) @name) @class
(record_declaration name: (_) @name) @class
""",
    "go": """
(function_declaration name: (_) @name parameters: (_) @parameters) @function
(method_declaration
  receiver: (parameter_list (parameter_declaration type: (_) @receiver))
  name: (_) @name parameters: (_) @parameters) @function
(type_spec name: (_) @name type: [(struct_type) (interface_type)]) @class
""",
    "rust": """
(function_item name: (_) @name parameters: (_) @parameters) @function
(struct_item name: (_) @name) @class
(enum_item name: (_) @name) @class
(trait_item name: (_) @name) @class
(impl_item type: (_) @name) @container
(let_declaration pattern: (identifier) @name value: (closure_expression parameters: (_) @parameters)) @function
""",
    "c": _C,
    "cpp": _C
    + """
(class_specifier name: (_) @name body: (_)) @class
""",
}

_LOOPS_AND_CHOICES = {
    "python": """[(if_statement) (elif_clause) (for_statement) (while_statement) (except_clause) (case_clause)
        (conditional_expression) (for_in_clause) (if_clause) (boolean_operator)] @branch""",
    "javascript": """[(if_statement) (for_statement) (for_in_statement) (while_statement) (do_statement) (switch_case)
        (catch_clause) (ternary_expression)] @branch
        (binary_expression operator: ["&&" "||" "??"]) @branch""",
    "java": """[(if_statement) (for_statement) (enhanced_for_statement) (while_statement) (do_statement) (catch_clause)
        (ternary_expression) (switch_label)] @branch
        (binary_expression operator: ["&&" "||"]) @branch""",
    "go": """[(if_statement) (for_statement) (expression_case) (type_case) (communication_case)] @branch
        (binary_expression operator: ["&&" "||"]) @branch""",
    "rust": """[(if_expression) (for_expression) (while_expression) (loop_expression) (match_arm)
        (try_expression)] @branch
        (binary_expression operator: ["&&" "||"]) @branch""",
    "c": """[(if_statement) (for_statement) (while_statement) (do_statement) (case_statement)
        (conditional_expression)] @branch
        (binary_expression operator: ["&&" "||"]) @branch""",
    "cpp": """[(if_statement) (for_statement) (for_range_loop) (while_statement) (do_statement) (case_statement)
        (conditional_expression) (catch_clause)] @branch
        (binary_expression operator: ["&&" "||"]) @branch""",
}
_LOOPS_AND_CHOICES["typescript"] = _LOOPS_AND_CHOICES["javascript"]

# Fields that hold the name of a parameter whose node says more than the name, tried in this order.
_NAME_FIELDS = ("name", "pattern", "left", "declarator")
_SEPARATORS = frozenset({"keyword_separator", "positional_separator", "comment", "line_comment", "block_comment"})
_WORD = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Definition:
    """One function, method or class; `name` is dotted from the outside in, `parameters` are plain names.

    Parameters that take many keep their stars or dots (`*args`, `...rest`); a method's receiver counts where the
    language lists it.
    """

    kind: Kind
    name: str
    parameters: tuple[str, ...]
    range: Range
    name_range: Range


@dataclass(frozen=True, slots=True)
class _Found:
    kind: str
    node: Node
    name: Node
    parameters: Node | None
    receiver: Node | None


def definitions(program: Program) -> list[Definition]:
    """Return what the program defines, in the order of its text."""
    return list(_definitions(program))


# Several criteria ask about the same program, one after another.
@lru_cache(maxsize=4)
def _definitions(program: Program) -> tuple[Definition, ...]:
    result: list[Definition] = []
    open_ones: list[tuple[int, str, str]] = []
    for found in _found(program):
        while open_ones and open_ones[-1][0] <= found.node.start_byte:
            open_ones.pop()
        outer = open_ones[-1] if open_ones else (0, "", "")
        name = _dotted(program, found, outer[1])
        open_ones.append((found.node.end_byte, name, found.kind))
        if found.kind != "container":
            result.append(_definition(program, found, name, outer[2]))
    return tuple(result)


def function_at(program: Program, line: int) -> Definition | None:
    """Return the innermost function or method whose text covers a line."""
    covering = [
        one
        for one in definitions(program)
        if one.kind != "class" and one.range.start.line <= line <= one.range.end.line
    ]
    return covering[-1] if covering else None


def complexity(program: Program) -> list[tuple[str, Range, int]]:
    """Return the cyclomatic complexity of each function: one and one more for each branch, loop, `and` and `or`.

    A function inside another counts for itself; the range is that of the name.
    """
    functions = [one for one in definitions(program) if one.kind != "class"]
    around = innermost(functions, _places(program, _LOOPS_AND_CHOICES[program.grammar.family]))
    counts = Counter(one for one in around if one is not None)
    return [(one.name, one.name_range, 1 + counts[one]) for one in functions]


def innermost(functions: Sequence[Definition], places: Sequence[Range]) -> list[Definition | None]:
    """Return the innermost function around each place; both must be in the order of the text."""
    found: list[Definition | None] = []
    around: list[Definition] = []
    waiting = 0
    for place in places:
        while waiting < len(functions) and functions[waiting].range.start <= place.start:
            while around and around[-1].range.end <= functions[waiting].range.start:
                around.pop()
            around.append(functions[waiting])
            waiting += 1
        while around and around[-1].range.end <= place.start:
            around.pop()
        found.append(around[-1] if around else None)
    return found


def _places(program: Program, query: str) -> list[Range]:
    return [program.range_of(node) for node in queries.find(program, query).get("branch", [])]


def _found(program: Program) -> list[_Found]:
    """Return the definitions in the order of the text, outer ones before inner ones."""
    matches = queries.find_matches(program, _QUERIES[program.grammar.family])
    found = [one for captures in matches if (one := _of_match(captures)) is not None]
    return sorted(found, key=lambda one: (one.node.start_byte, -one.node.end_byte))


def _of_match(captures: dict[str, list[Node]]) -> _Found | None:
    kind = next(kind for kind in ("function", "class", "container") if kind in captures)
    parameters, receiver = captures.get("parameters", [None])[0], captures.get("receiver", [None])[0]
    name: Node | None
    if "declarator" in captures:
        name, parameters = _declared(captures["declarator"][0])
    else:
        name = captures["name"][0]
    return None if name is None else _Found(kind, captures[kind][0], name, parameters, receiver)


def _declared(declarator: Node) -> tuple[Node | None, Node | None]:
    """Return name and parameters of a C function, whose result may be a pointer or a reference."""
    node: Node | None = declarator
    while node is not None and node.type in {"pointer_declarator", "reference_declarator"}:
        node = node.child_by_field_name("declarator") or node.named_children[-1]
    if node is None or node.type != "function_declarator":
        return None, None
    return node.child_by_field_name("declarator"), node.child_by_field_name("parameters")


def _dotted(program: Program, found: _Found, outer: str) -> str:
    name = program.text_of(found.name).replace("::", ".")
    if found.kind == "container":
        # `impl<T> Shape for Circle<T>` holds methods of Circle.
        name = name.partition("<")[0]
    if found.receiver is not None:
        words = _WORD.findall(program.text_of(found.receiver))
        outer = words[0] if words else outer
    return f"{outer}.{name}" if outer else name


def _definition(program: Program, found: _Found, name: str, outer_kind: str) -> Definition:
    kind: Kind = "class" if found.kind == "class" else "function"
    inside_class = outer_kind in {"class", "container"} or found.receiver is not None
    if kind == "function" and (inside_class or "::" in program.text_of(found.name)):
        kind = "method"
    parameters = tuple(_parameter_names(program, found.parameters)) if found.parameters else ()
    return Definition(kind, name, parameters, program.range_of(found.node), program.range_of(found.name))


def _parameter_names(program: Program, parameters: Node) -> Iterator[str]:
    if parameters.type == "identifier":
        # JavaScript's `x => ...` has a parameter without a list.
        yield program.text_of(parameters)
        return
    for parameter in parameters.named_children:
        if parameter.type not in _SEPARATORS:
            yield from _names_of(program, parameter)


def _names_of(program: Program, parameter: Node) -> Iterable[str]:
    """Return the name a parameter binds, several in Go, where `a, b int` is one declaration."""
    several = parameter.children_by_field_name("name")
    if len(several) > 1:
        return [program.text_of(name) for name in several]
    node: Node | None = parameter
    while node is not None:
        last, node = node, next(filter(None, map(node.child_by_field_name, _NAME_FIELDS)), None)
    return _written(program, parameter, last)


def _written(program: Program, parameter: Node, innermost: Node) -> list[str]:
    text = program.text_of(innermost)
    if innermost is parameter and parameter.type == "parameter_declaration":
        # C's `void` and a type without a name bind nothing; Go and C++ allow both.
        return []
    if innermost.type in {"typed_parameter", "reference_declarator"}:
        # Python's `x: int` and C++'s `int &x` keep the name in a child without a field.
        text = program.text_of(innermost.named_children[0])
    if innermost.type == "parenthesized_declarator":
        # C's pointer to a function, `int (*callback)(int)`.
        return _WORD.findall(text)[:1]
    if innermost.type == "spread_parameter":
        # Java's `int... xs`.
        return ["..." + _WORD.findall(program.text_of(innermost))[-1]]
    if innermost.type == "self_parameter":
        return ["self"]
    return [re.sub(r"\s+", "", text)]
