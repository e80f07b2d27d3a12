"""Wrong programs become right by the smallest edit, in the learner's own words."""

import pytest

from milepost.domain.validations import FixSource

SUM = "def total(values):\n    result = 0\n    for value in values:\n        result += value\n    return result\n"
SUM_CASES = [("total([])", 0), ("total([1, 2])", 3), ("total([5])", 5)]
LARGEST = (
    "def largest(numbers):\n    best = numbers[0]\n    for number in numbers:\n"
    "        if number > best:\n            best = number\n    return best\n"
)
LARGEST_CASES = [("largest([1, 3, 2])", 3), ("largest([-5, -2])", -2), ("largest([4])", 4)]
COUNT = (
    "def count(word, letter):\n    number = 0\n    for one in word:\n        if one == letter:\n"
    "            number += 1\n    return number\n"
)
COUNT_CASES = [("count('banana', 'a')", 3), ("count('', 'a')", 0), ("count('xyz', 'a')", 0)]

ONE_SLIP = {
    "initial value": (SUM, SUM_CASES, "result = 0", "result = 1"),
    "operator": (SUM, SUM_CASES, "result += value", "result -= value"),
    "returned variable": (SUM, SUM_CASES, "return result", "return values"),
    "comparison": (LARGEST, LARGEST_CASES, "number > best", "number < best"),
    "index": (LARGEST, LARGEST_CASES, "numbers[0]", "numbers[1]"),
    "assigned variable": (LARGEST, LARGEST_CASES, "best = number\n", "number = best\n"),
    "misspelt name": (COUNT, COUNT_CASES, "number += 1", "numbr += 1"),
    "return too deep": (COUNT, COUNT_CASES, "    return number", "            return number"),
    "return missing": (COUNT, COUNT_CASES, "    return number\n", ""),
    "negated": (COUNT, COUNT_CASES, "one == letter", "one != letter"),
}


@pytest.mark.parametrize("name", ONE_SLIP)
async def test_one_slip_is_undone_and_nothing_else_is_touched(repair, name):
    right, cases, good, bad = ONE_SLIP[name]
    assert good in right
    wrong = right.replace(good, bad, 1)
    found = await repair(wrong, [right], cases)
    assert found.text == right
    assert found.fixes[0].verified
    assert found.fixes[0].preferred
    assert not found.fixes[0].rewrite


@pytest.mark.parametrize("name", ONE_SLIP)
async def test_the_learners_names_stay_when_the_donor_has_others(repair, name):
    right, cases, good, bad = ONE_SLIP[name]
    donor = right
    for old, new in {"result": "r", "value": "v", "best": "b", "number": "n", "one": "o", "values": "w"}.items():
        donor = donor.replace(old, f"{new}_")
    wrong = right.replace(good, bad, 1)
    found = await repair(wrong, [donor], cases)
    assert found.runner.is_right(found.text)
    assert "_" not in found.text
    assert found.fixes[0].size <= 0.2


async def test_a_printed_result_is_returned(repair):
    found = await repair(COUNT.replace("return number", "print(number)"), [COUNT], COUNT_CASES)
    assert "return number" in found.text
    assert found.runner.is_right(found.text)


async def test_a_right_program_needs_nothing(repair):
    assert (await repair(SUM, [SUM], SUM_CASES)).fixes == []


async def test_without_any_other_program_plain_mutations_are_tried(repair):
    wrong = SUM.replace("result = 0", "result = 1")
    found = await repair(wrong, [], SUM_CASES)
    assert found.text == SUM
    assert found.fixes[0].source is FixSource.MUTATION


async def test_of_several_donors_the_nearest_way_is_taken(repair):
    other = "def total(values):\n    return sum(values)\n"
    wrong = SUM.replace("result += value", "result = value")
    found = await repair(wrong, [other, SUM], SUM_CASES)
    assert found.text in (SUM, SUM.replace("result += value", "result = result + value"))


async def test_a_quite_different_program_is_rewritten_and_labelled_so(repair):
    wrong = "def largest(numbers):\n    return None\n"
    found = await repair(wrong, [LARGEST], LARGEST_CASES)
    assert found.runner.is_right(found.text)
    assert found.fixes[0].rewrite
    assert not found.fixes[0].preferred
    assert found.fixes[0].title == "Compare with a solution"


async def test_only_the_wrong_one_of_two_functions_changes(repair):
    right = f"{SUM}\n\n{COUNT}"
    wrong = right.replace("one == letter", "one > letter")
    found = await repair(wrong, [right], [*SUM_CASES, *COUNT_CASES])
    assert found.text == right
    assert len(found.fixes[0].edits) == 1


async def test_two_wrong_functions_are_both_repaired(repair):
    right = f"{SUM}\n\n{COUNT}"
    wrong = right.replace("one == letter", "one != letter").replace("result = 0", "result = 2")
    found = await repair(wrong, [right], [*SUM_CASES, *COUNT_CASES])
    assert found.text == right


