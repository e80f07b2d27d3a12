"""What a model said is there after a restart, in a file that may hold anything."""

import os
import stat

import pytest

from milepost.agents import reviewing_memory
from milepost.agents.reviewing_memory import Memory, Said
from milepost.agents.reviewing_shapes import SaidFinding, SaidRubric
from tests.fixtures.chat import finding

SAID = Said(
    findings=(SaidFinding.model_validate(finding("amount = 1", "¿Ahí empieza?\u2028\U0001f600")),),
    rubrics=(SaidRubric(criterion=2, met=True, quote="amount", reason="It says what it is."),),
)


def key(number: int) -> str:
    return f"{number:064x}"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "data" / reviewing_memory.FILE_NAME


def test_another_process_knows_what_was_said(file):
    one, other = Memory(file), Memory(file)
    one.remember({key(1): SAID})
    other.remember({key(2): Said()})
    for memory in (one, Memory(file)):
        assert memory.recall([key(1), key(3)]) == {key(1): SAID}
    assert Memory(file).recall([key(2)]) == {key(2): Said()}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_without_a_file_it_lasts_as_long_as_the_process(tmp_path):
    memory = Memory()
    memory.remember({key(1): SAID})
    assert memory.recall([key(1)]) == {key(1): SAID}
    assert list(tmp_path.iterdir()) == []


def test_the_newest_answers_are_kept_and_the_file_does_not_grow_for_ever(file, monkeypatch):
    monkeypatch.setattr(reviewing_memory, "MOST", 10)
    memory = Memory(file)
    assert memory.recall([key(0)]) == {}
    for number in range(30):
        memory.remember({key(number): SAID})
    assert memory.recall([key(19), key(20)]) == {key(20): SAID}
    assert file.read_text("utf-8").count("\n") == 30
    assert list(Memory(file).recall([key(19), key(29)])) == [key(29)]
    assert file.read_text("utf-8").count("\n") == 10
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert list(Memory(file).recall([key(20), key(29)])) == [key(20), key(29)]


def test_of_a_large_file_the_newest_part_is_read(file, monkeypatch):
    memory = Memory(file)
    for number in range(30):
        memory.remember({key(number): SAID})
    monkeypatch.setattr(reviewing_memory, "LARGEST_FILE", file.stat().st_size // 3)
    found = Memory(file).recall([key(number) for number in range(30)])
    assert 5 <= len(found) <= 10
    assert key(29) in found


HOSTILE = [
    b"", b"\n\n", b"\0" * 5000, b"{", b"[" * 100_000, b"null\n1\n[]\n", b"\xff\xfe{}\n", b'{"key": "../../etc"}\n',
    b'{"key": "' + b"0" * 64 + b'", "findings": 5}\n', b'{"key": "' + b"0" * 64 + b'", "findings": [{"quote": 1}]}\n',
    b"x" * (reviewing_memory.LONGEST_LINE + 1) + b"\n", b'{"key": "\\ud800"}\n', b"{}\r\n" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("content", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_stands_in_the_file_the_rest_of_it_is_read(file, content):
    Memory(file).remember({key(1): SAID})
    file.write_bytes(content + b"\n" + file.read_bytes())
    memory = Memory(file)
    assert memory.recall([key(0), key(1)]) == {key(1): SAID}
    memory.remember({key(2): SAID})
    assert key(2) in Memory(file).recall([key(2)])


def link(file):
    file.symlink_to(file.with_name("elsewhere"))


def pipe(file):
    os.mkfifo(file)


@pytest.mark.parametrize("make", [link, pipe, os.mkdir])
def test_what_is_no_plain_file_is_left_alone(file, make):
    file.parent.mkdir()
    make(file)
    memory = Memory(file)
    assert memory.recall([key(1)]) == {}
    memory.remember({key(1): SAID})
    assert memory.recall([key(1)]) == {key(1): SAID}
    assert not file.with_name("elsewhere").exists()


def test_what_has_no_utf_8_lasts_as_long_as_the_process(file):
    memory = Memory(file)
    odd = Said(rubrics=(SaidRubric(criterion=0, met=True, quote="\ud800", reason=""),))
    memory.remember({key(1): odd})
    assert memory.recall([key(1)]) == {key(1): odd}
    assert Memory(file).recall([key(1)]) == {}


def test_it_can_be_erased(file):
    Memory(file).remember({key(1): SAID})
    reviewing_memory.erase(file.parent)
    reviewing_memory.erase(file.parent)
    assert Memory(file).recall([key(1)]) == {}
