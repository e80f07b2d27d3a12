"""Batches of calls: namespaces, endings, output, traces, limits of time."""

import pytest

from milepost.sandbox import values
from milepost.sandbox.runs import Call, CallRun, Status

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def outcomes(sandbox, source, *calls, **options):
    made = tuple(call if isinstance(call, Call) else Call(call) for call in calls)
    (found,) = await sandbox.call([CallRun(source, "task.py", made, **options)])
    return found


async def outcome(sandbox, source, call, **options):
    (found,) = await outcomes(sandbox, source, call, **options)
    return found


async def test_a_value_arrives_with_its_type_and_text(module_sandbox):
    found = await outcome(module_sandbox, "def pair(x):\n    return (x, [x])\n", "pair(1)")
    assert (found.status, found.type_name, found.text) == (Status.VALUE, "tuple", "(1, [1])")
    assert found.milliseconds > 0


async def test_every_call_gets_a_fresh_namespace(module_sandbox):
    source = "seen = []\ndef add(x):\n    seen.append(x)\n    return seen\n"
    found = await outcomes(module_sandbox, source, "add(1)", "add(2)")
    assert [one.text for one in found] == ["[1]", "[2]"]


async def test_setup_and_preamble_come_before_the_call(module_sandbox):
    call = Call("total(a, b)", setup="a = 1\nb = BASE")
    found = await outcome(module_sandbox, "def total(a, b):\n    return a + b + BASE\n", call, preamble="BASE = 10")
    assert found.text == "21"


async def test_other_files_of_the_program_can_be_imported(module_sandbox):
    files = {"shapes.py": "SIDES = 3\n", "data/words.txt": "a b\n"}
    source = "import shapes\ndef words():\n    return open('data/words.txt').read().split()\n"
    found = await outcomes(module_sandbox, source, "shapes.SIDES", "words()", files=files)
    assert [one.text for one in found] == ["3", "['a', 'b']"]


async def test_the_main_block_does_not_run(module_sandbox):
    source = "x = 1\nif __name__ == '__main__':\n    x = 2\n"
    assert (await outcome(module_sandbox, source, "x")).text == "1"


async def test_an_exception_names_its_classes_and_lines(module_sandbox):
    source = "def inner():\n    raise KeyError('k')\ndef outer():\n    inner()\n"
    found = await outcome(module_sandbox, source, "outer()")
    assert (found.status, found.error_type, found.error_message) == (Status.RAISED, "KeyError", "'k'")
    assert found.error_lines == (3, 1)
    assert "LookupError" in found.error_bases


async def test_a_syntax_error_is_told_for_every_call(module_sandbox):
    found = await outcomes(module_sandbox, "x = 1\ndef f(:\n", "f()", "1")
    assert [one.status for one in found] == [Status.SYNTAX] * 2
    assert found[0].error_lines == (1,)


@pytest.mark.parametrize("source", ["x = '\0'", "(" * 5000 + ")" * 5000, "-" * 200_000 + "1", "x = " + "[" * 300])
async def test_a_source_that_upsets_the_compiler_is_an_outcome(module_sandbox, source):
    assert (await outcome(module_sandbox, source, "1")).status in {Status.SYNTAX, Status.MEMORY, Status.DIED}


async def test_input_without_anything_to_read_raises(module_sandbox):
    found = await outcome(module_sandbox, "def ask():\n    return input()\n", "ask()")
    assert (found.status, found.error_type, found.error_lines) == (Status.RAISED, "EOFError", (1,))


@pytest.mark.parametrize("end", ["exit()", "quit(1)", "__import__('sys').exit('bye')", "raise_exit()"])
async def test_leaving_is_told_and_spoils_no_later_call(module_sandbox, end):
    source = "def raise_exit():\n    raise SystemExit(3)\n"
    found = await outcomes(module_sandbox, source, end, "print('on') or 1")
    assert [one.status for one in found] == [Status.EXITED, Status.VALUE]
    assert found[1].output == "on\n"