async def test_a_function_that_is_missing_is_added(repair):
    found = await repair(SUM, [f"{SUM}\n\n{COUNT}"], [*SUM_CASES, *COUNT_CASES])
    assert found.text.startswith(SUM)
    assert found.runner.is_right(found.text)


async def test_a_function_under_another_name_gets_the_right_one(repair):
    found = await repair(SUM.replace("total", "totl"), [SUM], SUM_CASES)
    assert found.text == SUM


async def test_what_a_donor_needs_of_its_module_comes_along(repair):
    donor = "import math\n\n\ndef root(value):\n    return math.sqrt(value)\n"
    found = await repair("def root(x):\n    return x\n", [donor], [("root(9)", 3.0), ("root(0)", 0.0)])
    assert found.runner.is_right(found.text)
    assert "import math" in found.text
    assert "sqrt(x)" in found.text


async def test_methods_are_repaired_with_the_learners_attributes(repair):
    donor = (
        "class Stack:\n    def __init__(self):\n        self.data = []\n\n    def push(self, x):\n"
        "        self.data.append(x)\n\n    def pop(self):\n        return self.data.pop()\n"
    )
    right = donor.replace("data", "items").replace("(self, x)", "(self, item)").replace("append(x)", "append(item)")
    cases = [("[s := Stack(), s.push(1), s.push(2), s.pop()][-1]", 2)]
    found = await repair(right.replace("append(item)", "insert(0, item)"), [donor], cases)
    assert found.text == right
    without = right[: right.index("\n    def pop")]
    found = await repair(without, [donor], cases)
    assert "return self.items.pop()" in found.text
    assert found.runner.is_right(found.text)


async def test_module_level_names_of_a_donor_get_the_learners(repair):
    donor = "MOST = 10\n\n\ndef fits(n):\n    return n < MOST\n"
    wrong = "LIMIT = 5\n\n\ndef fits(x):\n    return x < LIMIT\n"
    cases = [("fits(7)", True), ("fits(10)", False), ("fits(1)", True)]
    found = await repair(wrong, [donor], cases)
    assert found.text == wrong.replace("5", "10")


async def test_a_program_without_functions(repair):
    donor = "first = int(input())\nsecond = int(input())\nprint(first + second)\n"
    wrong = "a = int(input())\nb = int(input())  # the other\nprint(a - b)\n"
    found = await repair(wrong, [donor], [("1\n2", "3\n"), ("5\n5", "10\n")], reads=True)
    assert found.text == wrong.replace("-", "+")


async def test_what_stands_loose_in_the_module_may_be_what_is_wrong(repair):
    found = await repair(f"{SUM}\nt\n", [SUM], SUM_CASES)
    assert found.runner.is_right(found.text)
    assert found.text.startswith(SUM)


async def test_a_demand_beside_the_cases_is_met_too(repair):
    donor = "def order(values):\n    copied = list(values)\n    copied.sort()\n    return copied\n"
    wrong = "def order(values):\n    # mine\n    return sorted(values)\n"
    cases = [("order([2, 1])", [1, 2]), ("order([])", [])]
    found = await repair(wrong, [donor], cases, demands=lambda text: "sorted" not in text)
    assert "sorted" not in found.text
    assert "# mine" in found.text
    assert found.runner.is_right(found.text)


async def test_a_wrong_result_that_no_case_shows_is_repaired_as_well(repair):
    wrong = f"{SUM.replace('result = 0', 'result = 1')}\n\n{COUNT.replace('number += 1', 'number = 1')}"
    weak = [*SUM_CASES, ("count('', 'a')", 0), ("count('ab', 'a')", 1)]
    strong = {"count": ("count('aab', 'a')", 2)}
    found = await repair(wrong, [f"{SUM}\n\n{COUNT}"], weak, demands=lambda text: _count_holds(text, strong["count"]))
    assert found.text == f"{SUM}\n\n{COUNT}"


def _count_holds(text, case):
    space = {}
    exec(text, space)
    return eval(case[0], space) == case[1]


async def test_a_loop_without_an_end_ends_in_trials_and_is_repaired(repair):
    right = "def down(n):\n    steps = 0\n    while n > 0:\n        n -= 1\n        steps += 1\n    return steps\n"
    wrong = right.replace("        n -= 1\n", "")
    found = await repair(wrong, [right], [("down(3)", 3), ("down(0)", 0)])
    assert found.runner.is_right(found.text)
    assert found.runner.endless == []


