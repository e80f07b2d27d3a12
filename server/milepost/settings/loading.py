"""Environment, settings file and editor options become one frozen set of settings."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from milepost.settings.options import OPTIONS, Kind, Option

# The first of these that is set decides, as for other programs.
_LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")
_SPANISH = re.compile(r"es(?![a-z])", re.IGNORECASE)


class SettingsError(ValueError):
    """A setting has a value that it cannot have; the message names the setting and where it came from."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, resolved; `data_dir` is absolute, `repair_seconds` in seconds, empty text means "not set"."""

    language: str
    interpreter: str
    repair_seconds: float
    code_lens: bool
    unprotected: bool
    data_dir: Path
    database_url: str
    model_url: str
    model: str
    embedding_model: str
    model_seconds: float
    model_concurrency: float
    model_tokens_per_day: float
    model_tokens_per_month: float
    model_review_tokens: float
    model_may_see: str
    broker_url: str
    archive_url: str
    log_level: str

    @property
    def uses_model(self) -> bool:
        """Tell whether the user chose an endpoint and a model; a key enables nothing."""
        return bool(self.model_url and self.model)

    @property
    def archive(self) -> Path | str:
        """Return where the event archive lies: a folder, or a URI, which may hold credentials."""
        return self.archive_url if "://" in self.archive_url else Path(self.archive_url or self.data_dir).expanduser()

    @property
    def database_dir(self) -> Path:
        """Return the folder of the embedded PostgreSQL."""
        return self.data_dir / "postgresql"


def load(
    environment: Mapping[str, str] | None = None, editor: Mapping[str, Any] | None = None, file: Path | None = None
) -> Settings:
    """Resolve the settings: editor options win over the environment, that over the settings file.

    Raises SettingsError for an impossible value in environment or file; an editor's impossible value is passed over.
    """
    environment = os.environ if environment is None else environment
    written = _read(file or _settings_file())
    values = {_attribute(option): _resolve(option, environment, editor or {}, written) for option in OPTIONS}
    values["data_dir"] = Path(values["data_dir"] or _platform_data_dir()).expanduser().absolute()
    return Settings(**values)


def load_for_terminal(environment: Mapping[str, str] | None = None, file: Path | None = None) -> Settings:
    """Resolve the settings of a command; where none says a language, the terminal's locale does."""
    environment = os.environ if environment is None else environment
    settings = load(environment, file=file)
    locale = next((found for name in _LOCALES if (found := environment.get(name))), "")
    return settings if settings.language else replace(settings, language="es" if _SPANISH.match(locale) else "en")


def _attribute(option: Option) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in option.name)


def _resolve(option: Option, environment: Mapping[str, str], editor: Mapping[str, Any], written: dict[str, Any]) -> Any:
    if option.editor and option.name in editor:
        try:
            return _parse(option, editor[option.name], "the editor")
        except SettingsError:
            # An editor shows its own complaint about a value; the server stays up with the next best one.
            pass
    if environment.get(option.variable):
        return _parse(option, environment[option.variable], option.variable)
    if option.name in written:
        return _parse(option, written[option.name], "the settings file")
    return option.default


def _parse(option: Option, value: Any, origin: str) -> Any:
    parsed = _number(value, option.below) if option.kind is Kind.NUMBER else _PARSERS[option.kind](value)
    if parsed is None or (option.choices and parsed not in option.choices):
        expected = " | ".join(repr(choice) for choice in option.choices) or option.kind.value
        raise SettingsError(f"{option.name} ({origin}): {str(value)[:80]!r} is not {expected}")
    return parsed


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Any, below: float) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    # Neither is NaN below anything.
    return number if 0 <= number < below else None


def _switch(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    return words.get(str(value).lower())


_PARSERS = {Kind.TEXT: _text, Kind.SWITCH: _switch}


def _read(file: Path) -> dict[str, Any]:
    try:
        written = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file}: {error}") from error
    unknown = set(written) - {option.name for option in OPTIONS}
    if unknown:
        raise SettingsError(f"{file}: unknown setting {', '.join(sorted(unknown))}")
    return written


def settings_folder() -> Path:
    """Return the user's folder of settings, where `.env` may hold a key."""
    # platformdirs is light, but only the paths that need it pay for its import.
    import platformdirs  # noqa: PLC0415

    return Path(platformdirs.user_config_dir("milepost", appauthor=False))


def _settings_file() -> Path:
    return settings_folder() / "settings.toml"


def _platform_data_dir() -> str:
    import platformdirs  # noqa: PLC0415

    return platformdirs.user_data_dir("milepost", appauthor=False)


assert {_attribute(option) for option in OPTIONS} == {field.name for field in fields(Settings)}
