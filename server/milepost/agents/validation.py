"""The LangGraph graph of a save: parse, static checks beside retrieval, tests, fixes, contract, score."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, TypedDict

from milepost.agents import hidden_text, tracing
from milepost.agents.fixing import FixRequest
from milepost.agents.messages import DISAGREES
from milepost.agents.preparing import PreparedTask
from milepost.checks import checking, inputs
from milepost.domain.criteria import Contract, Siblings
from milepost.domain.text import Position, Range
from milepost.domain.validations import (
    Evidence,
    Finding,
    Fix,
    Severity,
    Snapshot,
    Stage,
    Validation,
)
from milepost.repair import contrast
from milepost.sandbox.boxes import Sandbox

MOST_SOLUTIONS = 200

Retrieve = Callable[[Snapshot], Awaitable[Sequence[Evidence]]]
Prepare = Callable[[], Awaitable[PreparedTask]]
FindFixes = Callable[[FixRequest, Sandbox], Awaitable[list[Fix]]]


@dataclass(frozen=True, slots=True)
class Run:
    """One validation: what to judge, by which contract, with which means.

    `sandbox` is None where nothing may run; `prepare` gives the task's proven solutions, `retrieve` its evidence.
    A patient one reports a failure only once there is evidence: nobody looks at its first stages.
    """

    snapshot: Snapshot
    contract: Contract
    language: str
    sandbox: Sandbox | None
    prepare: Prepare
    retrieve: Retrieve
    find_fixes: FindFixes
    repair_seconds: float
    is_patient: bool = False


class State(TypedDict, total=False):
    """What the nodes pass on; `evidence` is a task so that nothing waits for a database before the tests ran."""

    run: Run
    report: checking.Report
    evidence: asyncio.Task[Sequence[Evidence]]
    found: tuple[Evidence, ...]
    fixes: tuple[Fix, ...]
    extra: tuple[Finding, ...]
    notes: tuple[str, ...]
    trusted: bool
    validation: Validation
    started: float
    timings: dict[str, float]


async def parse(state: State) -> State:
    """Judge what needs no process."""
    run = state["run"]
    report = await asyncio.to_thread(checking.check_fast, run.contract, run.snapshot, run.language)
    return {"report": report, "timings": _timed(state, "fast")}


async def retrieve(state: State) -> State:
    """Begin to look for similar validated code; the answer is awaited where it is needed."""
    run = state["run"]
    return {"evidence": asyncio.create_task(_evidence(run))}


async def run_tests(state: State) -> State:
    """Judge every criterion."""
    run = state["run"]
    unlike = partial(_unlike, state["evidence"], run)
    report = await checking.check(run.contract, run.snapshot, run.sandbox, run.language, unlike)
    return {"report": report, "timings": _timed(state, "checked"), "validation": _validation(state, report)}


async def propose_fixes(state: State) -> State:
    """Look for edits that make the criteria hold, from the evidence and by mutation."""
    run = state["run"]
    assert run.sandbox
    found = tuple(await state["evidence"])
    prepared = await run.prepare()
    donors, reference = _models(run.contract.siblings, found, prepared)
    request = FixRequest(
        contract=run.contract,
        path=run.snapshot.path,
        text=run.snapshot.text,
        donors=donors,
        reference=reference,
        cases=prepared.cases,
        seconds=run.repair_seconds,
        language=run.language,
    )
    fixes = tuple(await run.find_fixes(request, run.sandbox))
    return {"found": found, "fixes": fixes, "timings": _timed(state, "fixes")}


async def contract_validator_node(state: State) -> State:
    """Hold the outcome against the contract: only proved fixes are "verified", only agreeing programs are trusted."""
    run, report = state["run"], state["report"]
    if report.passed is False or run.sandbox is None:
        return {"trusted": False, "extra": ()}
    prepared = await run.prepare()
    (disagreement,) = await inputs.agrees(run.contract, [run.snapshot.text], prepared.cases, run.sandbox)
    if disagreement is None:
        # What holds only with other files beside it is no help for others.
        honest = all(result.tamper_proof for result in report.results) and not run.contract.siblings.files
        return {"trusted": honest and report.passed is True, "extra": ()}
    message = DISAGREES.say(run.language, call=disagreement.call)
    place = Range(Position(0, 0), Position(0, len(run.snapshot.text.split("\n", 1)[0])))
    return {"trusted": False, "extra": (Finding("generated-input", Severity.INFORMATION, message, place),)}


async def score(state: State) -> State:
    """Put everything together as the last stage."""
    validation = _validation(state, state["report"])
    hidden = hidden_text.findings(state["run"].snapshot.text, state["run"].language)
    return {
        "validation": replace(
            validation,
            stage=Stage.COMPLETE,
            findings=(*validation.findings, *hidden, *state.get("extra", ())),
            fixes=state.get("fixes", ()),
            evidence=state.get("found", ()),
            timings_ms=_timed(state, "total"),
        )
    }


def after_tests(state: State) -> Literal["propose_fixes", "contract_validator_node"]:
    """Go on to fixes where something failed and something may run to prove them."""
    run = state["run"]
    wanted = state["report"].passed is False and run.sandbox is not None and run.repair_seconds > 0
    return "propose_fixes" if wanted else "contract_validator_node"


class ValidationGraph:
    """The compiled graph; one serves all runs."""

    def __init__(self) -> None:
        """Compile the graph, with tracing off whatever the environment says."""
        tracing.turn_off()
        # LangGraph takes over a second to import, and reads its variables when it is.
        from langgraph.graph import END, START, StateGraph  # noqa: PLC0415

        graph: Any = StateGraph(State)
        for node in (parse, retrieve, run_tests, propose_fixes, contract_validator_node, score):
            graph.add_node(node.__name__, node)
        graph.add_edge(START, "parse")
        graph.add_edge(START, "retrieve")
        graph.add_edge(["parse", "retrieve"], "run_tests")
        graph.add_conditional_edges("run_tests", after_tests)
        graph.add_edge("propose_fixes", "contract_validator_node")
        graph.add_edge("contract_validator_node", "score")
        graph.add_edge("score", END)
        self._graph = graph.compile()

    async def stream(self, run: Run) -> AsyncGenerator[tuple[Validation, bool]]:
        """Yield each later stage and whether the snapshot may be trusted; ends with COMPLETE."""
        start: State = {"run": run, "started": time.perf_counter(), "timings": {}}
        trusted = False
        evidence: asyncio.Task[Any] | None = None
        try:
            async for update in self._graph.astream(start, stream_mode="updates"):
                for changed in update.values():
                    evidence = changed.get("evidence", evidence)
                    trusted = changed.get("trusted", trusted)
                    if "validation" in changed:
                        yield changed["validation"], trusted
        finally:
            if evidence is not None:
                evidence.cancel()
                # Its connection goes back before anybody closes the database.
                await asyncio.gather(evidence, return_exceptions=True)


def _models(
    siblings: Siblings, found: Sequence[Evidence], prepared: PreparedTask
) -> tuple[tuple[str, ...], str | None]:
    """Return the programs that may help, nearest as a whole first, and the reference: for the file that is judged."""
    known = prepared.solutions[:MOST_SOLUTIONS]
    if siblings.entry:
        same = [one.beside[siblings.place] for one in known if siblings.place in one.beside]
        return tuple(dict.fromkeys(same)), next(iter(same), None)
    # Of those that are further away a single function may be nearer still.
    return tuple(dict.fromkeys([*(one.code for one in found), *(one.code for one in known)])), prepared.reference


async def _evidence(run: Run) -> Sequence[Evidence]:
    try:
        return await run.retrieve(run.snapshot)
    except Exception:  # noqa: BLE001 Whatever is wrong with the store, the learner's report does not depend on it.
        return ()


async def _unlike(evidence: asyncio.Task[Sequence[Evidence]], run: Run) -> Mapping[int, float]:
    """Tell what distinguishes a program from validated ones like it; nothing while these are not at hand: an editor never waits."""
    if run.snapshot.language != "python" or not (run.is_patient or evidence.done()):
        return {}
    nearest = [one.code for one in (await evidence)[: contrast.COMPARED]]
    return await asyncio.to_thread(contrast.unlike, run.snapshot.text, nearest)


def _timed(state: State, stage: str) -> dict[str, float]:
    return {**state.get("timings", {}), stage: (time.perf_counter() - state["started"]) * 1000}


def _validation(state: State, report: checking.Report) -> Validation:
    run = state["run"]
    return Validation(
        snapshot=run.snapshot,
        stage=Stage.CHECKED,
        passed=report.passed,
        score=report.score,
        results=report.results,
        findings=report.findings,
        timings_ms=_timed(state, "checked"),
    )
