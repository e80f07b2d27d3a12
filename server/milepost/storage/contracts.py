"""Contracts as JSON, for the column `tasks.contract`."""

import dataclasses
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from milepost.domain.criteria import Contract


@cache
def _adapter() -> TypeAdapter[Contract]:
    return TypeAdapter(Contract)


def to_json(contract: Contract) -> dict[str, Any]:
    """Return the contract as plain values."""
    value = dataclasses.asdict(contract)
    del value["siblings"]
    return value


def from_json(value: dict[str, Any]) -> Contract:
    """Return the contract that `to_json` was given; raises pydantic's ValidationError for anything else."""
    return _adapter().validate_python(value)
