"""What the pipeline says to its users."""

from milepost.domain.text import Localized

DISAGREES = Localized(
    "All criteria pass, but {call} gives something else than the reference solution.",
    "Todos los criterios pasan, pero {call} da algo distinto que la solución de referencia.",
)
SOLUTION_FAILS = Localized(
    "{path}: this solution fails its own criteria and was left out: {reason}",
    "{path}: esta solución no cumple sus propios criterios y se dejó fuera: {reason}",
)
SOLUTION_DISAGREES = Localized(
    "{path}: this solution disagrees with the reference on {call} and was left out",
    "{path}: esta solución difiere de la referencia en {call} y se dejó fuera",
)
NOT_STORED = Localized(
    "The database is away ({reason}); your work is kept and will be stored later.",
    "La base de datos no está disponible ({reason}); tu trabajo se conserva y se guardará más tarde.",
)
UNTRUSTED = Localized(
    "This folder is not trusted yet, so nothing of it was run.",
    "Esta carpeta aún no es de confianza, así que no se ejecutó nada de ella.",
)
UNPROTECTED = Localized(
    "No sandbox works on this machine, so nothing was run. `milepost doctor` says why.",
    "En esta máquina no funciona ningún sandbox, así que no se ejecutó nada. `milepost doctor` dice por qué.",
)
STILL_COMPLETED = Localized(
    "This task stays completed; the text as saved now does not fulfil it.",
    "La tarea sigue completada; el texto guardado ahora no la cumple.",
)
GOAL_TEMPLATE = Localized(
    """# A new goal. Fill in the lines, save the file, and Milepost takes it from there.
goals:
  - title: {title}
    tasks:
      - title: First step
        files: [first_step.py]
        statement: |
          Say here what the program must do.
        criteria:
          - defines: ["double(number)"]
          - examples: [{{call: "double(4)", expect: "8"}}]
""",
    """# Un objetivo nuevo. Completa las líneas y guarda el archivo; Milepost sigue desde ahí.
goals:
  - title: {title}
    tasks:
      - title: Primer paso
        files: [primer_paso.py]
        statement: |
          Di aquí qué debe hacer el programa.
        criteria:
          - defines: ["doble(numero)"]
          - examples: [{{call: "doble(4)", expect: "8"}}]
""",
)
HIDDEN_TEXT = Localized(
    "A character that nobody sees stands here ({name}); code can look other than it is.",
    "Aquí hay un carácter que nadie ve ({name}); el código puede parecer otra cosa de lo que es.",
)
MODEL_SAYS = Localized(
    "{model} says so; this is an opinion, not a measurement.", "Lo dice {model}; es una opinión, no una medición."
)
REVIEW_PLACE = Localized("Look at this place again.", "Vuelve a mirar este sitio.")
REVIEW_MISSING = Localized("There is no review this time: {reason}", "Esta vez no hay revisión: {reason}")
REVIEW_PRIVATE = Localized(
    "A file of this name may hold secrets and is never sent to a model.",
    "Un archivo con este nombre puede tener secretos y nunca se envía a un modelo.",
)
RUBRIC_MET = Localized("{model} finds this met: {reason}", "{model} lo da por cumplido: {reason}")
RUBRIC_NOT_MET = Localized("{model} finds this not met: {reason}", "{model} no lo da por cumplido: {reason}")
WITHOUT_MODEL = Localized("No model is set.", "No hay ningún modelo configurado.")
NOT_DRAFTED = Localized(
    "Three drafts of the model did not pass the checks.", "Tres borradores del modelo no pasaron las comprobaciones."
)
FROM_COURSES = Localized(
    "{reason} This is the goal “{goal}” of the course “{course}”, the nearest to what you asked for.",
    "{reason} Este es el objetivo «{goal}» del curso «{course}», el más cercano a lo que pediste.",
)
NO_COURSE_TO_DRAFT_FROM = Localized(
    "There is no course to take a goal from either.", "Tampoco hay ningún curso del que tomar un objetivo."
)
NOTHING_DRAFTED = Localized("No goal could be drafted. {reason}", "No se pudo preparar ningún objetivo. {reason}")
NOTHING_WAITS = Localized(
    "{path}: no draft waits for approval there.", "{path}: ahí no hay ningún borrador por aprobar."
)
DRAFT_HEAD = Localized(
    "# A draft for: {wish}{note}\n# Change what you like, then approve it: in the line that your editor shows above this text,\n"
    "# or with `milepost goal approve` in this folder. Until then nothing is stored.\n",
    "# Un borrador para: {wish}{note}\n# Cambia lo que quieras y apruébalo: en la línea que tu editor muestra encima,\n"
    "# o con `milepost goal approve` en esta carpeta. Hasta entonces no se guarda nada.\n",
)
NO_WISH = Localized("Say what you want to learn.", "Di qué quieres aprender.")
