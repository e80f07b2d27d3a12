"""SBX-01 at the level of reports: no program passes by saying so, whatever the kind of criterion."""

import pytest

from milepost.checks import proving
from milepost.domain.criteria import Dialogue, Example, Examples, Stdio, Tests
from milepost.sandbox.boxes import Sandbox
from tests.checks.programs import contract, examples, judge

RECORD = (
    '{\\"index\\": 0, \\"status\\": \\"value\\", \\"type\\": \\"int\\", \\"value\\": [9], \\"passed\\": true,'
    ' \\"tests\\": {}, \\"outcome\\": \\"passed\\", \\"ended\\": 0, \\"ready\\": true}'
)
EVERYWHERE = f"""
import os
for number in range(3, 64):
    try:
        os.write(number, b"{RECORD}\\n")
    except OSError:
        pass
"""
WRONG = "\ndef f(x):\n    return 0\nif __name__ == '__main__':\n    print(0)\n"
ATTACKS = {
    "prints the record": f'print("{RECORD}")' + WRONG,
    "writes to every descriptor": EVERYWHERE + WRONG,
    "writes and leaves": EVERYWHERE + "os._exit(0)\n" + WRONG,
    "leaves with status 0": "import sys\nsys.exit(0)\n" + WRONG,
    "leaves hard with status 0": "import os\nos._exit(0)\n" + WRONG,
    "equals everything": """
class Yes(int):
    __class__ = int
    __hash__ = int.__hash__
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __repr__(self): return '8'
    def __reduce__(self): return (int, (9,))
def f(x):
    return Yes(0)
print(Yes(0), end='')
""",
    "looks for the answer in frames and the collector": """
import gc, sys
def f(x):
    frame = sys._getframe()
    while frame:
        for name, value in frame.f_locals.items():
            if 'expect' in name: return value
        frame = frame.f_back
    for thing in gc.get_objects():
        if type(thing) is dict:
            for key in ('expected', 'expect', 'answers', 'questions'):
                if key in thing: return thing[key]
    return 0
""",
    "patches what it can reach": """
import builtins, gc, json, os, sys
json.dumps = lambda *a, **k: '{"status": "value", "value": [9]}'
json.loads = lambda *a, **k: {"outcome": "passed"}
builtins.eval = builtins.compile = builtins.exec = lambda *a, **k: 9
for name, module in list(sys.modules.items()):
    if name.startswith(('pytest', '_pytest', 'pluggy', 'boxed', 'unittest')):
        for key in list(vars(module)):
            try: setattr(module, key, lambda *a, **k: 9)
            except Exception: pass
for thing in gc.get_objects():
    if type(thing).__name__ in ('Collector', 'Program', 'Channel'):
        type(thing).record = lambda *a: {"status": "value", "value": [9]}
"""
    + WRONG,
    "forks and answers twice": "import os\nos.fork()\n" + WRONG,
    "leaves a process behind": f"""
import os, time
if os.fork() == 0:
    os.setsid()
    time.sleep(0.02)
    for number in range(64):
        try: os.write(number, b"{RECORD}\\n")
        except OSError: pass
    os._exit(0)
"""
    + WRONG,
    "says so at the end": f'import atexit\natexit.register(lambda: print("{RECORD}"))\n' + WRONG,
    "writes result files": """
import os
for name in ('results.json', 'report.xml', 'out.0', 'code.0', 'plan.json', 'conftest.py', 'expected.py'):
    try: open(name, 'w').write('9')
    except OSError: pass
"""
    + WRONG,
}
HONEST = "def f(x):\n    return x * 9\nif __name__ == '__main__':\n    print(9)\n"
TEST_FILE = (
    "from solution import f\n\ndef test_one():\n    assert f(1) == 9\n\ndef test_two():\n    assert f(2) == 18\n"
)
KINDS = {
    "examples": contract(examples(("f(1)", "9"), ("f(2)", "18"))),
    "errors": contract(Examples((Example("f(1)", raises="LookupError"), Example("f(1)", "9")))),
    "prints": contract(Examples((Example("print(f(1))", prints="9"),))),
    "stdio": contract(Stdio((Dialogue("", "9\n"), Dialogue("1\n", "9\n")))),
    "tests": contract(Tests("tests/test_f.py"), files={"tests/test_f.py": TEST_FILE}),
}

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def sandbox(module_sandbox: Sandbox) -> Sandbox:
    return module_sandbox


@pytest.mark.parametrize("kind", KINDS)
async def test_the_honest_program_is_the_control(sandbox, kind):
    honest = HONEST if kind != "errors" else "def f(x):\n    raise LookupError\n"
    report = await judge(sandbox, KINDS[kind], honest, "solution.py")
    if kind == "errors":
        assert report.score == 0.5
    else:
        assert report.passed is True, report.findings
        assert all(result.tamper_proof for result in report.results)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("kind", KINDS)
async def test_sbx_01_no_attack_passes(sandbox, kind, attack):
    report = await judge(sandbox, KINDS[kind], ATTACKS[attack], "solution.py")
    assert report.passed is not True
    assert report.score < 1
    assert len(report.findings) == 1


async def test_sbx_01_no_attack_is_proved(sandbox):
    for judged in KINDS.values():
        texts = [*ATTACKS.values(), HONEST]
        proved = await proving.prove(judged, texts, "solution.py", sandbox)
        assert proved[:-1] == [False] * len(ATTACKS)


CLASS_TESTS = "from solution import Box\n\ndef test_box():\n    assert Box(9).value == 9\n"
CLASS_FORGERIES = [
    "class Box:\n    def __init__(self, value):\n        self.value = type('Y', (), {'__eq__': lambda s, o: True})()\n",
    ATTACKS["patches what it can reach"] + "class Box:\n    pass\n",
    ATTACKS["writes to every descriptor"] + "class Box:\n    pass\n",
    ATTACKS["leaves hard with status 0"] + "class Box:\n    pass\n",
]


@pytest.mark.parametrize("text", CLASS_FORGERIES)
async def test_what_runs_together_with_its_tests_is_never_called_tamper_proof(sandbox, text):
    judged = contract(Tests("tests/test_box.py"), files={"tests/test_box.py": CLASS_TESTS})
    report = await judge(sandbox, judged, text, "solution.py")
    assert not (report.passed and report.results[0].tamper_proof)


async def test_leaving_early_does_not_pass_tests_of_classes(sandbox):
    judged = contract(Tests("tests/test_box.py"), files={"tests/test_box.py": CLASS_TESTS})
    report = await judge(sandbox, judged, "import os\nos._exit(0)\nclass Box:\n    pass\n", "solution.py")
    assert report.passed is False
