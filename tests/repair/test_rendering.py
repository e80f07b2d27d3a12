"""Programs are written after changes without touching a byte that no change concerns."""

import ast

import pytest

from milepost.domain.validations import FixSource
from milepost.repair.changes import Change, Hole, Insertion, Removal, Replacement, Statement
from milepost.repair.drafts import ImpossibleError
from milepost.repair.outline import Kind, Outline
from milepost.repair.rendering import Renderer

BRANCHES = """def f(x):  # first
    # about the test
    if x < 0:   # negative
        return -1

    elif x == 0:
        return 0  # zero
    else:
        # the rest
        return 1


print( f( 3 ) )   # no end of line"""

ODD = {
    "tabs": "def f(x):\n\tif x:\n\t\treturn 1\n\treturn 2\n",
    "mixed": "def f(x):\n    if x:\n\t    return 1\n    return 2\n",
    "windows": "def f(x):\r\n    for y in x:\r\n        y += 1\r\n    return y\r\n",
    "old mac": "def f(x):\r    return x\r",
    "unicode": "def größe(ñ):\n    'é — 漢字'\n    if ñ: return '𝒳' # ünï\n    return ñ\n",
    "semicolons": "def f(x): y = 1; return x + y\nif f(1): print('a'); print('b')\n",
    "strings": 'def f():\n    """Many\n  lines.\n    """\n    x = """a\nb"""\n    return x\n',
    "continued": "def f(a,\n      b):\n    return (a +\n            b) \\\n        * 2\n",
    "decorated": "import functools\n@functools.lru_cache(maxsize={1: 2}[1])\ndef f(x: dict[str, int] = {}) -> int:\n    return 1\n",
    "exceptions": "try:\n    x = 1\nexcept (ValueError, KeyError) as e:\n    x = 2\n"
    "else:\n    x = 3\nfinally:\n    y = 4\n",
    "loops": "for i in 'ab':\n    pass\nelse:\n    x = 1\nwhile False:\n    x = 2\nelse:\n    x = 3\n",
    "match": "def f(x):\n    match x:\n        case {'a': 1, **rest}:\n            return rest\n"
    "        case _:\n            return 0\n",
    "form feed": "x = 1\n\x0c\ndef f():\n    return 1\n",
    "branches": BRANCHES,
}


def block(outline, start):
    """Return the block whose text starts so."""
    kinds = (Kind.SIMPLE, Kind.COMPOUND)
    return next(one for one in outline.blocks if one.kind in kinds and outline.text.startswith(start, one.start))


def change(*parts, of):
    return Change(parts, 1.0, "test", FixSource.MUTATION, of)


def statement(text, *children):
    node = ast.parse(text + ("\n    pass" if text.endswith(":") else "")).body[0]
    return Statement(Kind.COMPOUND if text.endswith(":") else Kind.SIMPLE, text, node, children)


@pytest.mark.parametrize("name", ODD)
def test_without_changes_nothing_changes(name):
    assert Renderer(Outline(ODD[name])).render([]) == ODD[name]


@pytest.mark.parametrize("name", ODD)
def test_a_new_statement_leaves_every_line_as_it_is(name):
    text = ODD[name]
    outline = Outline(text)
    for anchor in outline.blocks:
        if anchor.kind is not Kind.SIMPLE or anchor.shares_line or "; " in text:
            continue
        added = change(Insertion(statement("new = 'line'"), "before", anchor), of=anchor)
        written = Renderer(outline).render([added])
        ast.parse(written)
        kept = [line for line in written.splitlines(keepends=True) if "new = 'line'" not in line]
        assert "".join(kept) == text


@pytest.mark.parametrize("name", ODD)
def test_bounded_loops_do_not_change_what_a_program_is(name):
    renderer = Renderer(Outline(ODD[name]))
    renderer.fuel = 100
    ast.parse(renderer.trial([]))


def test_a_replacement_touches_only_its_place():
    outline = Outline(BRANCHES)
    start = BRANCHES.index("<")
    replaced = change(Replacement(start, start + 1, "<="), of=block(outline, "if x"))
    assert Renderer(outline).render([replaced]) == BRANCHES.replace("<", "<=", 1)


def test_a_removed_statement_leaves_a_pass_where_a_block_would_be_empty():
    outline = Outline("if a:\n    b()  # only\nc()\n")
    gone = block(outline, "b()")
    assert Renderer(outline).render([change(Removal(gone), of=gone)]) == "if a:\n    pass\nc()\n"


def test_a_branch_that_goes_leaves_its_neighbours():
    outline = Outline(BRANCHES)
    gone = block(outline, "elif")
    parts = [
        Removal(one) for one in gone.walk() if one.node is gone.node or (one.parent is gone and one.kind is Kind.SIMPLE)
    ]
    written = Renderer(outline).render([change(*parts, of=gone)])
    assert "elif" not in written
    assert "        # the rest\n        return 1\n" in written
    assert written.startswith(BRANCHES[: BRANCHES.index("\n    elif")])
    ast.parse(written)


def test_statements_are_wrapped_and_moved_in_with_their_comments():
    outline = Outline("def f(x):\n    a = 1\n    # why\n    b = 2  # so\n    return b\n")
    hole = Hole(block(outline, "a = 1"), block(outline, "b = 2"))
    wrapped = change(Insertion(statement("if x:", hole), "first", outline.root.children[0]), of=hole.first)
    assert Renderer(outline).render([wrapped]) == (
        "def f(x):\n    if x:\n        a = 1\n        # why\n        b = 2  # so\n    return b\n"
    )


def test_statements_are_unwrapped_and_moved_out():
    outline = Outline("def f(x):\n\tfor y in x:\n\t\t# why\n\t\tz = '''a\n\t\tb'''\n\treturn z\n")
    loop = block(outline, "for")
    assert Renderer(outline).render([change(Removal(loop), of=loop)]) == (
        "def f(x):\n\t# why\n\tz = '''a\n\t\tb'''\n\treturn z\n"
    )


def test_changes_that_overlap_are_impossible():
    outline = Outline("x = a + b\n")
    one = change(Replacement(4, 9, "c"), of=outline.blocks[1])
    other = change(Replacement(8, 9, "d"), of=outline.blocks[1])
    with pytest.raises(ImpossibleError):
        Renderer(outline).render([one, other])


def test_the_start_of_a_function_is_after_its_docstring():
    outline = Outline('def f():\n    """Say."""\n    return 1\n')
    added = change(Insertion(statement("x = 1"), "first", block(outline, "def")), of=block(outline, "def"))
    assert Renderer(outline).render([added]) == 'def f():\n    """Say."""\n    x = 1\n    return 1\n'
