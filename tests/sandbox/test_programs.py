"""Whole programs and commands: streams, exit codes, failures."""

import shutil

import pytest

from milepost.sandbox.runs import CommandRun, ProgramRun, Status

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def run(sandbox, source, **options):
    return await sandbox.program(ProgramRun(source, "task.py", **options))


async def test_a_program_reads_and_prints(module_sandbox):
    found = await run(module_sandbox, "a, b = int(input()), int(input('b? '))\nprint(a + b)\n", stdin="3\n4\n")
    assert (found.status, found.exit_code, found.output, found.errors) == (Status.EXITED, 0, "b? 7\n", "")


async def test_a_program_is_the_main_module(module_sandbox):
    source = "import sys\nif __name__ == '__main__':\n    print(__file__, sys.argv, sys.modules['__main__'].__file__)\n"
    found = await run(module_sandbox, source, arguments=("x",))
    assert found.output == "task.py ['task.py', 'x'] task.py\n"


@pytest.mark.parametrize(
    ("end", "code", "errors"),
    [
        ("sys.exit()", 0, ""),
        ("sys.exit(3)", 3, ""),
        ("sys.exit('no')", 1, "no\n"),
        ("os._exit(4)", 4, ""),
        ("exit(5)", 5, ""),
    ],
)
async def test_exit_codes_are_those_of_python(module_sandbox, end, code, errors):
    found = await run(module_sandbox, f"import os, sys\nprint('on', flush=True)\n{end}\nprint('off')\n")
    assert (found.status, found.exit_code, found.output, found.errors) == (Status.EXITED, code, "on\n", errors)


async def test_an_uncaught_exception_is_printed_and_told(module_sandbox):
    found = await run(module_sandbox, "def f():\n    return 1 / 0\nprint('on')\nf()\n")
    assert (found.status, found.exit_code, found.error_type, found.error_lines) == (
        Status.RAISED, 1, "ZeroDivisionError", (3, 1),
    )  # fmt: skip
    assert found.output == "on\n"
    assert found.errors.startswith('Traceback (most recent call last):\n  File "task.py", line 4')
    assert "worker" not in found.errors


async def test_a_syntax_error_is_told(module_sandbox):
    found = await run(module_sandbox, "print('on')\nx = (\n")
    assert (found.status, found.output, found.error_lines) == (Status.SYNTAX, "", (1,))
    assert "SyntaxError" in found.errors


async def test_input_that_ends_too_early_raises(module_sandbox):
    assert (await run(module_sandbox, "input()\ninput()\n", stdin="one\n")).error_type == "EOFError"


async def test_a_reader_that_does_not_read_is_no_failure(module_sandbox):
    assert (await run(module_sandbox, "print(1)", stdin="x" * 1_000_000)).output == "1\n"


async def test_much_input_arrives_whole(module_sandbox):
    found = await run(module_sandbox, "import sys\nprint(len(sys.stdin.read()))", stdin="é\n" * 300_000, timeout=20)
    assert found.output == "600000\n"


async def test_what_runs_at_exit_and_threads_still_run(module_sandbox):
    source = (
        "import atexit, threading, time\natexit.register(print, 'bye')\n"
        "threading.Thread(target=lambda: (time.sleep(0.05), print('thread'))).start()\nprint('main')\n"
    )
    assert (await run(module_sandbox, source)).output == "main\nthread\nbye\n"


async def test_what_children_print_is_output_too(module_sandbox):
    source = "import subprocess, sys\nsubprocess.run(['echo', 'child'])\nprint('on')\n"
    assert (await run(module_sandbox, source)).output == "child\non\n"


async def test_output_that_is_no_text_is_replaced(module_sandbox):
    found = await run(module_sandbox, "import os\nos.write(1, b'\\xff\\n')\nos.write(2, b'\\0\\xfe')\n")
    assert (found.output, found.errors) == ("\ufffd\n", "\0\ufffd")


async def test_a_signal_is_told(module_sandbox):
    found = await run(module_sandbox, "import os\nos.kill(os.getpid(), 11)\n")
    assert (found.status, found.exit_code) == (Status.DIED, None)


async def test_the_lines_of_a_program_are_told(module_sandbox):
    found = await run(module_sandbox, "x = 1\nif x > 2:\n    x = 3\nprint(x)\n", trace=True)
    assert found.lines == {0, 1, 3}


async def test_other_files_stand_beside_the_program(module_sandbox):
    files = {"shapes.py": "SIDES = 3\n", "data/a.txt": "text"}
    found = await run(module_sandbox, "import shapes\nprint(shapes.SIDES, open('data/a.txt').read())", files=files)
    assert found.output == "3 text\n"


async def test_a_command_gets_its_input_files_and_environment(module_sandbox):
    found = await module_sandbox.command(
        CommandRun(
            shell="cat; cat words.txt; echo $WORD; pwd; echo bad >&2; exit 3",
            stdin="in\n",
            files={"sub/words.txt": b"file\n"},
            folder="sub",
            environment={"WORD": "set"},
        )
    )
    assert (found.status, found.exit_code, found.errors) == (Status.EXITED, 3, "bad\n")
    assert found.output == "in\nfile\nset\n/box/sub\n"


async def test_a_command_that_is_not_there_says_so(module_sandbox):
    found = await module_sandbox.command(CommandRun(argv=("no-such-program",)))
    assert (found.status, found.exit_code) == (Status.EXITED, 127)
    assert "No such file" in found.error_message


async def test_no_command_at_all_is_refused(module_sandbox):
    with pytest.raises(ValueError, match="no command"):
        await module_sandbox.command(CommandRun())


@pytest.mark.skipif(shutil.which("node") is None, reason="no node here")
async def test_node_runs_its_tests(module_sandbox):
    files = {
        "sum.js": "exports.sum = (a, b) => a + b;\n",
        "sum.test.js": "const {sum} = require('./sum');\nrequire('node:test')('adds', () => "
        "require('node:assert').equal(sum(1, 2), 3));\n",
    }
    found = await module_sandbox.command(CommandRun(shell="node --test", files=files, timeout=60.0))
    assert found.exit_code == 0, found


@pytest.mark.skipif(shutil.which("gcc") is None, reason="no compiler here")
async def test_a_c_program_is_compiled_and_run(module_sandbox):
    files = {
        "main.c": '#include <stdio.h>\nint main(void) { int n; scanf("%d", &n); printf("%d\\n", n * 2); return 0; }\n'
    }
    found = await module_sandbox.command(
        CommandRun(shell="gcc -o main main.c && ./main", stdin="21", files=files, timeout=60)
    )
    assert (found.exit_code, found.output) == (0, "42\n"), found


@pytest.mark.skipif(shutil.which("javac") is None, reason="no Java here")
async def test_a_java_program_is_compiled_and_run(module_sandbox):
    code = "public class Main { public static void main(String[] a) { System.out.println(42); } }"
    run = CommandRun(shell="javac Main.java && java Main", files={"Main.java": code}, timeout=120)
    assert (await module_sandbox.command(run)).output == "42\n"
