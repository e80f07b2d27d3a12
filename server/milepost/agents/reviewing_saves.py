"""The review of a save: after everything that needs no model, with what the user dismissed, and its events."""

import logging
from datetime import UTC, datetime

from milepost.agents import reading, saves
from milepost.agents.journal import Journal
from milepost.agents.library import Library
from milepost.agents.reviewing import Review, Reviewer, Subject
from milepost.agents.reviewing_decisions import PREFIX, fingerprint
from milepost.domain.events import EventType
from milepost.domain.validations import Finding, Validation
from milepost.providers.chat import Sent

logger = logging.getLogger(__name__)


class SaveReviews:
    """Reviews complete validations; without a reviewer there is nothing to do."""

    def __init__(self, reviewer: Reviewer | None, library: Library, journal: Journal) -> None:
        """Take who reviews, where dismissals are read, and where events are put."""
        self._reviewer = reviewer
        self._library = library
        self._journal = journal
        self._dismissed: set[str] = set()
        self._read = False
        self._down = False

    @property
    def is_on(self) -> bool:
        """Tell whether anybody reviews."""
        return self._reviewer is not None

    @property
    def sent(self) -> list[Sent]:
        """Return the latest requests exactly as they left, oldest first."""
        return self._reviewer.sent if self._reviewer else []

    async def dismissed(self) -> frozenset[str]:
        """Return by what the findings are known that the user does not want to see again."""
        if self._reviewer is not None and not self._read:
            found = await self._library.read(reading.dismissed)
            self._read = found is not None
            self._dismissed |= found or set()
        return frozenset(self._dismissed)

    def dismiss(self, key: str, finding: Finding) -> dict[str, str]:
        """Keep a finding away from now on; returns what is stored about it."""
        if not finding.rule.startswith(PREFIX):
            return {}
        self._dismissed.add(fingerprint(key, finding))
        return {reading.FINGERPRINT: fingerprint(key, finding)}

    async def of(self, subject: Subject) -> Validation | None:
        """Return the reviewed stage, None where there is nothing to review; the facts go to the journal."""
        try:
            review = await self._reviewer.review(subject) if self._reviewer else None
        except Exception as error:  # noqa: BLE001 A report that is whole without a review is not lost with it.
            logger.warning("a review failed: %s", type(error).__name__)
            return None
        if review is None:
            return None
        self._note(review)
        if review.usage is not None:
            self._journal.put(saves.reviewed_of(subject.validation, review.validation, review.usage, review.trouble))
        return review.validation

    def _note(self, review: Review) -> None:
        """Record once for each outage that the model is away."""
        if review.trouble and not self._down:
            details = {"part": "model", "trouble": review.trouble}
            self._journal.put(saves.SystemFact(EventType.SYSTEM_DEGRADED, datetime.now(UTC), details))
        if review.trouble or review.usage is not None:
            self._down = bool(review.trouble)
