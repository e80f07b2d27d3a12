"""The language server with everything it needs, opened when the first document needs it."""

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from milepost import __version__
from milepost.agents import tracing
from milepost.lsp.gate import import_in_background
from milepost.lsp.options import EditorOptions, ServerSettings
from milepost.lsp.server import create_server
from milepost.lsp.serving import serve_stdio
from milepost.settings import loading
from milepost.settings.loading import Settings
from milepost.wiring import logs

if TYPE_CHECKING:
    from milepost.agents.workspace import Workspace


class _Current:
    """The settings as they are now: an editor may change its share of them at any time."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def take(self, options: EditorOptions) -> None:
        """Resolve the settings anew with the editor's."""
        editor = {_camel(name): value for name, value in asdict(options).items() if value is not None}
        self.settings = loading.load(editor=editor)


def serve(settings: Settings) -> int:
    """Serve one editor over standard input and output; return the exit status."""
    logs.log_to_standard_error(settings.log_level)
    current = _Current(settings)

    async def open_workspace() -> "Workspace":
        tracing.turn_off()
        await import_in_background("milepost.wiring.opening", "langgraph.graph")
        # By now it is loaded; before `initialized` nothing heavy may be.
        from milepost.wiring import opening  # noqa: PLC0415

        return await opening.open_workspace(lambda: current.settings)

    # Threads that read long programs hold the interpreter's lock this long before an answer gets it, in seconds.
    sys.setswitchinterval(0.001)
    server_settings = ServerSettings(version=__version__, language=settings.language or None)
    return serve_stdio(create_server(server_settings, open_workspace, current.take))


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
