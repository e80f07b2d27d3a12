"""The criterion of dialogues, in Python and in every language whose tools are there."""

import shutil

import pytest

from milepost.checks import proving, toolchains
from milepost.domain.criteria import Dialogue, Reveal, Stdio
from tests.checks.programs import contract, judge, only, revealing

pytestmark = pytest.mark.asyncio(loop_scope="module")
ADDING = Stdio((Dialogue("3\n4\n", "7\n"), Dialogue("10\n-2\n", "8\n")))
ADD = "a = int(input())\nb = int(input())\nprint(a + b)\n"
OTHERS = {
    "javascript": (
        "add.js",
        r"""const [a, b] = require('fs').readFileSync(0, 'utf8').split('\n').map(Number);
console.log(a + b);
""",
    ),
    "java": (
        "Add.java",
        r"""import java.util.Scanner;
public class Add {
  public static void main(String[] args) {
    Scanner in = new Scanner(System.in);
    System.out.println(in.nextInt() + in.nextInt());
  }
}
""",
    ),
    "go": (
        "add.go",
        r"""package main
import "fmt"
func main() {
	var a, b int
	fmt.Scan(&a, &b)
	fmt.Println(a + b)
}
""",
    ),
    "rust": (
        "add.rs",
        r"""use std::io::{self, Read};
fn main() {
    let mut s = String::new();
    io::stdin().read_to_string(&mut s).unwrap();
    let sum: i32 = s.split_whitespace().map(|x| x.parse::<i32>().unwrap()).sum();
    println!("{}", sum + 0);
}
""",
    ),
    "c": (
        "add.c",
        r"""#include <stdio.h>
int main(void) {
  int a, b;
  scanf("%d %d", &a, &b);
  printf("%d\n", a + b);
  return 0;
}
""",
    ),
    "cpp": (
        "add.cpp",
        r"""#include <iostream>
int main() {
  int a, b;
  std::cin >> a >> b;
  std::cout << a + b << std::endl;
}
""",
    ),
}


@pytest.fixture
def sandbox(module_sandbox):
    return module_sandbox


@pytest.mark.parametrize("end", ["", "print()\n", "print('', end='\\n\\n')\n"])
async def test_white_space_at_the_end_does_not_matter(sandbox, end):
    assert (await judge(sandbox, contract(ADDING), ADD + end)).passed is True


async def test_partial_credit_and_one_finding(sandbox):
    text = "a = int(input())\nb = int(input())\nif b < 0:\n    b = -b\nprint(a + b)\n"
    report = await judge(sandbox, contract(ADDING), text)
    assert report.score == 0.5
    (finding,) = report.findings
    assert finding.message == ('With input "10\\n-2\\n" the program printed "12", expected "8". (1 of 2 runs fails)')
    assert finding.range.start.line == 2
    assert "| input | expected | got |" in finding.explanation


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("print(int(input()) + int(input()) + int(input()))\n", "it reads more input than there is", 0),
        ("a = 1\nprint(a / 0)\n", "stopped with ZeroDivisionError: division by zero", 1),
        ("import time\n\nwhile True:\n    pass\n", "did not end within 0.5 s; a loop probably never ends", 2),
        ("pass\n", 'printed nothing, expected "7"', 0),
        ("print('sum'); print(7)\n", 'line 1 of the output is "sum", expected "7"', 0),
        ("while True:\n    print('x' * 9999)\n", "With input", 0),
        ("import os\nos.kill(os.getpid(), 9)\n", "broke down without a result", 0),
        ("import sys; sys.exit('no')\n", "printed nothing", 0),
    ],
)
async def test_every_way_to_fail(sandbox, text, said, line):
    judged = contract(Stdio((Dialogue("3\n4\n", "7\n", timeout=0.5),)))
    finding = await only(sandbox, judged, text)
    assert said in finding.message
    assert finding.range.start.line == line


async def test_leaving_with_a_status_after_the_right_output_passes(sandbox):
    assert (await judge(sandbox, contract(ADDING), ADD + "import sys\nsys.exit()\n")).passed is True


async def test_a_preamble_keeps_the_lines_of_the_file(sandbox):
    judged = contract(ADDING, preamble="def read():\n    return int(input())\n")
    assert (await judge(sandbox, judged, '"""Adds."""\nprint(read() + read())\n')).passed is True
    finding = await only(sandbox, judged, "a = read()\nb = read()\nprint(a + c)\n")
    assert finding.range.start.line == 2


async def test_spanish_and_location(sandbox):
    finding = await only(sandbox, contract(ADDING), "print(7)\n", language="es")
    assert finding.message == (
        'Con la entrada "10\\n-2\\n" el programa imprimió "7", se esperaba "8". (falla 1 de 2 ejecuciones)'
    )
    hidden = await only(sandbox, revealing(contract(ADDING), Reveal.LOCATION), "print(7)\n")
    assert "10" not in hidden.message + hidden.explanation


@pytest.mark.parametrize("language", OTHERS)
async def test_other_languages(sandbox, language):
    name, text = OTHERS[language]
    report = await judge(sandbox, contract(ADDING, language=language), text, name)
    if not (shutil.which(toolchains.TOOLCHAINS[language].tool) or "").startswith("/usr/bin/"):
        # A tool outside of the system's folders may still need more than a box shows of it.
        assert report.passed is True or "is not installed here" in report.results[0].message
        return
    assert report.passed is True, report.findings
    wrong = await judge(sandbox, contract(ADDING, language=language), text.replace("+", "-"), name)
    assert wrong.passed is False
    assert wrong.findings


@pytest.mark.skipif(shutil.which("gcc") is None, reason="no C compiler here")
async def test_a_program_that_does_not_compile_has_a_place(sandbox):
    text = OTHERS["c"][1].replace("a + b)", "a + nothing)")
    finding = await only(sandbox, contract(ADDING, language="c"), text, "add.c")
    assert "does not compile" in finding.message
    assert finding.range.start.line == 4


@pytest.mark.skipif(shutil.which("node") is None, reason="no Node here")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("while (true) {}\n", "did not end within 0.5 s"),
        ("throw new Error('no');\n", "stopped with Error: no"),
        ("for (;;) console.log('x'.repeat(9999));\n", "With input"),
    ],
)
async def test_hostile_programs_of_other_languages(sandbox, text, said):
    judged = contract(Stdio((Dialogue("3\n4\n", "7\n", timeout=0.5),)), language="javascript")
    finding = await only(sandbox, judged, text, "a.js")
    assert said in finding.message


async def test_an_unknown_language_is_not_assessed(sandbox):
    report = await judge(sandbox, contract(ADDING, language="cobol"), "DISPLAY 7.\n", "a.cob")
    assert report.passed is None


async def test_dialogues_are_proved(sandbox):
    proved = await proving.prove(contract(ADDING), [ADD, "print(7)\n", "print('\n"], "add.py", sandbox)
    assert proved == [True, False, False]
