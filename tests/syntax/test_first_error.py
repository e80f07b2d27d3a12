"""Leaving out what stands before an error changes nothing of what is said about it."""

import pytest

from milepost.syntax import compiling, parsing

BEFORE = '"""Doc."""\nimport os\n\n\ndef first(x):\n    return os.sep + x\n\n\nclass Second:\n    a = 1\n\n\n'
BROKEN = [
    "def third(:\n    return 1\n",
    "def third(x)\n    return x\n",
    "third = (1,\n    2\n\nfourth = 3\n",
    'text = "open\nmore = 1\n',
    "text = '''open\nmore = 1\n",
    "if True:\nprint(1)\n",
    "  indented = 1\n",
    "def f():\n    x = 1\n  y = 2\n",
    "a = [1, 2\nb = 3\nc = {4: 5\n",
    "for i in range(3)\n    print(i)\n",
    "x = )\n",
]


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_an_error_is_the_one_of_the_whole_program(broken, ending):
    text = (BEFORE + broken).replace("\n", ending)
    assert parsing.syntax_errors(parsing.parse(text, "python"), "en") == [compiling.first_error(text, "en")]
