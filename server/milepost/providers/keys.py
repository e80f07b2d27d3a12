"""Where the key of a provider is looked for: the environment, the user's own `.env`, the system's keyring.

Never in a file of a project. A key enables nothing: it is looked for only after the settings name an endpoint, and
a key that belongs to a vendor goes only to that vendor.
"""

import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

logger = logging.getLogger(__name__)

VARIABLE = "MILEPOST_MODEL_KEY"
SERVICE = "milepost"
KEYRING_SECONDS = 5.0
# The vendors' own variables, by the end of the host that may see them.
VENDORS = {
    "OPENAI_API_KEY": "api.openai.com",
    "AZURE_OPENAI_API_KEY": ".openai.azure.com",
    "MISTRAL_API_KEY": "api.mistral.ai",
    "GROQ_API_KEY": "api.groq.com",
    "OPENROUTER_API_KEY": "openrouter.ai",
}


def find(base_url: str, environment: Mapping[str, str], folder: Path) -> str:
    """Return the key for an endpoint, empty where there is none; `folder` is the user's folder of settings."""
    host = urlsplit(base_url).hostname or ""
    names = [
        VARIABLE,
        *(name for name, end in VENDORS.items() if host == end or (end[0] == "." and host.endswith(end))),
    ]
    for source in (environment, _dotenv(folder / ".env")):
        for name in names:
            if source.get(name):
                return source[name].strip()
    return _from_keyring(host)


def _dotenv(file: Path) -> dict[str, str]:
    """Return the variables of a file of lines NAME=value; quotes around a value and `export` before a name may stand."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    pairs = (line.strip().removeprefix("export ").partition("=") for line in lines if not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, equals, value in pairs if equals}


def _from_keyring(host: str) -> str:
    """Return the key in the system's keyring; one that asks its user to unlock it is not waited for."""
    found: list[str] = []
    reading = threading.Thread(target=lambda: found.append(_read_keyring(host)), daemon=True)
    reading.start()
    reading.join(KEYRING_SECONDS)
    return found[0] if found else ""


def _read_keyring(host: str) -> str:
    try:
        # Reaching the system's keyring takes long, and some systems have none.
        import keyring  # noqa: PLC0415

        return keyring.get_password(SERVICE, host) or ""
    except Exception as error:  # noqa: BLE001 Every system's keyring has errors of its own; none may stop anything.
        logger.info("the keyring cannot be read: %s", type(error).__name__)
        return ""
