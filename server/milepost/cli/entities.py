"""`milepost user|course|goal|task`: create, list, show, update, delete."""

import argparse
import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from milepost.cli import screen, spanish
from milepost.domain.criteria import Contract
from milepost.domain.entities import Course, CourseStatus, Goal, GoalStatus, Priority, Task, TaskStatus, TaskType, User
from milepost.domain.text import Localized
from milepost.goals import courses, goals, progress, tasks, users
from milepost.goals.problems import RuleError
from milepost.goals.sessions import DatabaseSession
from milepost.providers import lexical
from milepost.settings import loading
from milepost.storage.errors import StorageError
from milepost.wiring.databases import DatabaseDoor

Entity = User | Course | Goal | Task

_UNKNOWN = Localized("There is no {noun} {key!r}.", "No hay {noun} que se llame {key!r}.")
_SEVERAL = Localized("{key!r} fits more than one {noun}; give its id.", "{key!r} nombra a más de {noun}; da su id.")
_FIELD = Localized("{field}: a {noun} has {known}.", "{field}: {noun} tiene {known}.")
_VALUE = Localized("{field}: {value!r} is not {expected}.", "{field}: {value!r} no es {expected}.")
_NOTHING = Localized("There is no {noun} yet.", "Aún no hay ni {noun}.")
_CREATED = Localized("created: {title} ({id})", "creado: {title} ({id})")
_CHANGED = Localized("changed: {title}", "cambiado: {title}")
_DELETED = Localized("deleted: {title}", "borrado: {title}")


class ArgumentError(Exception):
    """Something about the arguments is wrong; the message is for the user."""


@dataclass(frozen=True, slots=True)
class Call:
    """One command: a session inside a transaction, its user, the user's language and the arguments."""

    session: DatabaseSession
    user: User
    language: str
    noun: str
    arguments: argparse.Namespace


@dataclass(frozen=True, slots=True)
class Noun:
    """What can be done with one kind of entity; `fields` are those that may be written, with their types."""

    columns: tuple[str, ...]
    fields: Mapping[str, Any]
    everything: Callable[[Call], Awaitable[Sequence[Entity]]]
    create: Callable[[Call, dict[str, Any]], Awaitable[Entity]]
    update: Callable[[Call, Any, dict[str, Any]], Awaitable[object]]
    delete: Callable[[Call, UUID], Awaitable[object]]


def show_list(arguments: argparse.Namespace) -> int:
    """List every entity of the kind."""
    return _run(arguments, _list)


def show(arguments: argparse.Namespace) -> int:
    """Show every field of one entity."""
    return _run(arguments, _show)


def create(arguments: argparse.Namespace) -> int:
    """Create an entity from FIELD=VALUE words."""
    return _run(arguments, _create)


def update(arguments: argparse.Namespace) -> int:
    """Change fields of an entity; a change of status has to be one that is allowed."""
    return _run(arguments, _update)


def delete(arguments: argparse.Namespace) -> int:
    """Delete an entity with all that belongs to it."""
    return _run(arguments, _delete)


def _run(arguments: argparse.Namespace, work: Callable[[Call], Awaitable[None]]) -> int:
    try:
        settings = loading.load_for_terminal()
        asyncio.run(_in_transaction(arguments, settings, work))
    except (RuleError, StorageError) as error:
        screen.tell(error.say(settings.language), error=True)
    except (ArgumentError, loading.SettingsError) as error:
        screen.tell(error, error=True)
    else:
        return 0
    return 2


async def _in_transaction(
    arguments: argparse.Namespace, settings: loading.Settings, work: Callable[[Call], Awaitable[None]]
) -> None:
    door = DatabaseDoor(settings)
    try:
        database = await door.open()
        async with database.begin() as session:
            user = await users.ensure_local(session)
            await work(Call(session, user, settings.language, arguments.noun, arguments))
    finally:
        await door.close()


async def _list(call: Call) -> None:
    noun = NOUNS[call.noun]
    rows = [[_shown(getattr(one, column)) for column in noun.columns] for one in await noun.everything(call)]
    if not rows:
        screen.tell(_NOTHING.say(call.language, noun=_named(call, call.noun)))
        return
    screen.console().print(screen.table_view(noun.columns, rows))


async def _show(call: Call) -> None:
    entity = await _find(call, call.noun, call.arguments.key)
    hidden = {"hashed_password", "contract", "metadata"}
    shown = [field.name for field in dataclasses.fields(entity) if field.name not in hidden]
    screen.console().print(screen.table_view(("", ""), [(name, _shown(getattr(entity, name))) for name in shown]))


async def _create(call: Call) -> None:
    entity = await NOUNS[call.noun].create(call, await _fields(call))
    screen.tell(_CREATED.say(call.language, title=_name(entity), id=entity.id))


async def _update(call: Call) -> None:
    entity = await _find(call, call.noun, call.arguments.key)
    await NOUNS[call.noun].update(call, entity, await _fields(call))
    screen.tell(_CHANGED.say(call.language, title=_name(entity)))


async def _delete(call: Call) -> None:
    entity = await _find(call, call.noun, call.arguments.key)
    await NOUNS[call.noun].delete(call, entity.id)
    screen.tell(_DELETED.say(call.language, title=_name(entity)))


