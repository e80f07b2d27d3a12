"""LLM-05: what is secret does not leave; what is not stays as it is."""

import random
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from milepost.providers import masking, token_formats
from milepost.providers.access import Access
from milepost.providers.budget import Budget
from milepost.providers.chat import Question
from milepost.providers.completions import Completions
from milepost.providers.embeddings import EndpointEmbedder
from milepost.providers.endpoint import Endpoint
from tests.fixtures.endpoint import endpoint, says, status

ROOT = Path(__file__).parents[2]
PLACEMENTS = ('api_key = "{}"\n', "# the old one was {} until May\n", 'connect(host, headers={{"X-Token": "{}"}})\n')
ASSIGNED = (
    'password = "{}"\n', "PASSWORD='{}'\n", 'db_password: str = "{}"\n', '{{"password": "{}"}}\n',
    'login(user, password="{}")\n', 'config["secret"] = "{}"\n', 'contraseña = "{}"\n', "# password: {}\n",
    "passwd = '{}'\n", 'client_secret = "{}"\n', 'url = "postgresql://ana:{}@db.example.com/shop"\n',
    'requests.get("https://ana:{}@example.com/")\n', "# la clave es {}\n", 'if password == "{}":\n    pass\n',
)  # fmt: skip
PASSWORDS = ("hunter2-hunter3", "Tr0ub4dor&3x", "s3cr3t.Pa55phrase", "Zx81!kk29aa", "correct9horse8battery")


def sample(pattern, source: random.Random) -> str:
    """Return a text that a parsed expression matches."""
    parts = []
    for operation, argument in pattern:
        match str(operation):
            case "LITERAL":
                parts.append(chr(argument))
            case "IN":
                parts.append(source.choice(letters(argument)))
            case "MAX_REPEAT":
                least, most, inner = argument
                parts += [sample(inner, source) for _ in range(source.randint(least, min(most, least + 8)))]
            case "SUBPATTERN":
                parts.append(sample(argument[-1], source))
            case "BRANCH":
                parts.append(sample(source.choice(argument[1]), source))
            case other:
                raise ValueError(other)
    return "".join(parts)


def letters(entries) -> list[str]:
    found = []
    for operation, argument in entries:
        match str(operation):
            case "LITERAL":
                found.append(chr(argument))
            case "RANGE":
                found += map(chr, range(argument[0], argument[1] + 1))
            case "CATEGORY":
                found += "0123456789"
            case other:
                raise ValueError(other)
    return found


def tokens() -> list[str]:
    source = random.Random(20)
    lines = [line for line in token_formats._FORMATS.split("\n") if line]
    # Three of each vendor's.
    return [sample(re._parser.parse(line), source) for line in lines for _ in range(3)]


def test_keys_and_tokens_are_found_wherever_they_stand():
    found = [token not in masking.mask(place.format(token)).text for token in tokens() for place in PLACEMENTS]
    assert len(found) > 222 * 3
    assert sum(found) / len(found) >= 0.95


def test_assigned_passwords_are_found():
    cases = [(place.format(word), word) for place in ASSIGNED for word in PASSWORDS]
    missed = [text for text, word in cases if word in masking.mask(text).text]
    assert 1 - len(missed) / len(cases) >= 0.8, missed


@pytest.mark.parametrize(
    "secret",
    [
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n(the end is missing)",
        "/home/anabelen/projects/shop",
        r"C:\Users\anabelen\shop",
        "ana.belen@university.example",
    ],
)
def test_private_keys_folders_and_addresses_are_found(secret):
    masked = masking.mask(f'"""\n{secret}\n"""\n').text
    for word in ("MIIEow", "b3Blbn", "anabelen", "university"):
        assert word not in masked


