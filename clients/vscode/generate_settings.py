# ruff: noqa: INP001 A script beside the files that it writes.
"""Write the settings into package.json and its translations, from the server's table of settings.

Run with the project's Python: `python clients/vscode/generate_settings.py`.
"""

import json
from pathlib import Path
from typing import Any

from milepost.domain.text import Localized
from milepost.settings.options import OPTIONS, Kind

HERE = Path(__file__).parent
LANGUAGES = ("en", "es")

# What only the client needs to know: how to start the server. A workspace cannot set it.
OWN: dict[str, tuple[dict[str, Any], Localized]] = {
    "command": (
        {"type": "array", "items": {"type": "string"}, "default": [], "scope": "machine"},
        Localized(
            "Command that starts the server, for example `/home/me/.local/bin/milepost`; empty to look for it.",
            "Orden que inicia el servidor, por ejemplo `/home/me/.local/bin/milepost`; vacía para buscarlo.",
        ),
    ),
    "package": (
        {"type": "string", "default": "", "scope": "machine"},
        Localized(
            "What pip installs when the server is to be installed: a name, a wheel, a folder; empty for the one in the extension.",
            "Lo que instala pip como servidor: un nombre, un wheel o una carpeta; vacío para el de la extensión.",
        ),
    ),
    "trace.server": (
        {"type": "string", "enum": ["off", "messages", "verbose"], "default": "off", "scope": "window"},
        Localized("Messages with the server that are logged.", "Mensajes con el servidor que se registran."),
    ),
}


def settings() -> dict[str, Any]:
    """Return the properties of contributes.configuration."""
    properties: dict[str, Any] = {}
    for option in OPTIONS:
        if option.editor:
            properties[f"milepost.{option.name}"] = {
                "type": option.kind.value,
                **({"enum": list(option.choices)} if option.choices else {}),
                **({"minimum": 0} if option.kind is Kind.NUMBER else {}),
                "default": option.default,
                "scope": "window",
            }
    properties |= {f"milepost.{name}": dict(schema) for name, (schema, _) in OWN.items()}
    for name, schema in properties.items():
        schema["markdownDescription"] = f"%setting.{name.removeprefix('milepost.')}%"
    return properties


def descriptions(language: str) -> dict[str, str]:
    """Return the texts of the settings in a language."""
    texts = {option.name: option.description for option in OPTIONS if option.editor}
    texts |= {name: text for name, (_, text) in OWN.items()}
    return {f"setting.{name}": text.pick(language) for name, text in texts.items()}


def files() -> dict[Path, str]:
    """Return what the files have to hold, by path."""
    package = json.loads((HERE / "package.json").read_text("utf-8"))
    package["contributes"]["configuration"]["properties"] = settings()
    found = {HERE / "package.json": package}
    for language in LANGUAGES:
        path = HERE / ("package.nls.json" if language == "en" else f"package.nls.{language}.json")
        texts = json.loads(path.read_text("utf-8"))
        kept = {key: text for key, text in texts.items() if not key.startswith("setting.")}
        found[path] = kept | descriptions(language)
    return {path: json.dumps(content, ensure_ascii=False, indent=2) + "\n" for path, content in found.items()}


if __name__ == "__main__":
    for file, content in files().items():
        file.write_text(content, "utf-8")
