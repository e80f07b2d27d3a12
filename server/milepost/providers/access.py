"""Where a provider is and what it may cost."""

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from milepost.providers.errors import ProviderError, Trouble

_LOCAL_NAMES = ("localhost", "host.docker.internal")
_LOCAL_ENDINGS = (".local", ".localhost", ".internal", ".lan")


@dataclass(frozen=True, slots=True)
class Access:
    """One OpenAI-compatible endpoint: `base_url` ends before /chat/completions; the key never shows in a repr.

    `seconds` is the longest that one answer may take, retries included; `concurrency` how many run at once.
    """

    base_url: str
    model: str
    key: str = field(default="", repr=False)
    seconds: float = 60.0
    concurrency: int = 2
    retries: int = 2

    @property
    def host(self) -> str:
        """Return the host and port, as messages name the endpoint."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]

    @property
    def is_local(self) -> bool:
        """Tell whether the endpoint is on this machine."""
        name = urlsplit(self.base_url).hostname or ""
        return name == "localhost" or _is_loopback(name)


def check(access: Access) -> None:
    """Raise ProviderError for an address to which a key must not be sent."""
    try:
        parts = urlsplit(access.base_url)
        usable = bool(parts.hostname) and parts.username is None and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or (parts.scheme != "https" and not (parts.scheme == "http" and _is_near(parts.hostname or ""))):
        raise ProviderError(Trouble.BAD_URL)


def _is_near(name: str) -> bool:
    if name in _LOCAL_NAMES or name.endswith(_LOCAL_ENDINGS) or ("." not in name.strip("[]") and ":" not in name):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    # Link-local addresses are where clouds hand out credentials.
    return address.is_private and not address.is_link_local


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
