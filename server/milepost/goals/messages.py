"""What this room says to its users, in both languages."""

from milepost.domain.text import Localized


def fill(message: Localized, **values: object) -> Localized:
    """Return the message with its `{names}` filled in, still in both languages; show it with `pick`."""
    return Localized(message.en.format(**values), message.es.format(**values))


# The YAML itself.
TOO_BIG = Localized(
    "the course file is larger than {limit}; keep it short and put code into files beside it",
    "el archivo del curso ocupa más de {limit}; que sea corto; deja el código en archivos aparte",
)
NOT_UTF8 = Localized("`{path}` is not UTF-8 text", "`{path}` no es texto en UTF-8")
NOT_YAML = Localized("this is not valid YAML: {problem}", "esto no es YAML válido: {problem}")
TAB = Localized(
    "a tab stands where YAML wants spaces; indent with spaces",
    "hay un tabulador donde YAML quiere espacios; usa espacios para la sangría",
)
BAD_CHARACTER = Localized(
    "the character U+{code} is not allowed in a course file",
    "el carácter U+{code} no se permite en un archivo de curso",
)
EMPTY = Localized("the course file is empty", "el archivo del curso está vacío")
SECOND_DOCUMENT = Localized(
    "a course file holds one document; remove everything from this `---` on",
    "un archivo de curso contiene un solo documento; quita todo desde este `---`",
)
TOO_DEEP = Localized(
    "this is nested too deeply (more than {limit} levels)",
    "hay demasiados niveles anidados (más de {limit})",
)
TOO_MANY = Localized(
    "this is too much for a course file: more than {limit} values, counting what aliases repeat",
    "es demasiado para un archivo de curso: más de {limit} valores, contando lo que repiten los alias",
)
UNKNOWN_ALIAS = Localized("nothing is called `&{name}` here", "aquí nada se llama `&{name}`")
ENDLESS_ALIAS = Localized("`*{name}` contains itself", "`*{name}` se contiene a sí mismo")
TAG = Localized("YAML tags such as `{tag}` are not allowed", "no se permiten etiquetas de YAML como `{tag}`")
KEY_NOT_TEXT = Localized("a key must be a plain word", "una clave debe ser una palabra")
DUPLICATE_KEY = Localized(
    "the key `{key}` appears twice; it stands on line {line} already",
    "la clave `{key}` aparece dos veces; ya está en la línea {line}",
)

# The shape of the data.
UNKNOWN_KEY = Localized("unknown key `{key}`", "clave desconocida `{key}`")
UNKNOWN_KEY_MEANT = Localized(
    "unknown key `{key}`, did you mean `{meant}`?", "clave desconocida `{key}`, ¿querías decir `{meant}`?"
)
UNQUOTED = Localized(
    "`{key}` looks like part of a text that was cut at a comma; put the whole text in quotes",
    "`{key}` parece parte de un texto cortado por una coma; pon todo el texto entre comillas",
)
MISSING = Localized("`{key}` is missing here", "aquí falta `{key}`")
NOT_TEXT = Localized("this must be a text", "esto debe ser un texto")
NOT_LIST = Localized("this must be a list: `[one, two]`", "esto debe ser una lista: `[uno, dos]`")
NOT_MAPPING = Localized(
    "this must hold keys and values: `key: value`", "esto debe tener claves y valores: `clave: valor`"
)
NOT_NUMBER = Localized("this must be a number", "esto debe ser un número")
NOT_WHOLE_NUMBER = Localized("this must be a whole number", "esto debe ser un número entero")
NOT_BOOLEAN = Localized("this must be `true` or `false`", "esto debe ser `true` o `false`")
NOT_AMONG = Localized("this must be one of {choices}", "esto debe ser uno de {choices}")
TOO_SMALL = Localized("this must be greater than {limit}", "esto debe ser mayor que {limit}")
AT_LEAST = Localized("this must be at least {limit}", "esto debe ser {limit} como mínimo")
TOO_LARGE = Localized("this must be at most {limit}", "esto debe ser {limit} como máximo")
TOO_SHORT = Localized("this must not be empty", "esto no debe estar vacío")
TOO_LONG = Localized("this is too long; at most {limit}", "esto es demasiado largo; como máximo {limit}")
WRONG = Localized("this value is not allowed here", "este valor no se permite aquí")
NO_CRITERION = Localized("a criterion is one of {kinds}", "un criterio es uno de {kinds}")
TWO_KINDS = Localized(
    "`{first}` and `{second}` are two criteria; begin the second with its own `-`",
    "`{first}` y `{second}` son dos criterios; empieza el segundo con su propio `-`",
)
NEEDS_LANGUAGE = Localized("give a text in `en`, in `es` or in both", "da un texto en `en`, en `es` o en ambos")
PYTHON_ONLY = Localized(
    "`{kind}` works for Python only; this course is in {language}",
    "`{kind}` solo funciona con Python; este curso es de {language}",
)
ONE_OUTCOME = Localized(
    "an example needs exactly one of `expect`, `raises` and `prints`",
    "un ejemplo necesita exactamente uno de `expect`, `raises` y `prints`",
)
ONLY_WITH_EXPECT = Localized("`{key}` goes with `expect` only", "`{key}` solo va con `expect`")
ONE_CONSTRUCT = Localized(
    "a construct needs exactly one of `call`, `construct`, `import` and `query`",
    "una construcción necesita exactamente uno de `call`, `construct`, `import` y `query`",
)
EITHER_INPUTS = Localized(
    "`inputs` takes the place of `assume`; keep one of them",
    "`inputs` ocupa el lugar de `assume`; deja uno de los dos",
)

