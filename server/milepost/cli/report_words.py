"""The words of `milepost report` in both languages, and how it writes numbers, times and names."""

import re
from datetime import date

from milepost.checks import wording
from milepost.domain.text import Localized
from milepost.events.figures import Report
from milepost.events.history import TaskName

NOTHING = Localized(
    "There is nothing to report yet: save a file of a course, and come back.",
    "Aún no hay nada que contar: guarda un archivo de un curso y vuelve.",
)
NOTHING_SELECTED = Localized(
    "Nothing fits these filters; there is something without them, or for other days.",
    "Nada cumple estos filtros; sin ellos, o en otros días, puede haber algo.",
)
TITLE = Localized("Report", "Informe")
EVERYONE = Localized("everyone", "todos")
LEARNERS = Localized("learners", "estudiantes")
LEARNER = Localized("learner", "estudiante")
TASK = Localized("task", "tarea")
TASKS = Localized("tasks", "tareas")
COMPLETED = Localized("completed", "completadas")
DONE = Localized("done", "hechas")
SAVES = Localized("saves", "guardados")
HINTS = Localized("hints", "pistas")
FIXES = Localized("fixes", "arreglos")
ACTIVE_DAYS = Localized("active days", "días activos")
ATTEMPTS = Localized("attempts", "intentos")
TIME = Localized("time", "tiempo")
UNTIL_DONE = Localized("start to end", "de inicio a fin")
FIRST_SCORE = Localized("first score", "nota inicial")
BEST_SCORE = Localized("best score", "mejor nota")
SCORE = Localized("score", "nota")
TOOK_HELP = Localized("took help", "con ayuda")
CRITERION = Localized("criterion", "criterio")
FAILED = Localized("failed", "falló")
STREAK = Localized("streak", "racha")
LONGEST = Localized("longest streak", "mejor racha")
LAST = Localized("last seen", "última vez")
HELP = Localized("help", "ayuda")
TAKEN = Localized("taken", "veces")
IMPROVED = Localized("then better", "luego mejor")
PASSED = Localized("then passed", "luego bien")
GAIN = Localized("mean gain", "mejora media")

SCORES_OVER_TIME = Localized("Scores over time", "Notas en el tiempo")
SCORES_NOTE = {
    "day": Localized("mean score of each day's saves, 0 to 1", "nota media de los guardados de cada día, de 0 a 1"),
    "week": Localized(
        "mean score of each week's saves, 0 to 1", "nota media de los guardados de cada semana, de 0 a 1"
    ),
    "month": Localized("mean score of each month's saves, 0 to 1", "nota media de los guardados de cada mes, de 0 a 1"),
}
SAVES_OVER_TIME = {
    "day": Localized("saves a day", "guardados por día"),
    "week": Localized("saves a week", "guardados por semana"),
    "month": Localized("saves a month", "guardados por mes"),
}
TASKS_TITLE = Localized("Tasks that take the most attempts", "Tareas que piden más intentos")
TASKS_NOTE = Localized(
    "medians of those who completed the task; time without pauses of more than 30 minutes",
    "medianas de quienes completaron la tarea; tiempo sin las pausas de más de 30 minutos",
)
CRITERIA_TITLE = Localized("Criteria that fail most", "Criterios que más fallan")
CRITERIA_NOTE = Localized("share of the saves that failed it", "parte de los guardados que lo falló")
HELP_TITLE = Localized("Help, and whether it helped", "La ayuda, y si ayudó")
HELP_NOTE = Localized(
    "what the save after it did, where the one before it failed; those who take help are those who are stuck",
    "qué pasó al guardar después, si antes fallaba; quien toma ayuda es quien está atascado",
)
MODEL_TITLE = Localized("Model", "Modelo")
MODEL_NOTE = Localized(
    "what was asked for reviews and goals; seconds are the median of a call, unusable answers count as calls too",
    "lo que se preguntó para revisiones y metas; los segundos son la mediana de una llamada, y las respuestas que "
    "no sirven también cuentan",
)
MODEL = Localized("model", "modelo")
CALLS = Localized("calls", "llamadas")
USELESS = Localized("unusable", "sin servir")
TOKENS_SENT = Localized("tokens sent", "tokens enviados")
TOKENS_RECEIVED = Localized("received", "recibidos")
SECONDS = Localized("seconds", "segundos")
LEARNERS_TITLE = Localized("Learners", "Estudiantes")
STUCK_TITLE = Localized("Who is stuck", "Quién está atascado")
STUCK_NOTE = Localized(
    "four or more saves without completing the task, the latest first",
    "cuatro guardados o más sin completar la tarea, lo más reciente primero",
)
STREAK_TITLE = Localized("Streak", "Racha")
STREAK_LINE = Localized(
    "{current} days in a row now, {longest} at best, {active} active days",
    "{current} días seguidos ahora, {longest} como máximo, {active} días activos",
)
MORE = Localized(
    "and {count} more: --html and --format json show all", "y {count} más: --html y --format json los muestran"
)
MORE_ROWS = Localized("{count} more", "{count} más")
HELP_KINDS = {
    "none": Localized("without help", "sin ayuda"),
    "hint1": Localized("hint: where", "pista: dónde"),
    "hint2": Localized("hint: what", "pista: qué"),
    "hint3": Localized("hint: the edit", "pista: el cambio"),
    "fix": Localized("fix applied", "arreglo aplicado"),
}
WRITTEN = Localized("Report written: {path}", "Informe escrito: {path}")
NOT_WRITTEN = Localized("{path} cannot be written: {reason}", "No se puede escribir {path}: {reason}")
READING = Localized("reading the archive", "leyendo el archivo de eventos")
NEWEST_MISSING = Localized(
    "The newest events may be missing here: {reason}", "Pueden faltar aquí los eventos más recientes: {reason}"
)
UNKNOWN_USER = Localized("No user {name!r} has done anything here. ", "Nadie llamado {name!r} ha hecho nada aquí. ")
UNKNOWN_COURSE = Localized("Nothing was done in a course {name!r}. ", "No se ha hecho nada en un curso {name!r}. ")
KNOWN = Localized("Known: {known}.", "Hay: {known}.")
BAD_DATE = Localized(
    "--{option}: {text!r} is not a date like 2026-01-31.", "--{option}: {text!r} no es una fecha como 2026-01-31."
)
BAD_ORDER = Localized("--from is later than --to.", "--from es posterior a --to.")
NO_FOLDER = Localized("There is no archive folder {path}.", "No existe la carpeta de archivo {path}.")

