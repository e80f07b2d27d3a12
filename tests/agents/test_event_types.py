"""Every type of event has an emitter."""

import ast
from pathlib import Path

from milepost.domain.events import EventType

PACKAGE = Path(__file__).parents[2] / "server/milepost"
# These wait for accounts on a shared server.
WAITING = {
    EventType.USER_LOGIN,
    EventType.USER_LOGOUT,
}


def emitted() -> set[EventType]:
    """Return the types that code outside the domain names."""
    found = set()
    for file in PACKAGE.rglob("*.py"):
        if "domain" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "EventType":
                found.add(EventType[node.attr])
    return found


def test_every_event_type_but_those_that_wait_has_an_emitter():
    assert set(EventType) - emitted() == WAITING
