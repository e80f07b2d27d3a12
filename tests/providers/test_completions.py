"""Chat over HTTP, with an endpoint that behaves as endpoints do."""

import asyncio
import json
import ssl
import subprocess
from contextlib import asynccontextmanager

import pytest
from pydantic import BaseModel

from milepost.providers import endpoint as endpoints
from milepost.providers.access import Access
from milepost.providers.breaker import FAILURES, Breaker
from milepost.providers.budget import Budget
from milepost.providers.chat import Question
from milepost.providers.completions import Completions
from milepost.providers.embeddings import EndpointEmbedder
from milepost.providers.endpoint import Endpoint
from milepost.providers.errors import ProviderError, Trouble
from tests.fixtures.endpoint import breaks_off, drips, endpoint, floods, hangs, says, status

KEY = "a-key-that-nobody-may-see"
PATIENT = 30.0


class Colour(BaseModel):
    name: str


ASKED = Question(Colour, "Answer in JSON.", "Which colour?")


@asynccontextmanager
async def chat_at(url: str, folder, *, seconds: float = PATIENT, tokens: int = 100_000, **more):
    server = Endpoint(Access(url, "some-model", KEY, seconds=seconds, **more))
    try:
        yield Completions(server, Budget(folder, tokens, tokens))
    finally:
        await server.close()


async def trouble_of(chat: Completions, question=ASKED) -> Trouble:
    with pytest.raises(ProviderError) as caught:
        await chat.answer(question)
    assert KEY not in caught.value.say("en") + caught.value.say("es") + repr(caught.value.__cause__)
    return caught.value.trouble


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(endpoints, "FIRST_PAUSE_SECONDS", 0.01)


async def test_an_answer_comes_in_the_asked_shape_with_its_cost(tmp_path):
    async with endpoint(says({"name": "blue"})) as server, chat_at(server.url, tmp_path) as chat:
        answer = await chat.answer(ASKED)
    (request,) = server.requests
    assert answer.value == Colour(name="blue")
    assert (answer.usage.model, answer.usage.tokens_in, answer.usage.tokens_out) == ("some-model", 11, 7)
    assert answer.usage.latency_ms > 0
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    schema = request.body["response_format"]["json_schema"]["schema"]
    assert schema["required"] == ["name"]
    assert schema["additionalProperties"] is False
    assert request.body["stream"] is True
    assert [sent.body for sent in chat.sent] == [request.raw.decode()]
    assert KEY not in str(chat.sent)


async def test_a_server_that_knows_no_schemas_is_told_in_words(tmp_path):
    acts = [status(400, b'{"error": {"message": "unknown response_format"}}')] * 2
    async with (
        endpoint(*acts, says('Sure!\n```json\n{"name": "red"}\n```')) as server,
        chat_at(server.url, tmp_path) as chat,
    ):
        assert (await chat.answer(ASKED)).value.name == "red"
        assert (await chat.answer(ASKED)).value.name == "red"
    asked = [request.body.get("response_format", {}).get("type") for request in server.requests]
    assert asked == ["json_schema", "json_object", None, None]
    assert '"name"' in server.requests[-1].body["messages"][0]["content"]


@pytest.mark.parametrize(
    ("hint", "gone", "there"),
    [
        ("'max_tokens' is not supported, use 'max_completion_tokens'", "max_tokens", "max_completion_tokens"),
        ("unknown field stream_options", "stream_options", "stream"),
        ("this model cannot stream", "stream", "max_tokens"),
    ],
)
async def test_what_a_server_does_not_know_is_left_out(tmp_path, hint, gone, there):
    refusal = status(400, json.dumps({"error": {"message": hint}}).encode())
    async with endpoint(refusal, says({"name": "green"})) as server, chat_at(server.url, tmp_path) as chat:
        assert (await chat.answer(ASKED)).value.name == "green"
    assert gone in server.requests[0].body
    assert gone not in server.requests[1].body
    assert there in server.requests[1].body


@pytest.mark.parametrize("code", [429, 500, 502, 503, 529])
async def test_a_busy_or_failing_server_is_asked_again(tmp_path, code):
    async with (
        endpoint(status(code), status(code), says({"name": "blue"})) as server,
        chat_at(server.url, tmp_path) as chat,
    ):
        assert (await chat.answer(ASKED)).value.name == "blue"
    assert len(server.requests) == 3


