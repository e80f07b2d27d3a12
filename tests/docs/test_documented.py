"""Every setting and every command is documented."""

import argparse
from pathlib import Path

from milepost.cli import main
from milepost.settings import page

ROOT = Path(__file__).parents[2]


def test_the_settings_page_is_the_generated_one():
    """`make docs` writes it."""
    assert (ROOT / "docs/settings.md").read_text("utf-8") == page.page()


def commands(parser: argparse.ArgumentParser, before: str = "milepost") -> list[str]:
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        return [before]
    return [name for word, below in groups[0].choices.items() for name in commands(below, f"{before} {word}")]


def test_every_command_is_documented():
    documented = (ROOT / "docs/commands.md").read_text("utf-8")
    missing = [name for name in commands(main.parser()) if f"`{name}" not in documented]
    assert len(commands(main.parser())) > 10
    assert not missing


def test_every_make_target_is_in_the_help():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in ("demo", "test", "lint", "format", "bench", "docs", "clean"):
        assert f"\n{target}: " in makefile
        assert any(line.startswith(f"{target}:") and " ## " in line for line in makefile.splitlines())
