"""What a course states about its inputs: preconditions over a function's parameters, or a generator of its own."""

import ast
from collections.abc import Sequence

from milepost.sandbox.boxes import Sandbox
from milepost.sandbox.runs import Status

GROUP = 100
CHECK = "_milepost_fulfilled"
ROWS = f"""
{CHECK}_seen = []
def {CHECK}(calls):
    found = []
    for call in calls:
        {CHECK}_seen.clear()
        try:
            call()
        except Exception:
            pass
        found.append({CHECK}_seen[:1] == [True])
    return found
"""


def of_call(assume: Sequence[str], reference: str, call: str) -> str | None:
    """Return the source of a function that tells whether the arguments of a call fulfil what is stated.

    Only what speaks of the parameters of the called function counts; None if nothing does.
    """
    functions = _functions(reference)
    name = _called(call, set(functions))
    if name is None:
        return None
    own = _parameters(functions[name])
    foreign = {parameter for function in functions.values() for parameter in _parameters(function)} - own
    conditions = [text.strip() for text in assume if _speaks_of(text, own, foreign)]
    if not conditions:
        return None
    arguments = ast.unparse(functions[name].args)
    together = " and ".join(f"({condition})" for condition in conditions)
    # What stands around the call of the function does not matter: the error ends it.
    body = f"    {CHECK}_seen.append(bool({together}))\n    raise ValueError"
    return f"{ROWS}\ndef {name}({arguments}):\n{body}\n"


async def fulfilled(condition: str, calls: Sequence[str], preamble: str, sandbox: Sandbox) -> list[str]:
    """Return the calls whose arguments fulfil the preconditions."""
    groups = [calls[start : start + GROUP] for start in range(0, len(calls), GROUP)]
    questions = [f"{CHECK}([{', '.join(f'lambda: {call}' for call in group)}])" for group in groups]
    outcomes = await sandbox.evaluate(questions, f"{preamble}\n{condition}")
    kept: list[str] = []
    for group, outcome in zip(groups, outcomes, strict=True):
        if outcome.status is Status.VALUE and outcome.value is not None:
            holds = outcome.value.items
            kept += [call for call, one in zip(group, holds, strict=True) if one.content is True]
    return kept


async def generated(source: str, preamble: str, seed: str, wanted: int, sandbox: Sandbox) -> list[str]:
    """Return what the course's generator yields: the source's last function, given a seeded random if it takes one."""
    functions = list(_functions(source).values())
    if not functions:
        return []
    generator = functions[-1]
    chance = f"__import__('random').Random({seed!r})" if generator.args.args else ""
    question = f"[one for _, one in zip(range({wanted}), {generator.name}({chance}))]"
    seeded = f"__import__('random').seed({seed!r})\n"
    (outcome,) = await sandbox.evaluate([question], f"{preamble}\n{source}\n{seeded}")
    if outcome.status is not Status.VALUE or outcome.value is None:
        return []
    return list(dict.fromkeys(str(one.content) for one in outcome.value.items if one.kind == "str"))


def _functions(source: str) -> dict[str, ast.FunctionDef]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def _called(call: str, known: set[str]) -> str | None:
    """Return the function of the reference whose call stands outermost."""
    for node in ast.walk(ast.parse(call, mode="eval")):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known:
            return node.func.id
    return None


def _parameters(function: ast.FunctionDef) -> set[str]:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    starred = [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    return {one.arg for one in [*named, *starred]}


def _speaks_of(condition: str, own: set[str], foreign: set[str]) -> bool:
    try:
        tree = ast.parse(condition.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return bool(names & own) and not names & foreign