# Code in it.
NOT_EXPRESSION = Localized(
    "this is not a Python expression: {problem}", "esto no es una expresión de Python: {problem}"
)
NO_EXPRESSION = Localized(
    "this is empty; the empty text is written \"''\"", "esto está vacío; el texto vacío se escribe \"''\""
)
NOT_PYTHON = Localized(
    "this is not Python: {problem} (line {line} of it)", "esto no es Python: {problem} (en su línea {line})"
)
NO_GENERATOR = Localized(
    "`inputs` must define a function that yields calls", "`inputs` debe definir una función que produzca llamadas"
)
BARE_NAME = Localized(
    "`{name}` would be a variable, and there is none; a text needs quotes of its own: \"'{name}'\"",
    "`{name}` sería una variable, y no existe; un texto necesita sus propias comillas: \"'{name}'\"",
)
NOT_PYTHON_WORD = Localized("`{name}` is not Python; write `{meant}`", "`{name}` no es Python; escribe `{meant}`")
NOT_EXCEPTION = Localized("`{name}` is not the name of an exception", "`{name}` no es el nombre de una excepción")
NOT_SELECTOR = Localized(
    "`{name}` is not a Ruff rule or group of rules, such as `F`, `E501` or `ALL`",
    "`{name}` no es una regla de Ruff ni un grupo de reglas, como `F`, `E501` o `ALL`",
)
NOT_SIGNATURE = Localized(
    "`{text}` is not a signature, such as `name(a, b)`, `Class.name(self)` or `class Name`",
    "`{text}` no es una firma, como `nombre(a, b)`, `Clase.nombre(self)` o `class Nombre`",
)

# Files.
NOT_RELATIVE = Localized(
    "`{path}` must be a path inside the course's folder, written with `/`",
    "`{path}` debe ser una ruta dentro de la carpeta del curso, escrita con `/`",
)
LEAVES_FOLDER = Localized("`{path}` leads out of the course's folder", "`{path}` sale de la carpeta del curso")
NO_FILE = Localized("there is no file `{path}`", "no existe el archivo `{path}`")
NO_MATCH = Localized("no file matches `{path}`", "ningún archivo coincide con `{path}`")
NOT_A_FILE = Localized("`{path}` is not a file", "`{path}` no es un archivo")
UNREADABLE = Localized("`{path}` cannot be read: {problem}", "no se puede leer `{path}`: {problem}")
FILE_TOO_BIG = Localized("`{path}` is larger than {limit}", "`{path}` ocupa más de {limit}")
FOLDER_TOO_BIG = Localized(
    "the files that this course names are too many or too large together (at most {files} files and {limit})",
    "los archivos que nombra este curso son demasiados o demasiado grandes (como máximo {files} archivos y {limit})",
)
SEARCH_TOO_LONG = Localized(
    "`{path}` searches through too many files; name a folder in it",
    "`{path}` recorre demasiados archivos; nombra una carpeta en él",
)
NOT_TEXT_FILE = Localized("`{path}` is not a text file", "`{path}` no es un archivo de texto")

# The course as a whole.
SAME_TITLE = Localized(
    '"{title}" is on line {line} already; give each its own title',
    "«{title}» ya está en la línea {line}; da a cada uno su título",
)
SAME_FILE = Localized(
    '`{path}` belongs to the task "{title}" already (line {line})',
    "`{path}` ya pertenece a la tarea «{title}» (línea {line})",
)
BOTH_MATCH = Localized(
    '`{pattern}` and `{other}` of the task "{title}" (line {line}) both claim `{path}`',
    "`{pattern}` y `{other}` de la tarea «{title}» (línea {line}) reclaman ambos `{path}`",
)

LEARNERS_FILE = Localized(
    "`{path}` is what the learner writes; keep starters, solutions and tests in other files",
    "`{path}` es lo que escribe el estudiante; deja puntos de partida, soluciones y pruebas en otros archivos",
)

# Rules.
NO_TRANSITION = Localized(
    "{entity} is {before} and cannot become {after}; it can become {allowed}",
    "{entity} está en {before} y no puede pasar a {after}; puede pasar a {allowed}",
)
COURSE = Localized("The course", "El curso")
GOAL = Localized("The goal", "El objetivo")
TASK = Localized("The task", "La tarea")
NO_TITLE = Localized("A title must not be empty.", "El título no debe estar vacío.")
FIXED_FIELDS = Localized(
    "{names} cannot be changed like this; states and progress follow from what happens.",
    "{names} no se puede cambiar así; los estados y el progreso siguen lo que ocurre.",
)
STILL_COMPLETED = Localized(
    "This version does not pass, but the task stays completed: an earlier version passed.",
    "Esta versión no pasa, pero la tarea sigue completada: una versión anterior pasó.",
)
BAD_EMAIL = Localized("`{email}` is not an e-mail address.", "`{email}` no es una dirección de correo.")
NO_USERNAME = Localized(
    "A user name has 1 to 64 letters, digits, dots, dashes or underscores.",
    "Un nombre de usuario tiene de 1 a 64 letras, cifras, puntos, guiones o guiones bajos.",
)
PASSWORD_LENGTH = Localized(
    "A password has at least {least} characters and at most {most} bytes.",
    "Una contraseña tiene al menos {least} caracteres y como máximo {most} bytes.",
)
