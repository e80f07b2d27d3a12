"""A terminal that programs believe in, whose screen can be read: tmux."""

import shlex
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

# A kill limit for what never comes, not a measurement.
PATIENCE = 120


class Terminal:
    """One program in a terminal; `folder` holds the socket and is short enough for one."""

    def __init__(self, command: Sequence[object], folder: Path, cwd: Path, environment: Mapping[str, str]) -> None:
        """Start the program on a screen of 110 columns and 32 lines."""
        self._tmux = ["tmux", "-S", str(folder / "terminal"), "-f", "/dev/null"]
        line = shlex.join(["env", *(f"{name}={environment[name]}" for name in environment), *map(str, command)])
        self._run("new-session", "-d", "-x", "110", "-y", "32", "-c", str(cwd), line, environment=environment)

    def _run(self, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        command = [*self._tmux, *arguments]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    def screen(self) -> str:
        """Return the text that is in sight."""
        return self._run("capture-pane", "-p")

    def type(self, *keys: str) -> None:
        """Press keys, as tmux names them."""
        self._run("send-keys", *keys)

    def wait(self, *texts: str, without: str = "") -> str:
        """Wait until all texts are in sight, and another one is not; return the screen."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            screen = self.screen()
            if all(text in screen for text in texts) and not (without and without in screen):
                return screen
            time.sleep(0.1)
        raise AssertionError(f"never seen: {texts}, without {without!r}\n{self.screen()}")

    def repeat(self, keys: Sequence[str], text: str, pause: float = 3) -> str:
        """Press keys again and again until a text is in sight, for what an editor takes only once it is ready."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.type(*keys)
            next_time = time.monotonic() + pause
            while time.monotonic() < next_time:
                if text in (screen := self.screen()):
                    return screen
                time.sleep(0.1)
        raise AssertionError(f"never seen: {text}\n{self.screen()}")

    def close(self) -> None:
        """End the program with its terminal."""
        subprocess.run([*self._tmux, "kill-server"], check=False, capture_output=True)
