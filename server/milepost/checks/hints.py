"""The plain reason behind a failing case, where one can be told."""

import re

from milepost.checks import comparison, messages
from milepost.domain.text import Localized
from milepost.sandbox import values
from milepost.sandbox.runs import CallOutcome, Status

ERRORS: dict[str, Localized] = {
    "NameError": messages.HINT_NAME,
    "UnboundLocalError": messages.HINT_UNBOUND,
    "IndexError": messages.HINT_INDEX,
    "KeyError": messages.HINT_KEY,
    "ZeroDivisionError": messages.HINT_ZERO,
    "AttributeError": messages.HINT_ATTRIBUTE,
    "TypeError": messages.HINT_TYPES,
    "ValueError": messages.HINT_VALUE,
    "RecursionError": messages.HINT_RECURSION,
    "MemoryError": messages.HINT_MEMORY,
    "ModuleNotFoundError": messages.HINT_IMPORT,
    "ImportError": messages.HINT_IMPORT,
    "EOFError": messages.HINT_INPUT,
    "FileNotFoundError": messages.HINT_FILE,
    "PermissionError": messages.HINT_FORBIDDEN,
    "BlockingIOError": messages.HINT_FORBIDDEN,
    "ConnectionRefusedError": messages.HINT_FORBIDDEN,
    "gaierror": messages.HINT_FORBIDDEN,
    "OSError": messages.HINT_FORBIDDEN,
    "AssertionError": messages.HINT_ASSERTION,
    "SystemExit": messages.HINT_EXIT,
}
BREAKDOWNS = {
    Status.TIMEOUT: messages.HINT_LOOP,
    Status.MEMORY: messages.HINT_MEMORY,
    Status.EXITED: messages.HINT_EXIT,
    Status.OUTPUT: messages.HINT_OUTPUT,
}
LAZY = {"generator", "map", "filter", "zip", "range", "enumerate", "reversed", "dict_keys", "dict_values", "dict_items"}
FUNCTIONS = {"function", "method", "builtin_function_or_method", "type"}
ARGUMENT_WORDS = ("positional argument", "keyword argument", "unexpected keyword")


def of_error(outcome: CallOutcome, language: str, wanted: str | None = None) -> str:
    """Return the reason behind an error."""
    name = outcome.error_type.rpartition(".")[2]
    message = outcome.error_message
    hint: Localized | None = ERRORS.get(name)
    if wanted is not None:
        hint = messages.HINT_OTHER_ERROR
    elif name in {"AttributeError", "TypeError"} and "NoneType" in message:
        hint = messages.HINT_NONE
    elif name == "TypeError" and any(words in message for words in ARGUMENT_WORDS):
        hint = messages.HINT_ARGUMENTS
    return hint.pick(language) if hint else ""


def of_breakdown(outcome: CallOutcome, language: str) -> str:
    """Return the reason why a run gave no result."""
    hint = BREAKDOWNS.get(outcome.status)
    return hint.pick(language) if hint else ""


def of_source(text: str, hint: str, language: str) -> str:
    """Return the hint, or for a program that broke down what in its text is the likely reason."""
    if hint or not re.search(r"\b(__)?builtins(__)?\b", text):
        return hint
    return messages.HINT_BUILTINS.pick(language)


def of_value(outcome: CallOutcome, got: str, expected: values.Value | None, language: str) -> str:
    """Return the reason behind a wrong value."""
    if expected is None:
        return ""
    wanted = values.show(expected, 10_000)
    if outcome.type_name == "NoneType":
        printed = comparison.same_text(outcome.output, wanted) or comparison.same_text(
            repr(outcome.output.strip()), wanted
        )
        return (messages.HINT_PRINTS if printed else messages.HINT_NO_RETURN).pick(language)
    if outcome.type_name in LAZY:
        return messages.HINT_GENERATOR.say(language, name=outcome.type_name, wanted=expected.name)
    if outcome.type_name in FUNCTIONS:
        return messages.HINT_FUNCTION.pick(language)
    same_look = got.strip("'\"()[]{},") == wanted.strip("'\"()[]{},")
    other_type = outcome.type_name != expected.name
    return messages.HINT_TYPE.pick(language) if same_look and other_type else ""


def of_output(outcome: CallOutcome, wanted: str, language: str) -> str:
    """Return the reason behind wrong output of a call."""
    returned = (
        outcome.value is not None
        and outcome.type_name == "str"
        and comparison.same_text(outcome.text.strip("'\""), wanted)
    )
    shown = comparison.same_text(outcome.text, wanted)
    return messages.HINT_RETURNS.pick(language) if returned or shown else ""
