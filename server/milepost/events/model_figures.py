"""What models were asked, and what it took: plain counting over the events that name a model."""

import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from milepost.events.history import ModelCall


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """One model: `useless` of its answers could not be used, `latency_ms` is the median of a call."""

    model: str
    learners: int
    calls: int
    useless: int
    sent: int
    received: int
    latency_ms: float | None


def of_each(calls: Sequence[ModelCall]) -> list[ModelFigures]:
    """Return the figures of each model, the one that was asked most first."""
    gathered: dict[str, list[ModelCall]] = defaultdict(list)
    for call in calls:
        gathered[call.model].append(call)
    return sorted((of(many) for many in gathered.values()), key=lambda one: (-one.calls, one.model))


def of(calls: Sequence[ModelCall]) -> ModelFigures:
    """Return the figures of calls as those of one model, the latest that was asked."""
    waited = [call.latency_ms for call in calls if call.latency_ms is not None]
    return ModelFigures(
        model=calls[-1].model if calls else "",
        learners=len({call.user for call in calls}),
        calls=sum(call.calls for call in calls),
        useless=sum(call.useless for call in calls),
        sent=sum(call.sent for call in calls),
        received=sum(call.received for call in calls),
        latency_ms=round(statistics.median(waited), 1) if waited else None,
    )
