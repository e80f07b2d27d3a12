"""How many tokens may be used on a day and in a month; several servers of one user share the count."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from milepost.providers import messages
from milepost.providers.errors import ProviderError, Trouble


class Budget:
    """Counts tokens in one file a month; each line is a day and a number, and appending a line is atomic."""

    def __init__(
        self, folder: Path, per_day: int, per_month: int, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._folder = folder
        self._per_day = per_day
        self._per_month = per_month
        self._now = now
        self._reserved = 0
        self._lock = threading.Lock()

    def reserve(self, tokens: int) -> None:
        """Set tokens aside for a request; raises ProviderError where they are not there."""
        with self._lock:
            today, month = self.used()
            for used, limit, period in (
                (today, self._per_day, messages.DAY),
                (month, self._per_month, messages.MONTH),
            ):
                if used + self._reserved + tokens > limit:
                    raise ProviderError(Trouble.SPENT, period=period)
            self._reserved += tokens

    def settle(self, reserved: int, used: int) -> None:
        """Put what was really used in the place of what was set aside."""
        with self._lock:
            self._reserved -= reserved
            if used <= 0:
                return
            self._folder.mkdir(parents=True, exist_ok=True)
            with self._file().open("a", encoding="ascii") as file:
                file.write(f"{self._now():%Y-%m-%d} {used}\n")

    def used(self) -> tuple[int, int]:
        """Return the tokens used today and this month."""
        try:
            lines = self._file().read_text("ascii", "replace").splitlines()
        except FileNotFoundError:
            return 0, 0
        today, spent = f"{self._now():%Y-%m-%d}", [line.split() for line in lines]
        counted = [(line[0], int(line[1])) for line in spent if len(line) == 2 and line[1].isdecimal()]  # noqa: PLR2004
        return sum(number for day, number in counted if day == today), sum(number for _, number in counted)

    def _file(self) -> Path:
        return self._folder / f"tokens-{self._now():%Y-%m}.txt"
