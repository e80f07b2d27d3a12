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
    A number stays `below` this: an hour of seconds is nonsense.
    """

    name: str
    variable: str
    kind: Kind
    default: str | float | bool
    description: Localized
    editor: bool = False
    choices: tuple[str, ...] = ()
    below: float = 3600.0


OPTIONS = (
    Option(
        "language",
        "MILEPOST_LANGUAGE",
        Kind.TEXT,
        "",
        Localized(
            "Language of messages: `en`, `es`, or empty for that of the editor or the terminal.",
            "Idioma de los mensajes: `en`, `es` o vacío para el del editor o del terminal.",
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
        "modelUrl",
        "MILEPOST_MODEL_URL",
        Kind.TEXT,
        "",
        Localized(
            "Address of an OpenAI-compatible endpoint that reviews and plans, such as `https://api.openai.com/v1`; "
            "empty for none. A key alone enables nothing.",
            "Dirección de un servicio compatible con OpenAI que revisa y planifica, como `https://api.openai.com/v1`; "
            "vacía para ninguno. Una clave por sí sola no activa nada.",
        ),
    ),
    Option(
        "model",
        "MILEPOST_MODEL",
        Kind.TEXT,
        "",
        Localized("Name of the chat model at `modelUrl`.", "Nombre del modelo de chat en `modelUrl`."),
    ),
    Option(
        "embeddingModel",
        "MILEPOST_EMBEDDING_MODEL",
        Kind.TEXT,
        "",
        Localized(
            "Name of a text embedding model at `modelUrl`, used to find goals; empty for the built-in one.",
            "Nombre de un modelo de embeddings en `modelUrl` para buscar objetivos; vacío para el incluido.",
        ),
    ),
    Option(
        "modelSeconds",
        "MILEPOST_MODEL_SECONDS",
        Kind.NUMBER,
        60.0,
        Localized(
            "How many seconds an answer of the model may take, retries included.",
            "Cuántos segundos puede tardar una respuesta del modelo, reintentos incluidos.",
        ),
    ),
    Option(
        "modelConcurrency",
        "MILEPOST_MODEL_CONCURRENCY",
        Kind.NUMBER,
        2.0,
        Localized("How many requests run at once.", "Cuántas peticiones se hacen a la vez."),
        below=65.0,
    ),
    Option(
        "modelTokensPerDay",
        "MILEPOST_MODEL_TOKENS_PER_DAY",
        Kind.NUMBER,
        200_000.0,
        Localized(
            "How many tokens may be used on one day (UTC); 0 sends nothing.",
            "Cuántos tokens se pueden usar en un día (UTC); 0 no envía nada.",
        ),
        below=1e12,
    ),
    Option(
        "modelTokensPerMonth",
        "MILEPOST_MODEL_TOKENS_PER_MONTH",
        Kind.NUMBER,
        2_000_000.0,
        Localized("How many tokens may be used in one month (UTC).", "Cuántos tokens se pueden usar en un mes (UTC)."),
        below=1e12,
    ),
    Option(
        "modelReviewTokens",
        "MILEPOST_MODEL_REVIEW_TOKENS",
        Kind.NUMBER,
        1_000.0,
        Localized(
            "How many tokens the answer of one review may have.",
            "Cuántos tokens puede tener la respuesta de una revisión.",
        ),
        below=100_000.0,
    ),
    Option(
        "modelMaySee",
        "MILEPOST_MODEL_MAY_SEE",
        Kind.TEXT,
        "statement, results, code, evidence",
        Localized(
            "What may be sent to the model, a list of: `statement` (the task), `results` (failing cases), `code` (what "
            "you changed), `evidence` (validated programs like yours). Without `code` nothing is reviewed.",
            "Qué se puede enviar al modelo, una lista de: `statement` (la tarea), `results` (casos que fallan), `code` "
            "(lo que cambiaste), `evidence` (programas validados parecidos). Sin `code` no se revisa nada.",
        ),
    ),
    Option(
        "brokerUrl",
        "MILEPOST_BROKER_URL",
        Kind.TEXT,
        "",
        Localized(
            "A RabbitMQ server (`amqp://user:password@host:5672/`) through which events reach `milepost worker`; "
            "empty: events go from the database straight into the archive.",
            "Un servidor RabbitMQ (`amqp://usuario:clave@servidor:5672/`) por el que los eventos llegan a "
            "`milepost worker`; vacío: los eventos van de la base de datos directamente al archivo.",
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
        "logLevel",
        "MILEPOST_LOG_LEVEL",
        Kind.TEXT,
        "WARNING",
        Localized("How much is logged to standard error.", "Cuánto se escribe en el error estándar."),
        choices=("DEBUG", "INFO", "WARNING", "ERROR"),
    ),
)
