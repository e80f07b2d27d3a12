"""One OpenAI-compatible endpoint over HTTP: retries, limits, and what its troubles mean."""

import asyncio
import json
import logging
import random
import ssl
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from milepost.providers import access as accesses
from milepost.providers.access import Access
from milepost.providers.breaker import Breaker
from milepost.providers.chat import Sent
from milepost.providers.errors import FAULTS, ProviderError, Trouble

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 10.0
FIRST_PAUSE_SECONDS = 0.5
LONGEST_ANSWER = 2_000_000
REMEMBERED = 10
_BUSY, _FIRST_FAILING = 429, 500
_OK, _MULTIPLE, _BAD = 200, 300, 400
_TROUBLES = {401: Trouble.REFUSED, 403: Trouble.REFUSED, 404: Trouble.NOT_FOUND, 407: Trouble.REFUSED}


class NotAcceptedError(Exception):
    """The endpoint does not accept a request as it is; `hint` is what it said, for the machine and never shown."""

    def __init__(self, status: int, hint: str) -> None:
        super().__init__(str(status))
        self.status = status
        self.hint = hint


class Endpoint:
    """Sends requests to one address and to no other; safe to share."""

    def __init__(self, access: Access, breaker: Breaker | None = None) -> None:
        """Take where to send to; raises ProviderError for an address to which a key must not be sent."""
        accesses.check(access)
        self.access = access
        self.sent: deque[Sent] = deque(maxlen=REMEMBERED)
        self._breaker = breaker or Breaker()
        self._turns = asyncio.Semaphore(max(1, access.concurrency))
        # No redirects, no proxy in between on this machine, no compressed answers that grow when they are read.
        self._client = httpx2.AsyncClient(
            headers=_headers(access),
            timeout=httpx2.Timeout(access.seconds, connect=CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=not access.is_local,
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def post(self, path: str, body: Mapping[str, Any], *, masked: int = 0) -> list[Any]:
        """Return the JSON of the answer, or of every event of a streamed one.

        Raises ProviderError, and NotAcceptedError where another form of the request may do.
        """
        if self._breaker.is_open:
            raise self._trouble(Trouble.RESTING)
        content = json.dumps(body, ensure_ascii=False)
        try:
            async with asyncio.timeout(self.access.seconds), self._turns:
                found = await self._tried(path, content, masked)
        except TimeoutError:
            self._breaker.failed()
            raise self._trouble(Trouble.SLOW, seconds=self.access.seconds) from None
        except ProviderError as error:
            if error.trouble in FAULTS:
                self._breaker.failed()
            raise
        self._breaker.succeeded()
        return found

    async def _tried(self, path: str, content: str, masked: int) -> list[Any]:
        """Try as often as the access says; only an endpoint that is busy or has a fault is asked again."""
        started = time.monotonic()
        for attempt in range(self.access.retries + 1):
            async with self._opened(path, content, masked) as response:
                if response.status_code != _BUSY and response.status_code < _FIRST_FAILING:
                    return await self._read(response)
                status, asked = response.status_code, response.headers.get("retry-after", "")
            pause = _retry_after(asked)
            pause = FIRST_PAUSE_SECONDS * 2**attempt * random.uniform(0.8, 1.2) if pause is None else pause  # noqa: S311
            left = self.access.seconds - (time.monotonic() - started)
            if attempt == self.access.retries or pause > left:
                break
            await asyncio.sleep(pause)
        raise self._trouble(Trouble.BUSY if status == _BUSY else Trouble.FAILING, status=status)

    @asynccontextmanager
    async def _opened(self, path: str, content: str, masked: int) -> AsyncIterator[httpx2.Response]:
        url = _joined(self.access.base_url, path)
        self.sent.append(Sent(datetime.now(UTC).isoformat(timespec="seconds"), url, content, masked))
        headers = {"Content-Type": "application/json"}
        try:
            async with self._client.stream("POST", url, content=content.encode(), headers=headers) as response:
                yield response
        except httpx2.ConnectError as error:
            raise self._trouble(Trouble.INSECURE if _is_about_tls(error) else Trouble.UNREACHABLE) from None
        except httpx2.TimeoutException:
            raise self._trouble(Trouble.SLOW, seconds=self.access.seconds) from None
        except (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.DecodingError):
            raise self._trouble(Trouble.CUT) from None
        except (httpx2.TransportError, httpx2.InvalidURL, ssl.SSLError):
            raise self._trouble(Trouble.UNREACHABLE) from None

    async def _read(self, response: httpx2.Response) -> list[Any]:
        status = response.status_code
        if status >= _BAD:
            trouble = _TROUBLES.get(status)
            if trouble is None:
                text = (await self._content(response)).decode("utf-8", "replace")
                raise NotAcceptedError(status, text[:2000])
            if trouble is Trouble.REFUSED and not self.access.key:
                trouble = Trouble.KEYLESS
            raise self._trouble(trouble, model=self.access.model)
        if status >= _MULTIPLE or status < _OK:
            raise self._trouble(Trouble.ELSEWHERE)
        content = (await self._content(response)).decode("utf-8", "replace")
        try:
            return list(_events(content)) if _is_stream(response, content) else [json.loads(content)]
        except (ValueError, RecursionError):
            raise self._trouble(Trouble.GARBLED) from None

    async def _content(self, response: httpx2.Response) -> bytes:
        parts, size = [], 0
        async for part in response.aiter_raw():
            size += len(part)
            if size > LONGEST_ANSWER:
                raise self._trouble(Trouble.ENDLESS)
            parts.append(part)
            if part.endswith((b"[DONE]\n\n", b"[DONE]\r\n\r\n")):
                # Some servers keep the connection open after the last event.
                break
        return b"".join(parts)

    def _trouble(self, trouble: Trouble, **values: object) -> ProviderError:
        return ProviderError(trouble, host=self.access.host, **values)


def not_understood(access: Access, error: NotAcceptedError) -> ProviderError:
    """Return the trouble of a request that no form of it made acceptable."""
    return ProviderError(Trouble.NOT_UNDERSTOOD, host=access.host, status=error.status)


def _headers(access: Access) -> dict[str, str]:
    headers = {"User-Agent": "milepost", "Accept-Encoding": "identity"}
    if access.key:
        headers["Authorization"] = f"Bearer {access.key}"
        if (access.host.partition(":")[0]).endswith(".azure.com"):
            headers["api-key"] = access.key
    return headers


def _joined(base_url: str, path: str) -> str:
    """Return the address of a path; a query, as some hosts want one, stays at the end."""
    base, mark, query = base_url.partition("?")
    return f"{base.rstrip('/')}/{path}{mark}{query}"


def _is_stream(response: httpx2.Response, content: str) -> bool:
    return "event-stream" in response.headers.get("content-type", "") or content.startswith(("data:", ":"))


def _events(content: str) -> list[Any]:
    found = []
    for line in content.splitlines():
        data = line[5:].strip() if line.startswith("data:") else ""
        if data and data != "[DONE]":
            found.append(json.loads(data))
    return found


def _retry_after(asked: str) -> float | None:
    """Return the seconds of a Retry-After, which is a number of them or a date."""
    try:
        seconds = float(asked)
    except ValueError:
        pass
    else:
        return min(max(seconds, 0.0), 1e9) if seconds == seconds else None  # noqa: PLR0124 NaN is no number of seconds.
    try:
        moment = parsedate_to_datetime(asked)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)


def _is_about_tls(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError) or "CERTIFICATE" in str(cause).upper() or "SSL" in str(cause):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
