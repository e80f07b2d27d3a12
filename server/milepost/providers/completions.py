"""Chat over an OpenAI-compatible endpoint, with answers in a given shape from servers of all abilities."""

import contextlib
import json
import re
import time
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from milepost.providers import endpoint, masking
from milepost.providers.budget import Budget
from milepost.providers.chat import Answer, Question, Sent, Shape, Usage
from milepost.providers.endpoint import Endpoint, NotAcceptedError
from milepost.providers.errors import ProviderError, Trouble

# Characters; a rough count where a server gives none. Code has fewer characters to a token than prose.
CHARACTERS_A_TOKEN = 3
_MOST_FORMS = 6
_NOTHING: Mapping[str, Any] = {}
_FENCED = re.compile(r"```(?:json)?\s*(.*?)```", re.DOTALL)


class Completions:
    """A `ChatModel` over /chat/completions; learns what its server does not know and then leaves it out."""

    def __init__(self, server: Endpoint, budget: Budget) -> None:
        """Take the endpoint and what may be spent there."""
        self._server = server
        self._budget = budget
        self._formats = ["json_schema", "json_object", "text"]
        self._limit_name = "max_tokens"
        self._streams = True
        self._counts_streams = True
        self._tells_schema = False

    @property
    def model(self) -> str:
        """Return the name of the model."""
        return self._server.access.model

    @property
    def sent(self) -> list[Sent]:
        """Return the latest requests, oldest first."""
        return list(self._server.sent)

    async def answer(self, question: Question[Shape]) -> Answer[Shape]:
        """Return the answer in the asked shape; secrets are masked, tokens counted; raises ProviderError."""
        system, user = masking.mask(question.system), masking.mask(question.user)
        estimate = (len(system.text) + len(user.text)) // CHARACTERS_A_TOKEN + question.most_tokens
        self._budget.reserve(estimate)
        used, started = 0, time.monotonic()
        try:
            messages = [{"role": "system", "content": system.text}, {"role": "user", "content": user.text}]
            events = await self._asked(messages, question, masked=system.count + user.count)
            text, finish, counted = _read(events)
            usage = self._usage(messages, text, counted, time.monotonic() - started)
            used = usage.tokens
            if finish == "length":
                limited = ProviderError(Trouble.LIMITED, host=self._server.access.host, tokens=usage.tokens_out)
                raise limited.after(usage)
            if finish != "stop":
                raise ProviderError(Trouble.CUT, host=self._server.access.host).after(usage)
            value = _shaped(text, question.shape)
            if value is None:
                # A server that holds its model to the schema cannot answer so: from now on the model is told of it too.
                self._tells_schema = True
                raise ProviderError(Trouble.GARBLED, host=self._server.access.host).after(usage)
            return Answer(value, usage)
        finally:
            self._budget.settle(estimate, used)

    async def _asked(self, messages: list[dict[str, str]], question: Question[Any], *, masked: int) -> list[Any]:
        """Ask in the richest form that the server accepts."""
        for _ in range(_MOST_FORMS):
            body = self._body(messages, question)
            try:
                return await self._server.post("chat/completions", body, masked=masked)
            except NotAcceptedError as error:
                if not self._simplified(error.hint):
                    raise endpoint.not_understood(self._server.access, error) from None
        raise ProviderError(Trouble.NOT_UNDERSTOOD, host=self._server.access.host, status=400)

    def _body(self, messages: list[dict[str, str]], question: Question[Any]) -> dict[str, Any]:
        body: dict[str, Any] = {"model": self.model, "messages": messages, self._limit_name: question.most_tokens}
        if self._streams:
            body["stream"] = True
            if self._counts_streams:
                body["stream_options"] = {"include_usage": True}
        schema = strict_schema(question.shape)
        match self._formats[0]:
            case "json_schema":
                form = {"name": question.shape.__name__.lower(), "strict": True, "schema": schema}
                body["response_format"] = {"type": "json_schema", "json_schema": form}
            case "json_object":
                body["response_format"] = {"type": "json_object"}
        if self._tells_schema or self._formats[0] != "json_schema":
            told = f"\n\nAnswer with one JSON object and nothing else. Its schema:\n{json.dumps(schema)}"
            body["messages"] = [{**messages[0], "content": messages[0]["content"] + told}, *messages[1:]]
        return body

    def _simplified(self, hint: str) -> bool:
        """Leave out what the server seems not to know; tell whether there was anything."""
        if "max_completion_tokens" in hint and self._limit_name == "max_tokens":
            self._limit_name = "max_completion_tokens"
        elif "stream_options" in hint and self._counts_streams:
            self._counts_streams = False
        elif "stream" in hint and "response_format" not in hint and self._streams:
            self._streams = False
        elif len(self._formats) > 1:
            self._formats.pop(0)
        else:
            return False
        return True

    def _usage(self, messages: list[dict[str, str]], text: str, counted: Mapping[str, Any], seconds: float) -> Usage:
        sent = sum(len(message["content"]) for message in messages)
        return Usage(
            model=self.model,
            tokens_in=_count(counted.get("prompt_tokens"), sent),
            tokens_out=_count(counted.get("completion_tokens"), len(text)),
            latency_ms=seconds * 1000,
        )


def strict_schema(shape: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON schema of a shape in the strict subset: every property required, none besides."""
    schema: dict[str, Any] = _strict(shape.model_json_schema())
    return schema


def _strict(part: Any) -> Any:
    if isinstance(part, list):
        return [_strict(one) for one in part]
    if not isinstance(part, dict):
        return part
    kept = {name: _strict(value) for name, value in part.items() if name not in {"default", "title", "maxLength"}}
    if kept.get("type") == "object" and "properties" in kept:
        kept |= {"additionalProperties": False, "required": list(kept["properties"])}
    return kept


def _read(events: list[Any]) -> tuple[str, str, Mapping[str, Any]]:
    """Return the text of an answer, why it ends (empty if nothing says so), and the server's count of tokens."""
    parts: list[str] = []
    finish, counted = "", _NOTHING
    for event in events:
        if not isinstance(event, dict):
            continue
        usage = event.get("usage")
        counted = usage if isinstance(usage, dict) else counted
        choices = event.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
        said = choice.get("delta") or choice.get("message") or {}
        content = said.get("content") if isinstance(said, dict) else None
        parts.append(_text(content))
        # The first reason holds, whatever comes after it.
        finish = finish or _text(choice.get("finish_reason"))
    return "".join(parts), finish, counted


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _count(given: Any, characters: int) -> int:
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given < 10_000_000:  # noqa: PLR2004
        return given
    return characters // CHARACTERS_A_TOKEN


def _shaped(text: str, shape: type[Shape]) -> Shape | None:
    for candidate in _candidates(text):
        with contextlib.suppress(ValidationError, ValueError, RecursionError):
            return shape.model_validate_json(candidate)
    return None


def _candidates(text: str) -> list[str]:
    """Return what in a text may be the asked JSON: all of it, what is fenced, what is in braces."""
    fenced = [match.group(1) for match in _FENCED.finditer(text)]
    start, end = text.find("{"), text.rfind("}")
    return [text, *fenced, *([text[start : end + 1]] if 0 <= start < end else [])]
