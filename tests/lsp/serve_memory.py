"""A server over the workspace in memory, for tests that need a process of its own."""

import logging
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from milepost.lsp import gate, options, server, serving


async def open_workspace():
    await gate.import_in_background("tests.lsp.memory")
    from tests.lsp.memory import MemoryWorkspace

    return MemoryWorkspace()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    sys.exit(serving.serve_stdio(server.create_server(options.ServerSettings(), open_workspace)))
