"""`milepost serve`: only what the server needs at its start is imported here."""

import argparse
import sys

from milepost.settings import loading
from milepost.wiring import serving


def serve(_arguments: argparse.Namespace) -> int:
    """Run the language server; returns the exit status that the protocol asks for."""
    try:
        settings = loading.load()
    except loading.SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    return serving.serve(settings)
