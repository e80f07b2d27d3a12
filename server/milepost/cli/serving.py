"""`milepost serve`: only what the server needs at its start is imported here."""

import argparse
import gc
import sys

from milepost.settings import loading


def serve(_arguments: argparse.Namespace) -> int:
    """Run the language server; returns the exit status that the protocol asks for."""
    try:
        settings = loading.load()
    except loading.SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    # What is imported stays for ever: looking for garbage in it, now and later, would only cost time.
    gc.disable()
    from milepost.wiring import serving  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    return serving.serve(settings)
