"""Validations as JSON, as they are stored, and back."""

from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from milepost.domain.validations import Snapshot, Validation


@cache
def _adapter() -> TypeAdapter[Validation]:
    return TypeAdapter(Validation)


def dump(validation: Validation, edition: str) -> dict[str, Any]:
    """Return everything but the text of the snapshot, which is stored beside it.

    `edition` is what else a report depends on: the language of its messages, the content of its course.
    """
    dumped: dict[str, Any] = _adapter().dump_python(validation, mode="json", exclude={"snapshot", "evidence"})
    return {**dumped, "edition": edition}


def load(stored: dict[str, Any], snapshot: Snapshot, edition: str) -> Validation | None:
    """Return the validation that was stored for the snapshot; None for one of an older shape or another edition."""
    if stored.pop("edition", None) != edition:
        return None
    plain = _adapter().dump_python(Validation(snapshot, stage="complete", passed=None, score=0.0), include={"snapshot"})  # type: ignore[arg-type]
    try:
        return _adapter().validate_python({**stored, **plain})
    except ValidationError:
        return None
