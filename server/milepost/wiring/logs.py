"""Where Milepost logs: standard error, and only its own words below warnings."""

import logging
import sys


def log_to_standard_error(level: str) -> None:
    """Log Milepost's own messages; other libraries only from warnings on."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("milepost").setLevel(level)
    # What goes wrong with the broker is said once, in the user's words, by those who use it.
    for name in ("aio_pika", "aiormq"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