_ABSENT = "–"
_NUMBER = re.compile(r"[–+-]?[\d.,/-]*( (min|h|d|%))?( \(\d+/\d+\))?")


def totals(report: Report) -> list[tuple[int, Localized]]:
    """Return the numbers of the whole with their words; how many learners only where there are several."""
    found = report.totals
    told = [
        (found.learners, LEARNERS),
        (found.tasks, TASKS),
        (found.completed, COMPLETED),
        (found.saves, SAVES),
        (found.hints, HINTS),
        (found.fixes, FIXES),
        (found.active_days, ACTIVE_DAYS),
    ]
    return told[1:] if len(report.learners) == 1 else told


def models(report: Report, language: str) -> tuple[list[Localized], list[list[str]]]:
    """Return the columns and rows of the table of models; how many learners only where there are several."""
    columns = [MODEL, CALLS, USELESS, TOKENS_SENT, TOKENS_RECEIVED, SECONDS, LEARNERS]
    rows = []
    for one in report.models:
        asked = [str(one.calls), str(one.useless), str(one.sent), str(one.received)]
        rows.append([name(one.model), *asked, seconds(one.latency_ms, language), str(one.learners)])
    shown = len(columns) - (len(report.learners) == 1)
    return columns[:shown], [row[:shown] for row in rows]


def name(text: str, limit: int = 60) -> str:
    """Return a title or a user's name as one bounded line without control characters: both are hostile text."""
    return wording.visible(text, limit)


def task_name(task: TaskName, *, course: bool) -> str:
    """Return what a task is called in a table, with its course where that is needed to tell it from others."""
    parts = (task.course, task.title) if course and task.course else (task.title,)
    return " · ".join(name(part) for part in parts)


def decimal(value: float | None, language: str, digits: int = 2) -> str:
    """Return a number as the language writes it."""
    if value is None:
        return _ABSENT
    text = f"{value:.{digits}f}"
    return text.replace(".", ",") if language == "es" else text


def seconds(milliseconds: float | None, language: str) -> str:
    """Return a latency in seconds."""
    return decimal(None if milliseconds is None else milliseconds / 1000, language)


def attempts(value: float | None, language: str) -> str:
    """Return a median of counts, which is whole or a half."""
    return decimal(value, language, 0 if value is None or value.is_integer() else 1)


def percent(share: float) -> str:
    """Return a share as a whole percentage."""
    return f"{share * 100:.0f} %"


def signed(value: float | None, language: str) -> str:
    """Return a change with its sign."""
    sign = "+" if value is not None and value >= 0 else ""
    return sign + decimal(value, language)


def duration(minutes: float | None) -> str:
    """Return minutes as minutes, hours or days, whichever is short."""
    if minutes is None:
        return _ABSENT
    if minutes < 60:  # noqa: PLR2004 Minutes of an hour.
        return f"{minutes:.0f} min"
    hours = minutes / 60
    return f"{hours:.1f} h".replace(".0 ", " ") if hours < 48 else f"{hours / 24:.0f} d"  # noqa: PLR2004 Two days.


def day(value: date) -> str:
    """Return a day in the one way that both languages read."""
    return value.isoformat()


def is_number(cell: object) -> bool:
    """Tell whether a cell stands right in its column."""
    return isinstance(cell, str) and _NUMBER.fullmatch(cell) is not None
