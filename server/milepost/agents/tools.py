"""Retrieval as LangGraph tools: what a graph, or a model in one, may ask for."""

from typing import TYPE_CHECKING, Any

from milepost.agents.library import Library
from milepost.domain.entities import CourseDraft
from milepost.domain.validations import Snapshot

if TYPE_CHECKING:
    from langchain_core.tools import StructuredTool


def similar_code(library: Library, course: CourseDraft, key: str) -> "StructuredTool":
    """Return the tool that finds validated programs of one task like a given one."""

    async def find(code: str, limit: int = 5) -> list[dict[str, Any]]:
        """Find validated programs of this task that are like the given code, nearest first."""
        snapshot = Snapshot("", None, "", course.language, code)
        found = await library.evidence(snapshot, course, key, limit)
        return [{"code": one.code, "distance": round(one.distance, 4)} for one in found]

    return _tool("similar_code", find)


def similar_goals(library: Library) -> "StructuredTool":
    """Return the tool that finds the user's goals, tasks and courses like a text in English or Spanish."""

    async def find(text: str, limit: int = 5) -> list[dict[str, Any]]:
        """Find goals, tasks and courses that are about the same as the given text, best first."""
        found = await library.similar_texts(text, limit)
        return [{"type": one.entity_type.value, "text": one.content, "distance": one.distance} for one in found]

    return _tool("similar_goals", find)


def _tool(name: str, find: Any) -> "StructuredTool":
    # LangChain is imported with the graphs, long after the start.
    from langchain_core.tools import StructuredTool  # noqa: PLC0415

    return StructuredTool.from_function(coroutine=find, name=name, description=find.__doc__)
