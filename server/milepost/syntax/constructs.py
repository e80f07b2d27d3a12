"""The constructs of the languages by names that a teacher would use, each a tree-sitter query."""

from collections.abc import Mapping
from functools import cache

from milepost.domain.text import Range
from milepost.syntax import grammars, queries
from milepost.syntax.calls import calls
from milepost.syntax.definitions import Definition, definitions, innermost
from milepost.syntax.programs import Program

_PYTHON = {
    "for": "(for_statement)",
    "while": "(while_statement)",
    "loop": "[(for_statement) (while_statement)]",
    "if": "(if_statement)",
    "elif": "(elif_clause)",
    "else": "(else_clause)",
    "ternary": "(conditional_expression)",
    "match": "(match_statement)",
    "case": "(case_clause)",
    "comprehension": "[(list_comprehension) (set_comprehension) (dictionary_comprehension) (generator_expression)]",
    "list comprehension": "(list_comprehension)",
    "set comprehension": "(set_comprehension)",
    "dict comprehension": "(dictionary_comprehension)",
    "generator": "[(generator_expression) (yield)]",
    "generator expression": "(generator_expression)",
    "lambda": "(lambda)",
    "function": "(function_definition)",
    "class": "(class_definition)",
    "inheritance": "(class_definition superclasses: (argument_list (_)))",
    "decorator": "(decorator)",
    "try": "(try_statement)",
    "except": "(except_clause)",
    "finally": "(finally_clause)",
    "raise": "(raise_statement)",
    "assert": "(assert_statement)",
    "with": "(with_statement)",
    "return": "(return_statement)",
    "yield": "(yield)",
    "break": "(break_statement)",
    "continue": "(continue_statement)",
    "pass": "(pass_statement)",
    "global": "(global_statement)",
    "nonlocal": "(nonlocal_statement)",
    "del": "(delete_statement)",
    "import": "[(import_statement) (import_from_statement) (future_import_statement)]",
    "star import": "(import_from_statement (wildcard_import))",
    "async": '"async"',
    "await": "(await)",
    "f-string": "(string (interpolation))",
    "string": "(string)",
    "number": "[(integer) (float)]",
    "list": "(list)",
    "dict": "(dictionary)",
    "set": "(set)",
    "tuple": "(tuple)",
    "slice": "(slice)",
    "index": "(subscript)",
    "walrus": "(named_expression)",
    "assignment": "(assignment)",
    "augmented assignment": "(augmented_assignment)",
    "comparison": "(comparison_operator)",
    "and": '(boolean_operator operator: "and")',
    "or": '(boolean_operator operator: "or")',
    "not": "(not_operator)",
    "in": '(comparison_operator operators: "in")',
    "is": '(comparison_operator operators: "is")',
    "type hint": "(type)",
    "unpacking": "[(pattern_list) (tuple_pattern) (list_pattern) (list_splat) (dictionary_splat)]",
    "comment": "(comment)",
    "docstring": """
(module . (expression_statement (string)) @match)
(function_definition body: (block . (expression_statement (string)) @match))
(class_definition body: (block . (expression_statement (string)) @match))""",
}
# What C, C++, Java, JavaScript and TypeScript call the same and their grammars too.
_BRACES = {
    "while": "(while_statement)",
    "do": "(do_statement)",
    "if": "(if_statement)",
    "switch": "(switch_statement)",
    "return": "(return_statement)",
    "break": "(break_statement)",
    "continue": "(continue_statement)",
}
_JAVASCRIPT = _BRACES | {
    "for": "[(for_statement) (for_in_statement)]",
    "loop": "[(for_statement) (for_in_statement) (while_statement) (do_statement)]",
    "else": "(else_clause)",
    "ternary": "(ternary_expression)",
    "match": "(switch_statement)",
    "case": "(switch_case)",
    "lambda": "[(arrow_function) (function_expression)]",
    "arrow function": "(arrow_function)",
    "function": "[(function_declaration) (generator_function_declaration) (method_definition)]",
    "class": "(class_declaration)",
    "inheritance": "(class_heritage)",
    "decorator": "(decorator)",
    "try": "(try_statement)",
    "catch": "(catch_clause)",
    "finally": "(finally_clause)",
    "throw": "(throw_statement)",
    "yield": "(yield_expression)",
    "generator": "[(generator_function_declaration) (generator_function)]",
    "import": "(import_statement)",
    "export": "(export_statement)",
    "async": '"async"',
    "await": "(await_expression)",
    "f-string": "(template_string (template_substitution))",
    "template string": "(template_string)",
    "string": "(string)",
    "number": "(number)",
    "regex": "(regex)",
    "list": "(array)",
    "dict": "(object)",
    "index": "(subscript_expression)",
    "assignment": "(assignment_expression)",
    "augmented assignment": "(augmented_assignment_expression)",
    "unpacking": "[(array_pattern) (object_pattern) (spread_element)]",
    "var": "(variable_declaration)",
    "let": '(lexical_declaration kind: "let")',
    "const": '(lexical_declaration kind: "const")',
    "with": "(with_statement)",
    "new": "(new_expression)",
    "comment": "(comment)",
}
_C = _BRACES | {
    "for": "(for_statement)",
    "loop": "[(for_statement) (while_statement) (do_statement)]",
    "else": "(else_clause)",
    "match": "(switch_statement)",
    "case": "(case_statement)",
    "ternary": "(conditional_expression)",
    "goto": "(goto_statement)",
    "function": "(function_definition)",
    "struct": "(struct_specifier body: (_))",
    "class": "(struct_specifier body: (_))",
    "union": "(union_specifier body: (_))",
    "enum": "(enum_specifier body: (_))",
    "typedef": "(type_definition)",
    "import": "(preproc_include)",
    "include": "(preproc_include)",
    "macro": "[(preproc_def) (preproc_function_def)]",
    "pointer": "(pointer_declarator)",
    "cast": "(cast_expression)",
    "string": "(string_literal)",
    "number": "(number_literal)",
    "index": "(subscript_expression)",
    "assignment": "(assignment_expression)",
    "comment": "(comment)",
}
_CONSTRUCTS: dict[str, dict[str, str]] = {
    "python": _PYTHON,
    "javascript": _JAVASCRIPT,
    "typescript": _JAVASCRIPT
    | {
        "class": "[(class_declaration) (abstract_class_declaration)]",
        "interface": "(interface_declaration)",
        "enum": "(enum_declaration)",
        "type hint": "(type_annotation)",
        "any": '((predefined_type) @match (#eq? @match "any"))',
        "cast": "(as_expression)",
    },
    "java": _BRACES
    | {
        "for": "[(for_statement) (enhanced_for_statement)]",
        "loop": "[(for_statement) (enhanced_for_statement) (while_statement) (do_statement)]",
        "else": '(if_statement "else")',
        "switch": "(switch_expression)",
        "match": "(switch_expression)",
        "case": "(switch_label)",
        "ternary": "(ternary_expression)",
        "lambda": "(lambda_expression)",
        "function": "[(method_declaration) (constructor_declaration)]",
        "class": "[(class_declaration) (record_declaration) (enum_declaration)]",
        "record": "(record_declaration)",
        "enum": "(enum_declaration)",
        "interface": "(interface_declaration)",
        "inheritance": "[(superclass) (super_interfaces)]",
        "decorator": "[(marker_annotation) (annotation)]",
        "annotation": "[(marker_annotation) (annotation)]",
        "try": "[(try_statement) (try_with_resources_statement)]",
        "with": "(try_with_resources_statement)",
        "catch": "(catch_clause)",
        "finally": "(finally_clause)",
        "throw": "(throw_statement)",
        "assert": "(assert_statement)",
        "yield": "(yield_statement)",
        "import": "(import_declaration)",
        "string": "(string_literal)",
        "index": "(array_access)",
        "assignment": "(assignment_expression)",
        "cast": "(cast_expression)",
        "new": "(object_creation_expression)",
        "comment": "[(line_comment) (block_comment)]",
    },
    "go": {
        "for": "(for_statement)",
        "while": "(for_statement . (_) @_condition body: (_)) @match",
        "loop": "(for_statement)",
        "if": "(if_statement)",
        "else": '(if_statement "else")',
        "switch": "[(expression_switch_statement) (type_switch_statement)]",
        "match": "[(expression_switch_statement) (type_switch_statement)]",
        "case": "[(expression_case) (type_case)]",
        "lambda": "(func_literal)",
        "function": "[(function_declaration) (method_declaration)]",
        "class": "(type_spec type: (struct_type))",
        "struct": "(struct_type)",
        "interface": "(interface_type)",
        "return": "(return_statement)",
        "break": "(break_statement)",
        "continue": "(continue_statement)",
        "goto": "(goto_statement)",
        "defer": "(defer_statement)",
        "async": "(go_statement)",
        "go": "(go_statement)",
        "range": "(range_clause)",
        "import": "(import_declaration)",
        "pointer": "(pointer_type)",
        "slice": "(slice_expression)",
        "index": "(index_expression)",
        "string": "[(interpreted_string_literal) (raw_string_literal)]",
        "assignment": "[(assignment_statement) (short_var_declaration)]",
        "comment": "(comment)",
    },
    "rust": {
        "for": "(for_expression)",
        "while": "(while_expression)",
        "loop": "[(loop_expression) (for_expression) (while_expression)]",
        "if": "(if_expression)",
        "else": "(else_clause)",
        "match": "(match_expression)",
        "switch": "(match_expression)",
        "case": "(match_arm)",
        "lambda": "(closure_expression)",
        "closure": "(closure_expression)",
        "function": "(function_item)",
        "class": "(struct_item)",
        "struct": "(struct_item)",
        "enum": "(enum_item)",
        "trait": "(trait_item)",
        "impl": "(impl_item)",
        "interface": "(trait_item)",
        "return": "(return_expression)",
        "break": "(break_expression)",
        "continue": "(continue_expression)",
        "try": "(try_expression)",
        "unsafe": "(unsafe_block)",
        "async": '"async"',
        "await": "(await_expression)",
        "macro": "(macro_invocation)",
        "import": "(use_declaration)",
        "decorator": "(attribute_item)",
        "reference": "(reference_expression)",
        "cast": "(type_cast_expression)",
        "index": "(index_expression)",
        "string": "(string_literal)",
        "assignment": "[(assignment_expression) (let_declaration)]",
        "comment": "[(line_comment) (block_comment)]",
    },
    "c": _C,
    "cpp": _C
    | {
        "for": "[(for_statement) (for_range_loop)]",
        "loop": "[(for_statement) (for_range_loop) (while_statement) (do_statement)]",
        "lambda": "(lambda_expression)",
        "class": "[(class_specifier body: (_)) (struct_specifier body: (_))]",
        "inheritance": "(base_class_clause)",
        "template": "(template_declaration)",
        "namespace": "(namespace_definition)",
        "using": "(using_declaration)",
        "try": "(try_statement)",
        "catch": "(catch_clause)",
        "throw": "(throw_statement)",
        "new": "(new_expression)",
        "delete": "(delete_expression)",
        "reference": "(reference_declarator)",
    },
}
_SELVES = frozenset({"self", "cls", "this"})
_CONTAINER_METHODS = frozenset(
    {"add", "append", "clear", "copy", "count", "discard", "extend", "get", "index", "insert", "items", "keys"}
    | {"pop", "push", "remove", "reverse", "size", "sort", "update", "values"}
)
# Names that need more than the shape of one node.
_COMPUTED = ("recursion", "nested function")