async def test_an_early_end_of_the_process_costs_one_call(module_sandbox):
    found = await outcomes(module_sandbox, "import os", "1", "os._exit(0)", "os.abort()", "2")
    assert [one.status for one in found] == [Status.VALUE, Status.DIED, Status.DIED, Status.VALUE]
    assert (found[1].error_message, found[2].error_message) == ("exit 0", "aborted")


async def test_only_what_the_call_prints_counts_as_its_output(module_sandbox):
    source = "import sys\nprint('loading')\ndef hi():\n    print('hé')\n    sys.stdout.buffer.write(b'!')\n"
    found = await outcome(module_sandbox, source, Call("hi()", capture="output"))
    assert (found.output, found.value) == ("hé\n!", values.text_value("hé\n!"))


async def test_statements_may_stand_in_for_an_expression(module_sandbox):
    found = await outcome(module_sandbox, "", "for i in range(2): print(i)")
    assert (found.status, found.text, found.output) == (Status.VALUE, "None", "0\n1\n")


async def test_the_lines_that_ran_are_told(module_sandbox):
    source = "def sign(x):\n    if x < 0:\n        return -1\n    return 1\n"
    found = await outcomes(module_sandbox, source, "sign(1)", "sign(-1)", trace=True)
    assert [one.lines for one in found] == [{0, 1, 3}, {0, 1, 2}]


async def test_a_call_past_its_limit_is_killed_and_the_next_goes_on(module_sandbox):
    found = await outcomes(module_sandbox, "def spin():\n    while True: pass\n", Call("spin()", timeout=0.2), "1")
    assert [one.status for one in found] == [Status.TIMEOUT, Status.VALUE]


async def test_after_two_timeouts_the_limit_is_short_and_says_so(module_sandbox):
    calls = [Call("spin()", timeout=0.4)] * 4
    found = await outcomes(module_sandbox, "def spin():\n    while True: pass\n", *calls)
    assert [one.shortened for one in found] == [False, False, True, True]
    assert found[1].milliseconds >= 400 > found[2].milliseconds >= 200


async def test_calls_after_enough_failures_are_not_made(module_sandbox):
    found = await outcomes(module_sandbox, "", "1", "x", "x", "1", stop_after_failures=2)
    assert [one.status for one in found] == [Status.VALUE, Status.RAISED, Status.RAISED, Status.NOT_RUN]


async def test_recursion_without_end_is_an_exception(module_sandbox):
    found = await outcome(module_sandbox, "def f():\n    return f()\n", "f()")
    assert (found.error_type, found.error_lines[-1]) == ("RecursionError", 1)


async def test_recursion_with_the_limit_lifted_kills_only_that_call(module_sandbox):
    source = "import sys\nclass C:\n    def __repr__(self):\n        return repr(self)\n"
    setup = "sys.setrecursionlimit(10**9)"
    found = await outcomes(module_sandbox, source, Call("repr(C())", setup=setup, timeout=5), "2")
    assert found[0].status in {Status.DIED, Status.MEMORY, Status.RAISED}
    assert found[1].text == "2"


async def test_packages_of_the_interpreter_can_be_imported(module_sandbox):
    assert (await outcome(module_sandbox, "import pytest", "pytest.__name__")).text == "'pytest'"


async def test_names_of_the_worker_are_not_in_the_way(module_sandbox):
    """A learner's module may be called what one of the worker's modules is called."""
    files = {"calls.py": "X = 1\n", "inside.py": "X = 2\n"}
    assert (await outcome(module_sandbox, "import calls, inside", "calls.X + inside.X", files=files)).text == "3"


async def test_dataclasses_and_pickling_find_the_module(module_sandbox):
    source = (
        "import pickle\nfrom dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n"
        "def copy():\n    return pickle.loads(pickle.dumps(P(1)))\n"
    )
    assert (await outcome(module_sandbox, source, "copy()")).text == "P(x=1)"


async def test_random_numbers_differ_between_runs(module_sandbox):
    source = "import random\ndef draw():\n    return random.getrandbits(64)\n"
    assert len({(await outcome(module_sandbox, source, "draw()")).text for _ in range(3)}) == 3