async def _find(call: Call, noun: str, key: str) -> Any:
    everything = await NOUNS[noun].everything(call)
    found = [one for one in everything if str(one.id) == key or _name(one).casefold() == key.casefold()]
    found = found or [one for one in everything if _name(one).casefold().startswith(key.casefold())]
    if len(found) != 1:
        raise ArgumentError((_SEVERAL if found else _UNKNOWN).say(call.language, noun=_named(call, noun), key=key))
    return found[0]


async def _fields(call: Call) -> dict[str, Any]:
    known, values = NOUNS[call.noun].fields, {}
    for word in call.arguments.fields:
        field, _, text = word.partition("=")
        if field not in known or "=" not in word:
            said = _FIELD.say(call.language, field=word, noun=_named(call, call.noun), known=", ".join(known))
            raise ArgumentError(said)
        values[field] = await _value(call, field, text)
    return values


async def _value(call: Call, field: str, text: str) -> Any:
    kind = NOUNS[call.noun].fields[field]
    if kind is UUID:
        return (await _find(call, field.removesuffix("_id"), text)).id
    try:
        if issubclass(kind, StrEnum):
            return kind(text.upper())
        if kind is bool:
            return {"true": True, "yes": True, "false": False, "no": False}[text.lower()]
        if kind is datetime:
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return tuple(text.split(",")) if kind is tuple else kind(text)
    except (ValueError, KeyError):
        expected = " | ".join(kind) if issubclass(kind, StrEnum) else kind.__name__
        raise ArgumentError(_VALUE.say(call.language, field=field, value=text, expected=expected)) from None


def _named(call: Call, noun: str) -> str:
    return spanish.NOUNS[noun][0] if call.language == "es" else noun


def _name(entity: Entity) -> str:
    return entity.username if isinstance(entity, User) else entity.title


def _shown(value: Any) -> object:
    if isinstance(value, datetime):
        return value.astimezone().isoformat(" ", "minutes")
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return value.value if isinstance(value, StrEnum) else value


async def _create_user(call: Call, fields: dict[str, Any]) -> User:
    missing = {"email", "username"} - fields.keys()
    if missing:
        noun = _named(call, "user")
        raise ArgumentError(_FIELD.say(call.language, field="email, username", noun=noun, known=", ".join(missing)))
    return await users.create(call.session, **fields)


async def _create_course(call: Call, fields: dict[str, Any]) -> Course:
    return await courses.create(call.session, call.user.id, lexical.embed, **{"title": "", **fields})


async def _create_goal(call: Call, fields: dict[str, Any]) -> Goal:
    return await goals.create(call.session, call.user.id, lexical.embed, **{"title": "", **fields})


async def _create_task(call: Call, fields: dict[str, Any]) -> Task:
    goal_id = fields.pop("goal_id", None)
    if goal_id is None:
        noun = _named(call, "task")
        raise ArgumentError(_FIELD.say(call.language, field="goal_id", noun=noun, known="goal_id=GOAL"))
    goal = await goals.get(call.session, goal_id)
    assert goal is not None
    contract = Contract(language=fields.pop("language", "python"), criteria=())
    return await tasks.create(call.session, goal, lexical.embed, **{"title": "", "contract": contract, **fields})


async def _update_course(call: Call, course: Course, fields: dict[str, Any]) -> None:
    status = fields.pop("status", None)
    await courses.update(call.session, course.id, lexical.embed, **fields)
    if status is not None:
        await progress.move_course(call.session, course.id, status)


async def _update_goal(call: Call, goal: Goal, fields: dict[str, Any]) -> None:
    status = fields.pop("status", None)
    await goals.update(call.session, goal.id, lexical.embed, **fields)
    if status is not None:
        await progress.move_goal(call.session, goal.id, status)


async def _update_task(call: Call, task: Task, fields: dict[str, Any]) -> None:
    status = fields.pop("status", None)
    await tasks.update(call.session, task.id, lexical.embed, **fields)
    if status is not None:
        await progress.move_task(call.session, task.id, status)


NOUNS = {
    "user": Noun(
        ("username", "email", "full_name", "is_active"),
        {"email": str, "username": str, "full_name": str, "is_active": bool},
        lambda call: users.list_all(call.session),
        _create_user,
        lambda call, user, fields: users.update(call.session, user.id, **fields),
        lambda call, user_id: users.erase(call.session, user_id),
    ),
    "course": Noun(
        ("title", "status", "progress_percentage"),
        {"title": str, "description": str, "status": CourseStatus, "share_solutions": bool},
        lambda call: courses.list_of_user(call.session, call.user.id),
        _create_course,
        _update_course,
        lambda call, course_id: courses.delete(call.session, course_id),
    ),
    "goal": Noun(
        ("title", "status", "priority", "progress_percentage"),
        {
            "title": str, "description": str, "status": GoalStatus, "priority": Priority, "due_date": datetime,
            "course_id": UUID,
        },
        lambda call: goals.list_of_user(call.session, call.user.id),
        _create_goal,
        _update_goal,
        lambda call, goal_id: progress.delete_goal(call.session, goal_id),
    ),
    "task": Noun(
        ("title", "status", "files"),
        {
            "title": str, "description": str, "status": TaskStatus, "task_type": TaskType, "position": int,
            "files": tuple, "estimated_hours": float, "actual_hours": float, "goal_id": UUID,
        },
        lambda call: tasks.list_of_user(call.session, call.user.id),
        _create_task,
        _update_task,
        lambda call, task_id: progress.delete_task(call.session, task_id),
    ),
}  # fmt: skip
