"""Messages in a byte stream, whole and broken."""

import os
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.lsp.framing import BROKEN, FrameReader, frame


def read(*chunks: bytes, limit: int = 1 << 20) -> list[bytes | None]:
    reader = FrameReader(limit)
    return [found or None for chunk in chunks for found in reader.feed(chunk)]


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=5), st.randoms())
def test_messages_come_through_however_the_stream_is_cut(bodies, chance: random.Random):
    stream = b"".join(frame(body) for body in bodies)
    cuts = sorted(chance.randrange(len(stream) + 1) for _ in range(6)) if stream else []
    chunks = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert read(*chunks) == bodies


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: 2\n\n",
        b"content-length:2\r\n\r\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 2\r\n\r\n",
        b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n",
    ],
)
def test_other_spellings_of_a_header_are_understood(header):
    assert read(header + b"{}", frame(b"next")) == [b"{}", b"next"]


@pytest.mark.parametrize(
    "broken",
    [
        b"Content-Length: 0\r\n\r\n",
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: 1000000000000\r\n\r\n{}",
        b"Content-Length: 99999999999999999999999999\r\n\r\n{}",
        b"Content-Length: two\r\n\r\n{}",
        b"Content-Length: \xd9\xa2\r\n\r\n{}",
        b"Content-Length: 3\r\nContent-Length: 2\r\n\r\n{}",
        b"Length: 2\r\n\r\n{}",
        b"no header at all\r\n\r\n{}",
        b"Content-Length: 1",
        b"\r\n\r\n",
        b"\xef\xbb\xbf\r\n\r\n",
        b"x" * 20_000,
    ],
)
def test_lsp_04_a_bad_header_is_given_up_and_the_next_message_is_read(broken):
    found = read(broken, frame(b"next"))
    assert found[-1] == b"next"
    assert None in found


def test_lsp_04_a_huge_claim_keeps_nothing():
    reader = FrameReader()
    assert list(reader.feed(b"Content-Length: 1073741824\r\n\r\n")) == [BROKEN]
    for _ in range(100):
        assert list(reader.feed(b"x" * 100_000)) == []
    assert len(reader._buffer) < 100


def test_lsp_04_a_header_that_never_ends_keeps_little():
    reader = FrameReader()
    for _ in range(100):
        list(reader.feed(b"Content-Length: 5\r\nX: " + b"y" * 10_000))
    assert len(reader._buffer) < 50_000


def test_lsp_04_messages_inside_a_body_that_lied_are_found():
    reader, found = FrameReader(), []
    for body in reader.feed(b"Content-Length: 60\r\n\r\n{" + frame(b"first") + frame(b"second") + b" " * 30):
        if body.startswith(b"{"):
            reader.give_back(body)
        else:
            found.append(body)
    assert found == [b"first", b"second"]


def test_lsp_04_after_any_nonsense_the_next_message_is_read():
    chance = random.Random(4)
    for number in range(100_000 if os.environ.get("MILEPOST_SOAK") else 2_000):
        reader, found = FrameReader(), []
        wanted = b'{"id": %d}' % number
        for body in reader.feed(nonsense(chance) + frame(wanted) + b" " * 1200):
            if body.startswith(b"{") and body.endswith(b"}"):
                found.append(body)
            elif body:
                reader.give_back(body)
        assert any(wanted in body for body in found), number
        assert len(reader._buffer) < 2_000


def nonsense(chance: random.Random) -> bytes:
    """Return a message that something happened to."""
    good = frame(b'{"method": "textDocument/hover", "params": {}}')
    place = chance.randrange(len(good))
    match chance.randrange(5):
        case 0:
            return good.replace(b"46", chance.choice([b"0", b"-1", b"9" * 12, b"", b"x", b"1e3", b"446", b"5"]))
        case 1:
            return good[:place] + good[place + 1 :]
        case 2:
            return good[:place] + bytes([chance.randrange(256)]) + good[place + 1 :]
        case 3:
            return good[:place]
        case _:
            return chance.randbytes(chance.randrange(1, 400))
