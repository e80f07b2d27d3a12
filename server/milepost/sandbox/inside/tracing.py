"""Which lines of the judged file ran; runs inside the box."""

from __future__ import annotations

import sys
from typing import Any


class LineTrace:
    """Collects the zero-based lines of one file while it is on."""

    def __init__(self, file_name: str) -> None:
        self.file_name = file_name
        self.lines: set[int] = set()
        self.monitoring: Any = getattr(sys, "monitoring", None)

    def start(self) -> None:
        """Begin with an empty set."""
        self.lines = set()
        if self.monitoring is None:
            sys.settrace(self._on_call)
            return
        tool = self.monitoring.COVERAGE_ID
        if self.monitoring.get_tool(tool) is None:
            self.monitoring.use_tool_id(tool, "milepost")
        self.monitoring.register_callback(tool, self.monitoring.events.LINE, self._on_monitored_line)
        self.monitoring.set_events(tool, self.monitoring.events.LINE)
        self.monitoring.restart_events()

    def stop(self) -> list[int]:
        """End and return the lines."""
        if self.monitoring is None:
            sys.settrace(None)
        else:
            self.monitoring.set_events(self.monitoring.COVERAGE_ID, 0)
        return sorted(self.lines)

    def _on_call(self, frame: Any, _event: str, _argument: Any) -> Any:
        return self._on_line if frame.f_code.co_filename == self.file_name else None

    def _on_line(self, frame: Any, event: str, _argument: Any) -> Any:
        if event == "line":
            self.lines.add(frame.f_lineno - 1)
        return self._on_line

    def _on_monitored_line(self, code: Any, line: int) -> Any:
        if code.co_filename == self.file_name:
            self.lines.add(line - 1)
        return self.monitoring.DISABLE
