import time

import pytest

from milepost.goals import patterns


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("a.py", "a.py", True),
        ("a.py", "b/a.py", False),
        ("*.py", "a.py", True),
        ("*.py", "b/a.py", False),
        ("*.py", ".a.py", False),
        (".*.py", ".a.py", True),
        ("?.py", "a.py", True),
        ("?.py", "ab.py", False),
        ("[ab].py", "b.py", True),
        ("[!ab].py", "c.py", True),
        ("[!ab].py", "b.py", False),
        ("*/a.py", "b/a.py", True),
        ("*/a.py", "c/b/a.py", False),
        ("**/a.py", "a.py", True),
        ("**/a.py", "c/b/a.py", True),
        ("**/a.py", "c/.b/a.py", False),
        ("x/**/a.py", "x/a.py", True),
        ("x/**/a.py", "x/y/z/a.py", True),
        ("x/**/a.py", "y/a.py", False),
        ("x/**", "x/y/a.py", True),
        ("x/**", "x", False),
        ("**/b/**/a.py", "b/b/c/a.py", True),
        ("**/**/a.py", "a.py", True),
        ("A.py", "a.py", False),
    ],
)
def test_what_matches(pattern, path, expected):
    assert patterns.matches(pattern, path) is expected


def test_a_pattern_made_to_be_slow_is_not():
    before = time.process_time()
    assert not patterns.matches("*a" * 40 + "b", "a" * 250)
    assert not patterns.matches("**/" * 50 + "b", "a/" * 200 + "a")
    assert time.process_time() - before < 5


@pytest.mark.parametrize(
    ("pattern", "folder"), [("a/b/*.py", "a/b"), ("a/*/c.py", "a"), ("*.py", ""), ("a/b.py", "a"), ("**/a.py", "")]
)
def test_the_folder_that_is_fixed(pattern, folder):
    assert patterns.fixed_folder(pattern) == folder