async def test_a_batch_keeps_its_order(module_sandbox):
    runs = [CallRun(f"x = {number}", "task.py", (Call("x"),)) for number in range(40)]
    found = await module_sandbox.call(runs)
    assert [one.text for (one,) in found] == [str(number) for number in range(40)]


async def test_expected_values_are_evaluated_with_the_preamble(module_sandbox):
    found = await module_sandbox.evaluate(["BASE + 1", "oops"], "BASE = 1")
    assert (found[0].text, found[1].error_type) == ("2", "NameError")


async def test_an_empty_batch_is_nothing(module_sandbox):
    assert await module_sandbox.call([]) == []
    assert await module_sandbox.call([CallRun("", "a.py", ())]) == [[]]


VARIANTS = [
    "def f(x):\n    return x\n",
    "def f(x):\n    return -x\n",
    "def f(x):\n    while True: pass\n",
    "def f(:\n",
    "import os\ndef f(x):\n    os._exit(0)\n",
    "import builtins, sys\nbuiltins.len = None\nsys.setrecursionlimit(50)\ndef f(x):\n    return x\n",
    "def f(x):\n    return len(str(x)) + (f(x - 1) if x else 0)\n",
    "x = 1 / 0\n",
]


async def test_variants_run_together_give_what_they_give_alone(module_sandbox):
    calls = tuple(Call(f"f({number})", timeout=0.3) for number in (1, 2, 200))
    runs = [CallRun(source, "task.py", calls, stop_after_failures=2) for source in VARIANTS * 3]
    alone = await module_sandbox.call(runs)
    together = await module_sandbox.call(runs, together=True)
    for one, other in zip(alone, together, strict=True):
        assert [call.status for call in one] == [call.status for call in other]
        assert [call.text for call in one] == [call.text for call in other]


async def test_modules_of_the_program_are_fresh_in_every_call(module_sandbox):
    files = {"state.py": "seen = []\n"}
    source = "import state\ndef add(x):\n    state.seen.append(x)\n    return state.seen\n"
    found = await outcomes(module_sandbox, source, "add(1)", "add(2)", files=files)
    assert [one.text for one in found] == ["[1]", "[2]"]


LONG = {
    "brackets": "'[' * 1_000_000",
    "commas": "['{,' * 5 for n in range(50_000)]",
    "control characters": "'\\x01' * 500_000",
    "not ascii": "'é' * 300_000",
    "many empty lists": "[[] for n in range(110_000)]",
    "many numbers": "list(range(110_000))",
    "bytes": "b'x' * 1_500_000",
    "many pairs": "{n: [] for n in range(50_000)}",
    "printed brackets": "print('[{,' * 300_000)",
    "printed control characters": "print('\\x01' * 1_000_000)",
    "printed signs": "print('é' * 400_000)",
    "too many digits": "[1 << 100_000 for n in range(1000)]",
    "too many": "[[[[]]] * 1000 for n in range(1000)]",
    "too long": "'é' * 5_000_000",
    "both": "print('\\x01' * 1_000_000) or ['é' * 1000 for n in range(300)]",
}


@pytest.mark.parametrize("kind", LONG)
async def test_long_results_are_no_tampering(module_sandbox, kind):
    expression = LONG[kind]
    found = await outcome(module_sandbox, "", Call(expression, timeout=20.0))
    assert found.status is Status.VALUE
    if not kind.startswith(("too", "printed", "both")):
        assert found.value is not None
        assert found.value.kind != "object"
        assert values.equal(found.value, found.value)


async def test_a_program_named_like_a_module_does_not_take_its_place(module_sandbox):
    source = "import random\nCHOICES = 3\ndef pick():\n    return random.choice([7])\n"
    run = CallRun(source, "string.py", (Call("CHOICES"), Call("pick()"), Call("__import__('string').digits")))
    (found,) = await module_sandbox.call([run])
    assert [one.text for one in found][:2] == ["3", "7"]
    runs = [run, CallRun("import string", "task.py", (Call("string.digits"),))]
    (_, found) = await module_sandbox.call(runs, together=True)
    assert found[0].text == "'0123456789'"
