from pathlib import Path

import pytest

from milepost.settings import loading
from milepost.settings.options import OPTIONS


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def test_defaults_need_no_environment_and_no_file(file):
    settings = loading.load({}, file=file)
    assert settings.repair_seconds == 2.0
    assert settings.data_dir.is_absolute()
    assert settings.unprotected is False


def test_editor_wins_over_environment_and_that_over_the_file(file):
    file.write_text('language = "es"\nrepairSeconds = 5\ncodeLens = false\n')
    environment = {"MILEPOST_REPAIR_SECONDS": "3", "MILEPOST_CODE_LENS": "yes"}
    settings = loading.load(environment, {"codeLens": False}, file)
    assert (settings.language, settings.repair_seconds, settings.code_lens) == ("es", 3.0, False)


def test_an_editor_cannot_name_databases_or_folders(file):
    """Editor options may come from a workspace's own files, which are hostile."""
    editor = {"databaseUrl": "postgresql://elsewhere/x", "dataDir": "/elsewhere", "unprotected": True}
    assert loading.load({}, editor, file) == loading.load({}, file=file)


@pytest.mark.parametrize("value", ["soon", "-1", "nan", "1e308", "5; id"])
def test_an_impossible_number_in_the_environment_is_named(file, value):
    with pytest.raises(loading.SettingsError, match=r"repairSeconds .MILEPOST_REPAIR_SECONDS."):
        loading.load({"MILEPOST_REPAIR_SECONDS": value}, file=file)


def test_an_impossible_value_of_the_editor_is_passed_over(file):
    assert loading.load({}, {"repairSeconds": "soon", "language": "fr"}, file).repair_seconds == 2.0


def test_an_unknown_setting_in_the_file_is_named(file):
    file.write_text("repairSecond = 1\n")
    with pytest.raises(loading.SettingsError, match="repairSecond"):
        loading.load({}, file=file)


def test_a_broken_file_is_named(file):
    file.write_text("language = \n")
    with pytest.raises(loading.SettingsError, match=r"settings\.toml"):
        loading.load({}, file=file)


def test_every_setting_has_its_own_name_and_variable():
    assert len({option.name for option in OPTIONS}) == len(OPTIONS) == len({option.variable for option in OPTIONS})


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "es_ES.UTF-8"}, "es"),
        ({"LANG": "es"}, "es"),
        ({"LANG": "es_MX.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "es_AR"}, "es"),
        ({"LANG": "est_EE"}, "en"),
        ({"LANG": "es_ES.UTF-8", "MILEPOST_LANGUAGE": "en"}, "en"),
        ({"LANG": "fr_FR.UTF-8", "MILEPOST_LANGUAGE": "es"}, "es"),
    ],
)
def test_a_command_speaks_the_language_of_its_terminal(file, environment, language):
    assert loading.load_for_terminal(environment, file).language == language
