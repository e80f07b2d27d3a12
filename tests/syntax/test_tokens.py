import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milepost.syntax import parsing, tokens
from milepost.syntax.distances import edit_distance, encoded, replacements, token_distance
from milepost.syntax.lexing import bracket_trouble, lexemes
from tests.syntax.samples import PROGRAMS


def test_layout_comments_and_docstrings_are_out():
    one = 'def f(x):\n    """Doc."""\n    # why\n\n    return x+1 # plus\n'
    other = "def  f( x ):\n  return x +\\\n 1"
    assert tokens.tokens(one, "python") == tokens.tokens(other, "python")


def test_python_blocks_are_tokens():
    inside = tokens.tokens("for x in y:\n    f(x)\n    g(x)\n", "python")
    outside = tokens.tokens("for x in y:\n    f(x)\ng(x)\n", "python")
    assert inside != outside
    assert sorted(inside) == sorted(outside)


def test_lines_inside_brackets_are_one():
    assert tokens.tokens("f(1,\n  2)\n", "python") == tokens.tokens("f(1, 2)\n", "python")


def test_strings_that_are_values_stay():
    assert '"""a"""' in tokens.tokens('x = """a"""\n', "python")


def test_own_names_are_normalised_and_known_ones_kept():
    assert tokens.normalised_tokens("total = len(xs) + sum('a')\n", "python") == [
        *("v", "=", "len", "(", "v", ")", "+", "sum", "(", '""', ")", "\n"),
    ]


@pytest.mark.parametrize("language", parsing.languages())
def test_tokens_hold_the_whole_program_but_space_and_comments(language):
    text = PROGRAMS[language].replace("don't", "do")
    found = "".join(tokens.tokens(text, language)).translate(str.maketrans("", "", " \n\t+-"))
    assert found == "".join(text.split()).translate(str.maketrans("", "", "+-")).replace("\\", "")


@pytest.mark.parametrize(
    ("language", "text", "pieces"),
    [
        ("javascript", "a = /x'[/]/g; b = a / 2 / c", ["a", "=", "/x'[/]/g", ";", "b", "=", "a", "/", "2", "/", "c"]),
        ("javascript", "`a ${b} \n c` + 'd'", ["`a ${b} \n c`", "+", "'d'"]),
        ("rust", "f::<'a>('x', r#\"a\"b\"#)", ["f", "::", "<", "'", "a", ">", "(", "'x'", ",", 'r#"a"b"#', ")"]),
        ("cpp", '1\'000 + R"x(a)"b)x"', ["1'000", "+", 'R"x(a)"b)x"']),
        ("java", '"""\na "b" c""" + \'"\'', ['"""\na "b" c"""', "+", "'\"'"]),
        ("go", '`a\\` + "b\\""', ["`a\\`", "+", '"b\\""']),
        ("python", "rb'\\'' f\"{x}\" 1e-5 .5 x**=2", ["rb'\\''", 'f"{x}"', "1e-5", ".5", "x", "**=", "2", "\n"]),
    ],
)
def test_strings_and_numbers_of_each_language_are_one_token(language, text, pieces):
    assert tokens.tokens(text, language) == pieces


@pytest.mark.parametrize("language", parsing.languages())
@settings(deadline=None, max_examples=40)
@given(st.text(st.sampled_from("ab1 \n\r\t'\"`#/*\\(){}[]:=.\0é\U0001f600\ud800\u2028"), max_size=40))
def test_pieces_stand_where_they_say_and_lose_nothing_but_space(language, text):
    pieces = lexemes(text, language)
    assert all(text[piece.start : piece.end] == piece.text for piece in pieces)
    between = text
    for piece in reversed(pieces):
        between = between[: piece.start] + between[piece.end :]
    assert not between.replace("\\", "").strip(" \n\r\t\u2028\0\x85\x1c")
    tokens.tokens(text, language)


def test_the_first_bracket_without_partner_is_found():
    trouble = bracket_trouble(lexemes("f(a[1)]", "python"))
    assert trouble is not None
    assert (trouble.opening.start, trouble.closing.start) == (3, 5)
    assert bracket_trouble(lexemes("f('(', [{}])  # (", "python")) is None


def naive_distance(one, other) -> int:
    row = list(range(len(other) + 1))
    for place, token in enumerate(one, 1):
        last, row[0] = row[0], place
        for column, wanted in enumerate(other, 1):
            last, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, last + (token != wanted))
    return row[-1]


LISTS = st.lists(st.sampled_from(["if", "x", "=", "(", "y"]), max_size=9)


@given(LISTS, LISTS)
def test_distances_are_those_of_the_textbook(one, other):
    wanted = naive_distance(one, other)
    assert edit_distance(one, other) == wanted
    shorter, longer = encoded([one, other])
    assert edit_distance(shorter, longer) == wanted
    assert token_distance(one, other) == pytest.approx(wanted / max(len(one), len(other), 1))


@given(LISTS, LISTS)
def test_replacements_lead_from_one_list_to_the_other(one, other):
    result = list(one)
    for start, end, new_start, new_end in reversed(replacements(one, other)):
        result[start:end] = other[new_start:new_end]
    assert result == other


def test_encoding_survives_more_tokens_than_there_are_characters():
    (text,) = encoded([[str(number) for number in range(1_200_000)]])
    assert len(text) == 1_200_000
