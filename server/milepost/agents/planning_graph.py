"""The LangGraph graph of a goal: similar goals, a draft, its checks, the user's approval, the files."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from milepost.agents import planning_checks, planning_courses, planning_prompt
from milepost.agents.checkpointing import StorageSaver, Transaction
from milepost.agents.messages import FROM_COURSES, NO_COURSE_TO_DRAFT_FROM, NOT_DRAFTED, WITHOUT_MODEL
from milepost.agents.planning_shapes import course_of
from milepost.domain.entities import CourseDraft
from milepost.goals import rendering
from milepost.providers.chat import ChatModel, Usage
from milepost.providers.errors import ProviderError
from milepost.sandbox.boxes import Sandbox

MOST_TRIES = 3


class PlanState(TypedDict, total=False):
    """What the nodes pass on, all of it plain data: it waits in the database until somebody approves."""

    wish: str
    language: str
    similar: list[str]
    files: dict[str, str]
    reasons: list[str]
    tries: int
    source: str
    note: str
    model: str
    tokens: int
    tokens_in: int
    calls: int
    latency_ms: float
    approved: dict[str, str]
    written: list[str]


@dataclass(frozen=True, slots=True)
class PlanMeans:
    """What the graph works with; `chat` is None where the user has set no model."""

    chat: ChatModel | None
    similar: Callable[[str], Awaitable[Sequence[str]]]
    courses: Callable[[], Awaitable[Sequence[CourseDraft]]]
    open_sandbox: Callable[[], Awaitable[Sandbox | None]]
    write: Callable[[Mapping[str, str], str], Awaitable[list[str]]]
    transaction: Transaction


class PlanGraph:
    """The compiled graph for one plan; `thread` names the plan, today and tomorrow."""

    def __init__(self, means: PlanMeans, thread: str) -> None:
        """Compile the graph over the checkpoints in the database."""
        self._means = means
        self._saver = StorageSaver(means.transaction)
        self._config: RunnableConfig = {"configurable": {"thread_id": thread}}
        graph: Any = StateGraph(PlanState)
        for name in ("retrieve_similar", "draft", "from_courses", "contract_validator_node", "approval", "store"):
            graph.add_node(name, getattr(self, f"_{name}"))
        graph.add_edge(START, "retrieve_similar")
        graph.add_conditional_edges("retrieve_similar", self._who_drafts)
        graph.add_conditional_edges("draft", self._after_draft)
        graph.add_conditional_edges("contract_validator_node", self._after_checks)
        graph.add_edge("from_courses", "approval")
        graph.add_edge("approval", "store")
        graph.add_edge("store", END)
        self._graph = graph.compile(checkpointer=self._saver)

    async def begin(self, wish: str, language: str) -> PlanState:
        """Draft a goal and stop before its approval."""
        await self._saver.adelete_thread(self._config["configurable"]["thread_id"])
        await self._graph.ainvoke({"wish": wish, "language": language, "tries": 0}, self._config, durability="sync")
        return await self._state()

    async def waiting(self) -> PlanState | None:
        """Return the plan that waits for approval, None if none does."""
        snapshot = await self._graph.aget_state(self._config)
        return snapshot.values if snapshot.next == ("approval",) else None

    async def approve(self, files: Mapping[str, str]) -> PlanState:
        """Go on with the files that the user approved, to the end, and forget the checkpoint."""
        await self._graph.ainvoke(Command(resume=dict(files)), self._config, durability="sync")
        state = await self._state()
        await self._saver.adelete_thread(self._config["configurable"]["thread_id"])
        return state

    async def _state(self) -> PlanState:
        state: PlanState = (await self._graph.aget_state(self._config)).values
        return state

    async def _retrieve_similar(self, state: PlanState) -> PlanState:
        return {"similar": list(await self._means.similar(state["wish"]))}

    async def _draft(self, state: PlanState) -> PlanState:
        """Ask the model; whatever is wrong with it, the nearest goal of the courses takes its place."""
        assert self._means.chat is not None
        asked = planning_prompt.question(
            state["wish"], state.get("similar", []), state.get("reasons", []), state["language"]
        )
        try:
            answer = await self._means.chat.answer(asked)
        except ProviderError as error:
            given_up: PlanState = {"files": {}, "note": error.say(state["language"]), "tries": MOST_TRIES}
            return given_up if error.usage is None else {**given_up, **_counted(state, error.usage)}
        return {
            "files": rendering.files_of(course_of(answer.value)),
            "tries": state.get("tries", 0) + 1,
            "source": "model",
            **_counted(state, answer.usage),
        }

    async def _contract_validator_node(self, state: PlanState) -> PlanState:
        """Hold the draft against the rules, and say why where it does not stand."""
        return {"reasons": await planning_checks.reasons(state["files"], await self._means.open_sandbox())}

    async def _from_courses(self, state: PlanState) -> PlanState:
        """Take the nearest goal of the installed courses, and say so."""
        language = state["language"]
        why = state.get("note") or (NOT_DRAFTED if self._means.chat else WITHOUT_MODEL).pick(language)
        found = planning_courses.nearest(state["wish"], await self._means.courses())
        if found is None:
            return {"files": {}, "note": f"{why} {NO_COURSE_TO_DRAFT_FROM.pick(language)}", "source": "courses"}
        course, goal = found
        title = course.title.pick(language) if course.title else ""
        note = FROM_COURSES.say(language, reason=why, goal=goal.title.pick(language), course=title)
        return {"files": planning_courses.files_of(course, goal), "note": note, "source": "courses"}

    async def _approval(self, state: PlanState) -> PlanState:
        """Wait for the user, however long that takes."""
        return {"approved": interrupt({"wish": state["wish"]})}

    async def _store(self, state: PlanState) -> PlanState:
        """Write what was approved, and nothing else."""
        return {"written": await self._means.write(state["approved"], state["source"])}

    def _who_drafts(self, _state: PlanState) -> Literal["draft", "from_courses"]:
        return "draft" if self._means.chat is not None else "from_courses"

    def _after_draft(self, state: PlanState) -> Literal["contract_validator_node", "from_courses"]:
        return "contract_validator_node" if state["files"] else "from_courses"

    def _after_checks(self, state: PlanState) -> Literal["approval", "draft", "from_courses"]:
        if not state["reasons"]:
            return "approval"
        return "draft" if state["tries"] < MOST_TRIES else "from_courses"


def _counted(state: PlanState, usage: Usage) -> PlanState:
    """Return what one more answer of the model adds to what the plan has cost."""
    return {
        "model": usage.model,
        "calls": state.get("calls", 0) + 1,
        "tokens": state.get("tokens", 0) + usage.tokens,
        "tokens_in": state.get("tokens_in", 0) + usage.tokens_in,
        "latency_ms": state.get("latency_ms", 0.0) + usage.latency_ms,
    }
