"""Where keys are found, and that they enable nothing."""

import sys
import threading
import types

import pytest

from milepost.providers import keys
from milepost.settings import loading
from milepost.wiring import models

OPENAI, OWN = "https://api.openai.com/v1", "https://models.example.com/v1"


@pytest.fixture(autouse=True)
def keyring(monkeypatch):
    """Give a keyring that holds one key for one host."""
    stored = types.ModuleType("keyring")
    stored.get_password = lambda service, name: (
        "from-keyring" if (service, name) == ("milepost", "kept.example") else None
    )
    monkeypatch.setitem(sys.modules, "keyring", stored)


def test_the_environment_comes_before_the_file_and_that_before_the_keyring(tmp_path):
    (tmp_path / ".env").write_text("# mine\nexport MILEPOST_MODEL_KEY='from-file'\nbroken line\n")
    assert keys.find(OWN, {"MILEPOST_MODEL_KEY": "from-environment"}, tmp_path) == "from-environment"
    assert keys.find(OWN, {}, tmp_path) == "from-file"
    assert keys.find("https://kept.example/v1", {}, tmp_path / "none") == "from-keyring"
    assert not keys.find(OWN, {}, tmp_path / "none")


@pytest.mark.parametrize("url", [OWN, "https://api.openai.com.evil.example/v1", "http://localhost:11434/v1"])
def test_a_vendors_key_goes_to_no_other_host(tmp_path, url):
    environment = {"OPENAI_API_KEY": "theirs", "AZURE_OPENAI_API_KEY": "theirs"}
    assert keys.find(OPENAI, environment, tmp_path) == "theirs"
    assert keys.find("https://me.openai.azure.com/openai/v1", environment, tmp_path) == "theirs"
    assert not keys.find(url, environment, tmp_path)


def test_a_keyring_that_does_not_work_stops_nothing(tmp_path, monkeypatch):
    def fail(*_names):
        raise RuntimeError("no secret service")

    monkeypatch.setattr(sys.modules["keyring"], "get_password", fail)
    assert not keys.find(OWN, {}, tmp_path)


def test_a_keyring_that_waits_for_its_user_is_not_waited_for(tmp_path, monkeypatch):
    locked = threading.Event()
    monkeypatch.setattr(keys, "KEYRING_SECONDS", 0.05)
    monkeypatch.setattr(sys.modules["keyring"], "get_password", lambda *_names: locked.wait())
    assert not keys.find(OWN, {}, tmp_path)
    locked.set()


@pytest.mark.parametrize("more", [{}, {"MILEPOST_MODEL": "gpt"}, {"MILEPOST_MODEL_URL": OPENAI}])
def test_a_key_alone_enables_nothing(tmp_path, more):
    environment = {"OPENAI_API_KEY": "theirs", "MILEPOST_MODEL_KEY": "mine", "MILEPOST_DATA_DIR": str(tmp_path)}
    settings = loading.load({**environment, **more}, file=tmp_path / "none")
    assert not settings.uses_model
    assert models.open_models(settings) is None


def test_no_key_is_a_setting(tmp_path):
    """A settings file that holds one is refused, and so is one of an editor."""
    file = tmp_path / "settings.toml"
    file.write_text('modelKey = "mine"\n')
    with pytest.raises(loading.SettingsError):
        loading.load({}, file=file)
    editor = {"modelUrl": OWN, "model": "theirs", "modelKey": "x"}
    assert not loading.load({}, editor, file=tmp_path / "none").uses_model
