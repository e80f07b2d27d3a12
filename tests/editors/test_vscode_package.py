"""What the extension's files say, without an editor."""

import importlib.util
import json
import re

from tests.editors.conftest import ROOT

EXTENSION = ROOT / "clients/vscode"


def read(name: str) -> dict:
    return json.loads((EXTENSION / name).read_text("utf-8"))


def test_settings_are_those_of_the_server():
    """`python clients/vscode/generate_settings.py` writes them."""
    spec = importlib.util.spec_from_file_location("generate_settings", EXTENSION / "generate_settings.py")
    generating = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generating)
    for path, content in generating.files().items():
        assert path.read_text("utf-8") == content, path.name


def test_every_text_of_the_manifest_is_there_in_both_languages():
    used = set(re.findall(r'"%([^%"]+)%"', (EXTENSION / "package.json").read_text("utf-8")))
    assert used == set(read("package.nls.json")) == set(read("package.nls.es.json"))


def test_every_message_of_the_source_has_a_translation():
    source = "\n".join(path.read_text("utf-8") for path in (EXTENSION / "src").glob("*.ts"))
    said = {json.loads(f'"{text}"') for text in re.findall(r'l10n\.t\(\s*"((?:[^"\\]|\\.)*)"', source)}
    assert said
    assert said == set(read("l10n/bundle.l10n.es.json"))


def test_commands_in_menus_exist():
    contributes = read("package.json")["contributes"]
    declared = {command["command"] for command in contributes["commands"]}
    for entries in contributes["menus"].values():
        assert {entry["command"] for entry in entries} <= declared


def test_the_lock_file_holds_no_addresses():
    lock = (EXTENSION / "package-lock.json").read_text("utf-8")
    assert '"integrity"' in lock
    assert '"resolved"' not in lock


def test_versions_agree():
    from milepost import __version__

    assert read("package.json")["version"] == __version__
