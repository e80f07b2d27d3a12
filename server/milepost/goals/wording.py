"""The texts of stored courses, goals and tasks in both languages: the columns hold the English ones."""

from collections.abc import Mapping
from typing import Any

from milepost.domain.entities import Course, Goal, Task
from milepost.domain.text import Localized

Entity = Course | Goal | Task


def title_of(entity: Entity) -> Localized:
    """Return the title."""
    return _localized(entity, "title", entity.title)


def description_of(entity: Entity) -> Localized:
    """Return the description: a task's statement."""
    return _localized(entity, "description", entity.description)


def spanish_texts(title: Localized, description: Localized) -> dict[str, Any]:
    """Return what the metadata hold of texts that differ between the languages."""
    differing = {"title": title, "description": description}.items()
    texts = {name: text.es for name, text in differing if text.es != text.en}
    return {"es": texts} if texts else {}


def embedded_text(entity: Entity) -> str:
    """Return everything that is said of an entity, each text once: what its embedding is made from."""
    title, description = title_of(entity), description_of(entity)
    texts = (title.en, title.es, description.en, description.es)
    return "\n".join(dict.fromkeys(text.strip() for text in texts if text.strip()))


def _localized(entity: Entity, name: str, english: str) -> Localized:
    spanish = entity.metadata.get("es")
    found = spanish.get(name) if isinstance(spanish, Mapping) else None
    return Localized(english, found if isinstance(found, str) else english)
