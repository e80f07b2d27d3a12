"""Messages in a byte stream, whole and broken."""

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