async def test_a_condition_that_becomes_a_loop_is_bounded_too(repair):
    right = "def down(n):\n    while n > 3:\n        n -= 3\n    return n\n"
    wrong = "def down(n):\n    if n > 3:\n        n - 3\n    return n\n"
    found = await repair(wrong, [right], [("down(3)", 3), ("down(8)", 2), ("down(10)", 1)])
    assert found.runner.is_right(found.text)
    assert found.runner.endless == []


async def test_fixes_are_sorted_and_only_the_first_is_preferred(repair):
    wrong = LARGEST.replace("number > best", "number < best")
    found = await repair(wrong, [LARGEST], LARGEST_CASES)
    sizes = [fix.size for fix in found.fixes]
    assert sizes == sorted(sizes)
    assert [fix.preferred for fix in found.fixes] == [True, *[False] * (len(sizes) - 1)]
    assert all(found.runner.is_right(text) for text in found.texts)


async def test_a_repaired_program_is_not_repaired_again(repair):
    found = await repair(SUM.replace("0", "7"), [SUM], SUM_CASES)
    assert (await repair(found.text, [SUM], SUM_CASES)).fixes == []


@pytest.mark.parametrize("text", ["", "\n", "def (", "x" * 10, '"""only words"""\n', "class A: pass\n", "lambda: 0\n"])
async def test_odd_programs_raise_nothing(repair, text):
    await repair(text, [SUM], SUM_CASES)


async def test_new_texts_stand_in_the_quotes_that_the_learner_prefers(repair):
    donor = "def greet(name):\n    return 'Hello, ' + name\n"
    wrong = 'def greet(name):\n    return "Helo" + name + ""\n'
    found = await repair(wrong, [donor], [("greet('a')", "Hello, a")])
    assert "'" not in found.text
    assert found.runner.is_right(found.text)


async def test_inside_a_format_string_only_what_is_wrong_changes(repair):
    donor = "def sum_up(a, b):\n    return f'{a} + {b} = {a + b}'\n"
    wrong = 'def sum_up(a, b):\n    return f"{a} + {b} = {a - b}"  # mine\n'
    found = await repair(wrong, [donor], [("sum_up(1, 2)", "1 + 2 = 3")])
    assert found.text == wrong.replace("a - b", "a + b")


async def test_a_text_becomes_a_format_string(repair):
    wrong = 'def greet(name):\n    return "Hello, name!"\n'
    found = await repair(wrong, [], [("greet('Ada')", "Hello, Ada!")])
    assert found.text == 'def greet(name):\n    return f"Hello, {name}!"\n'
    assert not found.fixes[0].rewrite


async def test_the_list_of_the_caller_is_copied_first(repair):
    wrong = "def tidy(items):\n    while len(items) > 1:\n        items.pop()\n    return items\n"
    cases = [("[given := [1, 2], tidy(given), given]", [[1, 2], [1], [1, 2]])]
    found = await repair(wrong, [], cases)
    assert "items = list(items)" in found.text or "items = items[:]" in found.text
    assert found.runner.is_right(found.text)


async def test_a_program_that_has_to_go_round_often_is_repaired_as_well(repair):
    right = "def rounds(n):\n    count = 0\n    for _ in range(n):\n        count += 1\n    return count\n"
    wrong = right.replace("count += 1", "count += 2")
    found = await repair(wrong, [right], [("rounds(20000)", 20000), ("rounds(1)", 1)])
    assert found.text == right


async def test_a_dear_case_is_asked_only_where_the_others_do_not_tell(repair):
    cases = [*LARGEST_CASES, ("largest([7, 8])", 8)]
    wrong = LARGEST.replace("number > best", "number < best")
    found = await repair(wrong, [LARGEST], cases, dear=frozenset({3}))
    assert found.text == LARGEST
    assert found.runner.asked[3] < found.runner.asked[0]
    weak = [("largest([4])", 4), ("largest([7, 8])", 8)]
    found = await repair(wrong, [LARGEST], weak, dear=frozenset({1}))
    assert found.runner.is_right(found.text)


async def test_a_method_without_self_gets_it(repair):
    right = "class Box:\n    def put(self, thing):\n        self.thing = thing\n        return thing\n"
    found = await repair(right.replace("self, thing", "thing"), [right], [("Box().put(3)", 3)])
    assert found.text == right


async def test_an_added_method_stands_apart(repair):
    right = "class Box:\n    def put(self, thing):\n        self.thing = thing\n\n    def get(self):\n        return self.thing\n"
    wrong = right[: right.index("\n    def get")]
    found = await repair(wrong, [right], [("[b := Box(), b.put(3), b.get()][-1]", 3)])
    assert found.text == right


async def test_what_is_hardly_begun_is_written_without_names_that_are_used_once(repair):
    donor = "def double(values):\n    found = [2 * value for value in values]\n    return found\n"
    found = await repair("def double(values):\n    return\n", [donor], [("double([1, 2])", [2, 4])])
    assert found.text == "def double(values):\n    return [2 * value for value in values]\n"
