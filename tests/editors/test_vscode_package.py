"""What the extension's files say, without an editor."""

import importlib.util
import json
import re

from tests.editors.conftest import ROOT

EXTENSION = ROOT / "clients/vscode"
STRING = r"""(?:"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`)"""


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


def test_translations_have_the_same_places_to_fill_in():
    for text, translated in read("l10n/bundle.l10n.es.json").items():
        assert set(re.findall(r"{\d}|\$\(\S+\)", text)) == set(re.findall(r"{\d}|\$\(\S+\)", translated)), text


def untranslated(source: str) -> list[str]:
    """Return the strings of TypeScript that read like words for a user, outside `l10n.t` and comments."""
    source = re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", source, flags=re.DOTALL)
    source = re.sub(r"\$\{[^{}]*\}", "", source)
    source = re.sub(r"(log\.\w+|l10n\.t|RegExp)\(\s*" + STRING, "", source)
    strings = [next(filter(None, found), "") for found in re.findall(STRING, source)]
    shown = re.findall(
        r"(?:label|title|placeHolder|prompt|detail|description|tooltip|openLabel|name):\s*" + STRING, source
    )
    shown += re.findall(r"show(?:Information|Warning|Error)Message(?:<\w+>)?\(\s*" + STRING, source)
    worded = [text for text in strings if re.search(r"[A-Za-z]{2,}[.,:;]? [A-Za-z]{2,}", text)]
    return worded + ["".join(found) for found in shown]


def test_the_check_for_untranslated_words_sees_them():
    source = (
        'const a = "Two words"; // "not this"\nshowErrorMessage("Oh"); f({ title: `Name` }, l10n.t("Not this one"));'
    )
    assert untranslated(source) == ["Two words", "Name", "Oh"]


def test_no_word_for_a_user_is_outside_of_the_translations():
    """What stays the same in every language is named here."""
    same = {"Milepost", "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))"}
    for path in sorted((EXTENSION / "src").glob("*.ts")):
        assert set(untranslated(path.read_text("utf-8"))) <= same, path.name


def test_walkthrough_pages_exist_in_both_languages():
    for name in ("package.nls.json", "package.nls.es.json"):
        pages = [page for key, page in read(name).items() if key.startswith("walkthrough.") and key.endswith(".page")]
        assert len(pages) == 3
        assert all((EXTENSION / page).is_file() for page in pages)


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
