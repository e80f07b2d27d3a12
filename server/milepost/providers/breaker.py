"""Leaves an endpoint alone for a while after it failed several times."""

import time
from collections.abc import Callable

FAILURES = 3
FIRST_REST_SECONDS, LONGEST_REST_SECONDS = 30.0, 900.0


class Breaker:
    """Open after some failures in a row; then one request may try again, and each further failure doubles the rest."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._closed_from = 0.0

    @property
    def is_open(self) -> bool:
        """Tell whether nothing is to be sent for now."""
        return self._clock() < self._closed_from

    def succeeded(self) -> None:
        """Forget the failures."""
        self._failures, self._closed_from = 0, 0.0

    def failed(self) -> None:
        """Count a failure."""
        self._failures += 1
        if self._failures >= FAILURES:
            rest = FIRST_REST_SECONDS * 2.0 ** min(self._failures - FAILURES, 10)
            self._closed_from = self._clock() + min(rest, LONGEST_REST_SECONDS)