async def test_retry_after_is_respected(tmp_path, monkeypatch):
    """The pause is what the server asks for, in seconds or as a date; one beyond the deadline is not waited for."""
    pauses = []

    async def sleep(seconds):
        pauses.append(seconds)

    async with (
        endpoint(status(429, Retry_After="7"), says({"name": "blue"})) as server,
        chat_at(server.url, tmp_path) as chat,
    ):
        monkeypatch.setattr(endpoints.asyncio, "sleep", sleep)
        await chat.answer(ASKED)
        monkeypatch.undo()
    assert pauses == [7.0]
    assert endpoints._retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert endpoints._retry_after("nonsense") is None
    async with endpoint(status(429, Retry_After="3600")) as server, chat_at(server.url, tmp_path) as chat:
        assert await trouble_of(chat) is Trouble.BUSY
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("code", "trouble"), [(401, Trouble.REFUSED), (403, Trouble.REFUSED), (404, Trouble.NOT_FOUND)]
)
async def test_what_cannot_get_better_is_asked_once(tmp_path, code, trouble):
    echo = f'{{"error": {{"message": "Incorrect API key provided: {KEY}"}}}}'.encode()
    async with endpoint(status(code, echo)) as server, chat_at(server.url, tmp_path) as chat:
        assert await trouble_of(chat) is trouble
    assert len(server.requests) == 1


async def test_no_form_of_a_request_is_tried_twice(tmp_path):
    async with endpoint(status(400)) as server, chat_at(server.url, tmp_path) as chat:
        assert await trouble_of(chat) is Trouble.NOT_UNDERSTOOD
    bodies = [request.raw for request in server.requests]
    assert len(set(bodies)) == len(bodies) <= 4


@pytest.mark.parametrize(
    ("act", "trouble"),
    [
        (status(500), Trouble.FAILING),
        (status(429), Trouble.BUSY),
        (status(302, Location="http://127.0.0.1:9/"), Trouble.ELSEWHERE),
        (says("no JSON at all"), Trouble.GARBLED),
        (says({"title": "not the shape"}), Trouble.GARBLED),
        (says('{"name": "bl', finish="length"), Trouble.LIMITED),
        (status(200, b"<html>", Content_Type="text/html"), Trouble.GARBLED),
        (status(200, b"[" * 100_000, Content_Type="application/json"), Trouble.GARBLED),
        (status(200, b"null", Content_Type="application/json"), Trouble.CUT),
        (breaks_off(), Trouble.CUT),
        (floods(10_000_000), Trouble.ENDLESS),
    ],
)
async def test_every_fault_has_its_sentence(tmp_path, act, trouble):
    async with endpoint(act) as server, chat_at(server.url, tmp_path) as chat:
        assert await trouble_of(chat) is trouble


@pytest.mark.parametrize("act", [hangs(), drips()])
async def test_slowness_ends_with_the_time_that_is_set(tmp_path, act):
    async with endpoint(act) as server, chat_at(server.url, tmp_path, seconds=0.3) as chat:
        assert await trouble_of(chat) is Trouble.SLOW
        await asyncio.wait_for(server.gone.wait(), PATIENT)


async def test_nobody_listening(tmp_path):
    async with endpoint(hangs()) as server:
        url = server.url
    async with chat_at(url, tmp_path) as chat:
        assert await trouble_of(chat) is Trouble.UNREACHABLE


async def test_a_certificate_that_nobody_vouches_for(tmp_path):
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-days", "2", "-nodes", "-newkey", "rsa:2048"]
    command = ["openssl", "req", "-x509", *subject, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    async with endpoint(says({"name": "blue"}), context=context) as server, chat_at(server.url, tmp_path) as chat:
        assert await trouble_of(chat) is Trouble.INSECURE
    assert server.requests == []


async def test_cancelling_closes_the_connection(tmp_path):
    async with endpoint(hangs()) as server, chat_at(server.url, tmp_path) as chat:
        asking = asyncio.create_task(chat.answer(ASKED))
        while not server.requests:
            await asyncio.sleep(0.01)
        assert not server.gone.is_set()
        asking.cancel()
        await asyncio.wait_for(server.gone.wait(), PATIENT)


async def test_no_more_requests_at_once_than_are_set(tmp_path):
    async with endpoint(hangs()) as server, chat_at(server.url, tmp_path, concurrency=2) as chat:
        asking = [asyncio.create_task(chat.answer(ASKED)) for _ in range(6)]
        while len(server.requests) < 2:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        assert len(server.requests) == 2
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)


