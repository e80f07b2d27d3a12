"""Answers the calls of a test file inside the learner's namespace; sent there as text, never imported by Milepost."""

from typing import Any


def _milepost_names(names: list[str]) -> list[tuple[str, str, Any]]:
    """Return for each name of the program whether it is a function, a class, a value, or missing."""
    space = globals()
    found = []
    for name in names:
        value = space.get(name)
        if name not in space:
            found.append((name, "missing", None))
        elif callable(value):
            found.append((name, "class" if isinstance(value, type) else "function", None))
        else:
            found.append((name, "value", value))
    return found


def _milepost_answers(questions: list[str], file_name: str) -> list[tuple[Any, ...]]:
    """Return for each call: kind, payload, arguments afterwards, what was printed, the lines on the way to an error."""
    import ast  # noqa: PLC0415 The namespace is the learner's; nothing of this may stay in it.
    import contextlib  # noqa: PLC0415
    import copy  # noqa: PLC0415
    import io  # noqa: PLC0415

    space = globals()
    found = []
    for question in questions:
        name, args, kwargs = ast.literal_eval(question)
        printed = io.StringIO()
        lines = []
        try:
            with contextlib.redirect_stdout(printed):
                value = space[name](*args, **kwargs)
            places = [place for place, one in enumerate(args) if one is value and type(one) in {list, dict, set}]
            kind, payload = ("same", places[0]) if places else ("value", value)
        except (Exception, SystemExit) as error:  # noqa: BLE001 Whatever it raises is its answer.
            kind, payload = "raised", (type(error).__name__, str(error))
            step = error.__traceback__
            while step is not None:
                if step.tb_frame.f_code.co_filename == file_name:
                    lines.append(step.tb_lineno - 1)
                step = step.tb_next
        record = (kind, payload, (args, kwargs), printed.getvalue(), lines)
        with contextlib.suppress(Exception):
            record = copy.deepcopy(record)
        found.append(record)
    return found