def construct_names(language: str) -> tuple[str, ...]:
    """Return the constructs that a language has, by name."""
    return (*sorted(_CONSTRUCTS[grammars.grammar(language).family]), *_COMPUTED)


def check_construct(language: str, name: str) -> None:
    """Raise ValueError when a language has neither a construct nor a tree-sitter node of this name."""
    if _plain(name) not in _COMPUTED:
        _query(language, name)


def constructs(program: Program, name: str) -> list[Range]:
    """Return where a construct is used; raises ValueError for a name that the language does not have."""
    plain = _plain(name)
    if plain == "recursion":
        return _recursion(program)
    if plain == "nested function":
        return [inner.name_range for inner, _ in _nested(program)]
    return matches(program, _query(program.language, name))


def matches(program: Program, query: str) -> list[Range]:
    """Return what a tree-sitter query captures (captures whose names start with `_` aside).

    A query without captures gives what it matches. Raises ValueError for a bad query.
    """
    found = queries.find(program, query)
    shown = [node for name, nodes in found.items() if not name.startswith("_") for node in nodes]
    return sorted({program.range_of(node) for node in shown})


def _plain(name: str) -> str:
    return " ".join(name.lower().replace("_", " ").split())


@cache
def _query(language: str, name: str) -> str:
    grammar = grammars.grammar(language)
    known: Mapping[str, str] = _CONSTRUCTS[grammar.family]
    if _plain(name) in known:
        return known[_plain(name)]
    if grammars.load(grammar.name).id_for_node_kind(name, True):  # noqa: FBT003 - it takes no keyword.
        return f"({name})"
    raise ValueError(f"{grammar.title} has no construct {name!r}; it has {', '.join(construct_names(language))}")