async def test_a_server_that_fails_again_and_again_is_left_alone(tmp_path):
    now = [0.0]
    async with endpoint(*[status(401)] * FAILURES, says({"name": "blue"})) as scripted:
        server = Endpoint(Access(scripted.url, "some-model"), Breaker(lambda: now[0]))
        chat = Completions(server, Budget(tmp_path, 100_000, 100_000))
        for _ in range(FAILURES):
            assert await trouble_of(chat) is Trouble.KEYLESS
        assert await trouble_of(chat) is Trouble.RESTING
        assert len(scripted.requests) == FAILURES
        now[0] = 31.0
        assert (await chat.answer(ASKED)).value.name == "blue"
        await server.close()


async def test_tokens_are_counted_and_end(tmp_path):
    """What the budget does not hold is not sent, by this server or the next one."""
    async with endpoint(says({"name": "blue"})) as server:
        async with chat_at(server.url, tmp_path, tokens=1250) as chat:
            await chat.answer(ASKED)
            await chat.answer(ASKED)
        assert Budget(tmp_path, 1, 1).used() == (36, 36)
        async with chat_at(server.url, tmp_path, tokens=1240) as chat:
            assert await trouble_of(chat) is Trouble.SPENT
        async with chat_at(server.url, tmp_path, tokens=0) as chat:
            assert await trouble_of(chat) is Trouble.SPENT
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/v1",
        "ftp://127.0.0.1/v1",
        "file:///etc/passwd",
        "http://169.254.169.254/latest",
        "https://user:pass@example.com/v1",
        "https://",
        "nonsense",
        "http://[::1",
    ],
)
def test_a_key_goes_to_no_address_like_these(url):
    with pytest.raises(ProviderError) as caught:
        Endpoint(Access(url, "some-model", KEY))
    assert caught.value.trouble is Trouble.BAD_URL


def embedding(*vectors: list[float]):
    data = [{"index": place, "embedding": vector} for place, vector in enumerate(vectors)]
    return status(200, json.dumps({"data": data}).encode(), Content_Type="application/json")


async def test_vectors_have_the_width_that_is_found(tmp_path):
    async with endpoint(embedding([3.0, 4.0]), embedding([1.0, 0.0, 0.0])) as scripted:
        server = Endpoint(Access(scripted.url, "embedder"))
        embedder = EndpointEmbedder(server, Budget(tmp_path, 1000, 1000))
        assert embedder.width == 0
        assert await embedder.embed(["a text"]) == [[0.6, 0.8]]
        assert embedder.width == 2
        with pytest.raises(ProviderError) as caught:
            await embedder.embed(["another"])
        assert caught.value.trouble is Trouble.UNEVEN
        await server.close()


@pytest.mark.parametrize(
    "act", [embedding(), embedding([1.0], [1.0, 2.0]), embedding([float("nan")]), status(200, b'{"data": 1}')]
)
async def test_vectors_that_are_none(tmp_path, act):
    async with endpoint(act) as scripted:
        server = Endpoint(Access(scripted.url, "embedder"))
        with pytest.raises(ProviderError):
            await EndpointEmbedder(server, Budget(tmp_path, 1000, 1000)).embed(["one", "two"])
        await server.close()


async def test_a_server_that_only_seems_to_know_schemas_is_told_of_them_in_words(tmp_path):
    async with endpoint(says({"colour": 1}), says({"name": "blue"})) as server, chat_at(server.url, tmp_path) as chat:
        assert await trouble_of(chat) is Trouble.GARBLED
        assert (await chat.answer(ASKED)).value == Colour(name="blue")
    first, second = (request.body for request in server.requests)
    assert "Its schema" not in first["messages"][0]["content"]
    assert '"name"' in second["messages"][0]["content"]
    assert second["response_format"] == first["response_format"]