def test_programs_of_learners_stay_as_they_are():
    """At most five in a thousand are touched; of the bundled ones and these none is."""
    files = [*ROOT.glob("courses/**/*.py"), *ROOT.glob("tests/cases/**/*.py")]
    programs = [file.read_text("utf-8") for file in files]
    innocent = [
        'token = "+"\n', 'key = "name"\n', 'tokens = ["(", ")", "+"]\n', 'word = input("Your password: ")\n',
        'clave = "nombre"\n', "secret = random.randint(1, 100)\n", "passwords = []\n", "def check_password(password): ...\n",
        'alphabet = "abcdefghijklmnopqrstuvwxyz"\n', 'digits = "0123456789"\n', "key = lambda pair: pair[1]\n",
        'author = "Ana"\n', 'url = "https://example.com/a/b?page=2"\n', "auth = True\n", 'morse = {"a": ".-"}\n',
    ]  # fmt: skip
    assert len(programs) > 20
    assert [text for text in [*programs, *innocent] if masking.mask(text).count] == []


def test_each_of_the_two_finders_finds_what_the_other_does_not():
    """With one of them gone something here would leave."""
    only_library = "cloudant_pw " + "0123456789abcdef" * 4
    only_table = "# token is sbp_" + "0123456789" * 4
    assert masking._detected(only_library)
    assert not list(token_formats.spans(only_library))
    assert list(token_formats.spans(only_table))
    assert not masking._detected(only_table)
    for text in (only_library, only_table):
        assert masking.mask(text).count == 1


@pytest.mark.parametrize(
    "text",
    [
        "# curl -u ana:hunter2hunter2 https://x",
        "Authorization: Bearer abcdefghijklmnop1234",
        "https://x.example/?sig=abcdefgh12345678",
    ],
)
def test_secrets_in_commands_headers_and_addresses_are_found(text):
    masked = masking.mask(text).text
    assert masking.PLACEHOLDER in masked
    assert not {"hunter2hunter2", "abcdefghijklmnop1234", "abcdefgh12345678"} & set(
        masked.replace("=", " ").replace(":", " ").split()
    )


def test_masking_again_changes_nothing():
    for text in (place.format(token) for token in tokens() for place in PLACEMENTS):
        once = masking.mask(text).text
        assert masking.mask(once).text == once


def test_places_of_the_masked_text_are_those_of_the_original():
    text = 'a = 1\npassword = "hunter2-hunter3"\nb = 2\n'
    masked = masking.mask(text)
    start = masked.text.index("b = 2")
    assert text[slice(*masked.original(start, start + 5))] == "b = 2"
    start = masked.text.index(masking.PLACEHOLDER)
    span = masked.original(start, start + len(masking.PLACEHOLDER))
    assert masked.touches_secret(*span)
    assert not masked.touches_secret(0, 5)


@pytest.mark.parametrize(
    ("name", "private"),
    [
        (".env", True), (".env.local", True), ("prod.env", True), ("id_rsa", True), ("server.pem", True),
        ("credentials.json", True), ("secrets.py", True), ("search.py", False), ("environment.py", False),
        ("keys.py", False),
    ],
)  # fmt: skip
def test_files_that_never_leave(name, private):
    assert masking.is_private(f"/somewhere/{name}") is private


class Colour(BaseModel):
    name: str


async def test_no_secret_is_in_any_byte_that_leaves(tmp_path):
    """The whole set goes through a real connection; what explains a request shows what was sent and no more."""
    lines = [place.format(token) for token in tokens() for place in PLACEMENTS]
    detected = {token for token in tokens() if token not in masking.mask(PLACEMENTS[0].format(token)).text}
    async with endpoint(says({"name": "blue"})) as scripted:
        server = Endpoint(Access(scripted.url, "tiny"))
        chat = Completions(server, Budget(tmp_path, 10**9, 10**9))
        for start in range(0, len(lines), 100):
            await chat.answer(Question(Colour, "Answer.", "".join(lines[start : start + 100])))
        await server.close()
    vectors = b'{"data": [{"index": 0, "embedding": [1.0]}]}'
    async with endpoint(status(200, vectors)) as other:
        server = Endpoint(Access(other.url, "tiny"))
        await EndpointEmbedder(server, Budget(tmp_path, 10**9, 10**9)).embed(["".join(lines)[:7000]])
        await server.close()
    wire = b"".join(request.raw for request in (*scripted.requests, *other.requests)).decode()
    assert len(detected) > 222
    assert wire.count(masking.PLACEHOLDER) > 222
    assert [token for token in detected if token in wire] == []
    assert all(sent.masked for sent in chat.sent)