def _nested(program: Program) -> list[tuple[Definition, Definition]]:
    """Return the functions inside functions, with those around them."""
    found: list[tuple[Definition, Definition]] = []
    around: list[Definition] = []
    for one in definitions(program):
        while around and around[-1].range.end <= one.range.start:
            around.pop()
        if one.kind == "function" and around and around[-1].kind != "class":
            found.append((one, around[-1]))
        around.append(one)
    return found


def _recursion(program: Program) -> list[Range]:
    """Return the calls through which a function comes back to itself, directly or through others."""
    edges = _calls_between(program)
    callees: dict[str, set[str]] = {}
    for caller, callee, _ in edges:
        callees.setdefault(caller, set()).add(callee)
    return [place for caller, callee, place in edges if _reaches(callees, callee, caller)]


def _calls_between(program: Program) -> list[tuple[str, str, Range]]:
    """Return the calls of the program's own functions as (caller, callee, place), by the last part of their names."""
    functions = [one for one in definitions(program) if one.kind != "class"]
    kinds: dict[str, set[str]] = {}
    for one in functions:
        kinds.setdefault(_last(one.name), set()).add(one.kind)
    own = [call for call in calls(program) if _may_be_own(call.name, kinds.get(_last(call.name), set()), program)]
    callers = innermost(functions, [call.range for call in own])
    return [
        (_last(caller.name), _last(call.name), call.range)
        for call, caller in zip(own, callers, strict=True)
        if caller is not None
    ]


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _may_be_own(name: str, kinds: set[str], program: Program) -> bool:
    """Tell whether a call may be of a function or method of the program: `f()`, `self.f()`, `node.left.f()`.

    A call upon a literal, or of a container's method upon something that an object holds, is not.
    """
    receiver, _, method = name.rpartition(".")
    if not receiver:
        implicit = program.language != "python" and "method" in kinds
        return not name.startswith(".") and ("function" in kinds or implicit)
    return "method" in kinds and (receiver in _SELVES or method not in _CONTAINER_METHODS)


def _reaches(callees: Mapping[str, set[str]], start: str, goal: str) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        one = waiting.pop()
        if one == goal:
            return True
        new = callees.get(one, set()) - seen
        seen |= new
        waiting += new
    return False
