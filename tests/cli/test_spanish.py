"""The help of the commands is there in Spanish as well."""

import argparse
import os
import subprocess
import sys

import pytest

from milepost.cli import main, spanish


def texts(parser):
    """Yield every help text of a parser and of those below it that argparse did not write."""
    yield parser.description
    for action in parser._actions:
        yield action.help
        if isinstance(action, argparse._SubParsersAction):
            yield from (listed.help for listed in action._choices_actions)
            for below in action.choices.values():
                yield from texts(below)


def test_the_language_does_not_stay(monkeypatch, capsys):
    monkeypatch.setenv("MILEPOST_LANGUAGE", "es")
    with pytest.raises(SystemExit):
        main.main(["chek"])
    assert "no existe" in capsys.readouterr().err
    assert "show this help message and exit" in main.parser().format_help()


def test_every_help_text_is_there_in_spanish_and_none_that_is_not_used():
    used = {text for text in texts(main.parser()) if text} - spanish._OF_ARGPARSE.keys()
    assert used <= spanish.HELP.keys()
    # Courses have a list and a help of their own.
    assert spanish.HELP.keys() - used == {"List every course.", "Work with a course."}


def milepost(*words, **variables):
    environment = {name: value for name, value in os.environ.items() if name not in {"LC_ALL", "LANG"}} | variables
    command = [sys.executable, "-m", "milepost", *words]
    return subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=60)


def test_help_and_usage_errors_follow_the_language():
    said = milepost("goal", "--help", LC_ALL="es_MX.UTF-8").stdout
    assert "uso: milepost goal" in said
    assert "Muestra un objetivo." in said
    assert "muestra esta ayuda y termina" in said
    assert "show" not in said.replace("    show ", "")
    refused = milepost("check", MILEPOST_LANGUAGE="es")
    assert (refused.returncode, "faltan estos argumentos: PATH" in refused.stderr) == (2, True)
    refused = milepost("chek", MILEPOST_LANGUAGE="es")
    assert "'chek' no existe (elige entre" in refused.stderr
    assert "usage: milepost goal" in milepost("goal", "--help", LC_ALL="de_DE.UTF-8").stdout


def test_an_impossible_setting_does_not_hide_the_help():
    assert "usage: milepost" in milepost("--help", MILEPOST_LANGUAGE="xx").stdout
