"""Answers the calls of a test file with the learner's functions; sent into boxes as text, never imported by Milepost.

It runs in a namespace of its own: a learner's file may call a list `list`.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import io
from typing import Any

MUTABLE = {list, dict, set}


def names(space: dict[str, Any], wanted: list[str]) -> list[tuple[str, str, Any]]:
    """Return for each name of the program whether it is a function, a class, a value, or missing."""
    found = []
    for name in wanted:
        value = space.get(name)
        if name not in space:
            found.append((name, "missing", None))
        elif callable(value):
            found.append((name, "class" if isinstance(value, type) else "function", None))
        else:
            found.append((name, "value", value))
    return found


def answers(space: dict[str, Any], questions: list[str], file_name: str) -> list[tuple[Any, ...]]:
    """Return for each call: kind, payload, arguments afterwards, what was printed, the lines on the way to an error."""
    found = []
    for question in questions:
        record = _answer(space, question, file_name)
        # What is returned now may be changed by a later call.
        with contextlib.suppress(Exception):
            record = copy.deepcopy(record)
        found.append(record)
    return found


def _answer(space: dict[str, Any], question: str, file_name: str) -> tuple[Any, ...]:
    name, args, kwargs = ast.literal_eval(question)
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            value = space[name](*args, **kwargs)
    except (Exception, SystemExit) as error:  # noqa: BLE001 Whatever it raises is its answer.
        error_text = (type(error).__name__, str(error))
        return "raised", error_text, (args, kwargs), printed.getvalue(), _lines(error, file_name)
    same = [place for place, one in enumerate(args) if one is value and type(one) in MUTABLE]
    kind = "same" if same else "value"
    return kind, same[0] if same else value, (args, kwargs), printed.getvalue(), []


def _lines(error: BaseException, file_name: str) -> list[int]:
    lines = []
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == file_name:
            lines.append(step.tb_lineno - 1)
        step = step.tb_next
    return lines
