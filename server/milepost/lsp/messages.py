"""What the server says to its user, in both languages."""

from milepost.domain.text import Localized

LENS = Localized(
    "Task {position} of {count} · {passed} of {criteria} criteria · score {score:.2f}",
    "Tarea {position} de {count} · {passed} de {criteria} criterios · puntuación {score:.2f}",
)
LENS_UNCHECKED = Localized(
    "Task {position} of {count} · {criteria} criteria · save to check",
    "Tarea {position} de {count} · {criteria} criterios · guarda para comprobar",
)

CHECKING = Localized("Milepost: checking {name}", "Milepost: comprobando {name}")
STAGE_CHECKED = Localized("criteria checked, looking for fixes", "criterios comprobados, buscando arreglos")

FIX_UNVERIFIED = Localized("{title} (does not meet every criterion yet)", "{title} (aún no cumple todos los criterios)")
FIX_REWRITE = Localized("{title} (rewrites most of the program)", "{title} (reescribe casi todo el programa)")
FIX_ALL = Localized("Milepost: apply the verified fix", "Milepost: aplicar el arreglo verificado")
HINT_WHERE = Localized("Hint: show me where", "Pista: muéstrame dónde")
HINT_WHAT = Localized("Hint: tell me what is wrong", "Pista: dime qué está mal")
HINT_EDIT = Localized("Hint: make the change for me", "Pista: haz el cambio por mí")
DISMISS = Localized("Dismiss this finding…", "Descartar este aviso…")
EXPLAIN = Localized("Explain this finding", "Explicar este aviso")

DISMISS_QUESTION = Localized("Why is this not useful? {message}", "¿Por qué no es útil? {message}")
REASONS = {
    "not useful": Localized("Not useful", "No es útil"),
    "wrong": Localized("It is wrong", "Es incorrecto"),
    "later": Localized("Not now", "Ahora no"),
}

TRUST_QUESTION = Localized(
    "May Milepost run your programs with the tests and commands of “{course}”? "
    "They come from {path}. Until then nothing of it runs.",
    "¿Puede Milepost ejecutar tus programas con las pruebas y órdenes de «{course}»? "
    "Vienen de {path}. Hasta entonces no se ejecuta nada.",
)
TRUST_IN_TERMINAL = Localized(
    "Milepost runs none of your programs yet, and this editor cannot ask whether it may: milepost course trust {folder}",
    "Milepost aún no ejecuta tus programas, y este editor no puede preguntar si puede: milepost course trust {folder}",
)
NOT_TRUSTED = Localized("Tests are not run: trust this course…", "Las pruebas no se ejecutan: confiar en este curso…")
TRUST_COURSE = Localized("Milepost: trust this course…", "Milepost: confiar en este curso…")
NOTHING_RUNS = Localized("This course runs nothing.", "Este curso no ejecuta nada.")
TRUST_YES = Localized("Trust", "Confiar")
TRUST_NO = Localized("Don't run", "No ejecutar")

UNAVAILABLE = Localized(
    "Milepost could not start its workspace; it tries again with the next save.",
    "Milepost no pudo iniciar su espacio de trabajo; lo intentará de nuevo al guardar.",
)
RUN_FAILED = Localized(
    "Milepost could not finish checking {name}; what it found so far is shown.",
    "Milepost no pudo terminar de comprobar {name}; se muestra lo encontrado hasta ahora.",
)
COURSE_BROKEN = Localized(
    "The course file {path} cannot be used; open it to see why.",
    "El archivo de curso {path} no se puede usar; ábrelo para ver por qué.",
)
OPTION_REFUSED = Localized("Settings that were ignored: {names}", "Ajustes que se ignoraron: {names}")
TEXT_DIFFERED = Localized(
    "The saved text of {name} differed from the edits received; the saved text is used now.",
    "El texto guardado de {name} no coincidía con los cambios recibidos; ahora se usa el guardado.",
)

NO_DOCUMENT = Localized("Open a file of a task first.", "Abre antes un archivo de una tarea.")
NO_FINDING = Localized("There is no finding in {name}.", "No hay ningún aviso en {name}.")
NO_FIX = Localized("There is no verified fix for this text.", "No hay un arreglo verificado para este texto.")
NO_HINT = Localized("There is no further hint for this.", "No hay más pistas para esto.")
NO_HISTORY = Localized("Nothing of {name} has been saved yet.", "Aún no se ha guardado nada de {name}.")
NO_SIMILAR = Localized(
    "No validated program like this one is known.", "No se conoce ningún programa validado parecido."
)
NO_GOALS = Localized("There are no goals yet.", "Aún no hay objetivos.")
NO_FOLDER = Localized("Open a folder first.", "Abre antes una carpeta.")
NO_COURSES = Localized("No course comes with this installation.", "Esta instalación no trae cursos.")
HERE_IT_IS = Localized("Line {line}: {message}", "Línea {line}: {message}")
TASK_STARTED = Localized("Task started: {title}", "Tarea iniciada: {title}")
WHICH_TASK = Localized("Which task?", "¿Qué tarea?")
WHICH_COURSE = Localized("Which course?", "¿Qué curso?")
COURSE_STARTED = Localized("Course started in {folder}.", "Curso iniciado en {folder}.")
COMMAND_FAILED = Localized("That did not work: {reason}", "No funcionó: {reason}")
GOAL_EXISTS = Localized("{path} exists already; add your goal there.", "{path} ya existe; añade ahí tu objetivo.")
SAVE_AS = Localized("Fill this in and save it as {path}.", "Complétalo y guárdalo como {path}.")

PROGRESS_TITLE = Localized("Progress", "Progreso")
HISTORY_TITLE = Localized("History of {name}", "Historial de {name}")
SIMILAR_TITLE = Localized("Programs like {name}", "Programas parecidos a {name}")
NOT_FINISHED = Localized("not finished", "sin terminar")
PASSED = Localized("passed", "superado")
FAILED = Localized("not passed", "no superado")
DISTANCE = Localized("distance {distance:.2f}", "distancia {distance:.2f}")
NOT_CHECKED = Localized("not checked yet", "sin comprobar")
HELP_TAKEN = Localized("Help taken: hints {hints}, fixes {fixes}", "Ayuda tomada: pistas {hints}, arreglos {fixes}")
CRITERIA_TITLE = Localized("Criteria", "Criterios")
EXPECTED = Localized("expected", "se esperaba")
GOT = Localized("got", "se obtuvo")
REQUESTS_TITLE = Localized("What was sent to the model", "Lo que se envió al modelo")
NO_REQUESTS = Localized(
    "Nothing was sent to a model in this session.", "En esta sesión no se envió nada a ningún modelo."
)
REQUEST = Localized("{at}, to {url}, {masked} secrets masked", "{at}, a {url}, {masked} secretos tapados")
DRAFTING = Localized("Drafting a goal …", "Preparando un objetivo …")
DRAFTED = Localized(
    "A draft is in {path}. Change what you like, then approve it: in the line above it, or with milepost.approveGoal.",
    "Hay un borrador en {path}. Cambia lo que quieras y apruébalo: en la línea que tiene encima, o con milepost.approveGoal.",
)
APPROVE = Localized("Approve this goal: store it and begin", "Aprobar este objetivo: guardarlo y empezar")
NO_DRAFT = Localized("Open the draft ({name}) first.", "Abre primero el borrador ({name}).")
GOAL_STORED = Localized("The goal is stored: {path}", "El objetivo está guardado: {path}")
