"""Code that stands in a course file; it is parsed here, never run."""

import ast
import builtins
import keyword
import re
import warnings
from collections.abc import Iterator

from milepost.goals import messages
from milepost.goals.problems import RefusedError

EXPRESSION_LIMIT = 10_000
CODE_LIMIT = 100_000
SIGNATURE_LIMIT = 500
_YAML_WORDS = {"true": "True", "false": "False", "null": "None", "yes": "True", "no": "False"}
_SIGNATURE = re.compile(r"(class\s+)?[^\W\d][\w$]*([.:#]+[^\W\d][\w$]*)*\s*(\([^()\n]*(\([^()\n]*\)[^()\n]*)*\))?")
_DEFINITION = re.compile(r"^def\s+|\s*(->[^()]*)?:$|\s*->[^()]*$")
_SELECTOR = re.compile(r"ALL|[A-Z]{1,6}\d{0,4}")


def expression(text: str) -> str:
    """Return the text if it is one Python expression; raises RefusedError otherwise."""
    if not text.strip():
        raise RefusedError(messages.NO_EXPRESSION)
    try:
        _parse(text.strip(), "eval")
    except SyntaxError as error:
        raise RefusedError(messages.fill(messages.NOT_EXPRESSION, problem=_reason(error))) from None
    return text.strip()


def statements(text: str) -> str:
    """Return the text if it is Python code; raises RefusedError otherwise."""
    try:
        _parse(text, "exec")
    except SyntaxError as error:
        found = messages.fill(messages.NOT_PYTHON, problem=_reason(error), line=error.lineno or 1)
        raise RefusedError(found) from None
    return text


def generator(text: str) -> str:
    """Return the text if it is Python code whose last function yields; raises RefusedError otherwise."""
    statements(text)
    functions = [node for node in ast.iter_child_nodes(_parse(text, "exec")) if isinstance(node, ast.FunctionDef)]
    gives = ast.walk(functions[-1]) if functions else ()
    if not any(isinstance(node, ast.Yield | ast.YieldFrom | ast.Return) for node in gives):
        raise RefusedError(messages.NO_GENERATOR)
    return text


def refuse_bare_name(expected: str, *known: str) -> None:
    """Raise RefusedError for an expected value that is only a name which neither Python nor the known code defines."""
    if not expected.isidentifier() or keyword.iskeyword(expected) or hasattr(builtins, expected):
        return
    names = {name for code in known for name in _bound(_parse(code, "exec"))}
    if expected in names or "*" in names:
        return
    if expected in _YAML_WORDS:
        raise RefusedError(messages.fill(messages.NOT_PYTHON_WORD, name=expected, meant=_YAML_WORDS[expected]))
    raise RefusedError(messages.fill(messages.BARE_NAME, name=expected))


def exception_name(text: str) -> str:
    """Return the text if it can name an exception (`ValueError`, `shop.EmptyCart`); raises RefusedError otherwise."""
    if not all(part.isidentifier() and not keyword.iskeyword(part) for part in text.split(".")):
        raise RefusedError(messages.fill(messages.NOT_EXCEPTION, name=text))
    return text


def selector(text: str) -> str:
    """Return the text if it has the shape of a Ruff rule or of a group of them; raises RefusedError otherwise."""
    if not _SELECTOR.fullmatch(text):
        raise RefusedError(messages.fill(messages.NOT_SELECTOR, name=text))
    return text


def signature(text: str) -> str:
    """Return a signature, as `name(a, b)` where it is written `def name(a, b) -> int:`; raises RefusedError."""
    plain = _DEFINITION.sub("", text.strip()[:SIGNATURE_LIMIT])
    if len(text) > SIGNATURE_LIMIT or not _SIGNATURE.fullmatch(plain):
        raise RefusedError(messages.fill(messages.NOT_SIGNATURE, text=text))
    return plain


def _parse(text: str, mode: str) -> ast.AST:
    """Parse code that may be hostile; every refusal is a SyntaxError."""
    limit = EXPRESSION_LIMIT if mode == "eval" else CODE_LIMIT
    if len(text) > limit:
        raise SyntaxError(f"more than {limit:,} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compile(text, "<course>", mode, ast.PyCF_ONLY_AST, dont_inherit=True)
    except (RecursionError, MemoryError):
        raise SyntaxError("nested too deeply") from None
    except (ValueError, OverflowError) as error:
        raise SyntaxError(str(error)) from None


def _reason(error: SyntaxError) -> str:
    return error.msg or "invalid syntax"


def _bound(tree: ast.AST) -> Iterator[str]:
    """Yield the names that code defines; `*` stands for names that cannot be known."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).split(".")[0]
