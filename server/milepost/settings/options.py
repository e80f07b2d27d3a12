"""The one table of settings: what they are called, where they may come from, what they mean."""

from dataclasses import dataclass
from enum import StrEnum

from milepost.domain.text import Localized


class Kind(StrEnum):
    """The type of a setting's value."""

    TEXT = "string"
    NUMBER = "number"
    SWITCH = "boolean"


@dataclass(frozen=True, slots=True)
class Option:
    """One setting: `name` in the settings file and under "milepost." in an editor, `variable` in the environment.

    `editor` says whether an editor may set it; endpoints, databases and folders never come from a workspace.
    """

    name: str
    variable: str
    kind: Kind
    default: str | float | bool
    description: Localized
    editor: bool = False
    choices: tuple[str, ...] = ()


OPTIONS = (
    Option(
        "language",
        "MILEPOST_LANGUAGE",
        Kind.TEXT,
        "",
        Localized(
            "Language of messages: `en`, `es`, or empty for the editor's own.",
            "Idioma de los mensajes: `en`, `es` o vacío para el del editor.",
        ),
        editor=True,
        choices=("", "en", "es"),
    ),
    Option(
        "interpreter",
        "MILEPOST_INTERPRETER",
        Kind.TEXT,
        "",
        Localized(
            "Python interpreter that runs learner programs; empty for the folder's `.venv` or Milepost's own. "
            "Used only in a trusted folder.",
            "Intérprete de Python que ejecuta los programas; vacío para el `.venv` de la carpeta o el de Milepost. "
            "Solo se usa en una carpeta de confianza.",
        ),
        editor=True,
    ),
    Option(
        "repairSeconds",
        "MILEPOST_REPAIR_SECONDS",
        Kind.NUMBER,
        2.0,
        Localized(
            "How many seconds the search for fixes may take after a save; 0 turns it off.",
            "Cuántos segundos puede durar la búsqueda de arreglos tras guardar; 0 la desactiva.",
        ),
        editor=True,
    ),
    Option(
        "codeLens",
        "MILEPOST_CODE_LENS",
        Kind.SWITCH,
        default=True,
        description=Localized(
            "Show the task's progress above its file.", "Mostrar el progreso de la tarea encima de su archivo."
        ),
        editor=True,
    ),
    Option(
        "unprotected",
        "MILEPOST_UNPROTECTED",
        Kind.SWITCH,
        default=False,
        description=Localized(
            "Run programs with limits but without a boundary where no sandbox works. Only for your own code.",
            "Ejecutar programas con límites pero sin aislamiento donde no hay sandbox. Solo para tu propio código.",
        ),
    ),
    Option(
        "dataDir",
        "MILEPOST_DATA_DIR",
        Kind.TEXT,
        "",
        Localized(
            "Folder of the embedded database and the event archive; empty for the platform's own.",
            "Carpeta de la base de datos y del archivo de eventos; vacío para la de la plataforma.",
        ),
    ),
    Option(
        "archiveUrl",
        "MILEPOST_ARCHIVE_URL",
        Kind.TEXT,
        "",
        Localized(
            "Where the event archive lies: a folder, or a URI such as `s3://bucket/folder`; empty for the data folder.",
            "Dónde está el archivo de eventos: una carpeta o un URI como `s3://cubo/carpeta`; vacío para la de datos.",
        ),
    ),
    Option(
        "databaseUrl",
        "DATABASE_URL",
        Kind.TEXT,
        "",
        Localized(
            "A PostgreSQL server (`postgresql+asyncpg://…`) in place of the embedded one.",
            "Un servidor PostgreSQL (`postgresql+asyncpg://…`) en lugar del incluido.",
        ),
    ),
    Option(
        "logLevel",
        "MILEPOST_LOG_LEVEL",
        Kind.TEXT,
        "WARNING",
        Localized("How much is logged to standard error.", "Cuánto se escribe en el error estándar."),
        choices=("DEBUG", "INFO", "WARNING", "ERROR"),
    ),
)
