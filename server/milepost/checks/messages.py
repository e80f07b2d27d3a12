"""What the criteria say to the learner, in English and Spanish."""

from milepost.domain.text import Localized

# One case: what was called, what came, what was expected.
GAVE = Localized("{call} gave {got}, expected {expected}", "{call} dio {got}, se esperaba {expected}")
GAVE_TYPE = Localized(
    "{call} gave {got} ({got_type}), expected {expected} ({expected_type})",
    "{call} dio {got} ({got_type}), se esperaba {expected} ({expected_type})",
)
ABOUT = Localized("about {expected}", "aproximadamente {expected}")
ANY_ORDER = Localized("{expected} in any order", "{expected} en cualquier orden")
AN_ERROR = Localized("the error {name}", "el error {name}")
PRINTED = Localized("printed text {text}", "el texto impreso {text}")
PRINTS = Localized("{call} printed {got}, expected {expected}", "{call} imprimió {got}, se esperaba {expected}")
PRINTS_NOTHING = Localized(
    "{call} printed nothing, expected {expected}", "{call} no imprimió nada, se esperaba {expected}"
)
PRINTS_LINE = Localized(
    "{call}: line {line} of the output is {got}, expected {expected}",
    "{call}: la línea {line} de la salida es {got}, se esperaba {expected}",
)
READS = Localized("With input {input} the program", "Con la entrada {input} el programa")
NO_INPUT = Localized("The program", "El programa")
MISSING_LINE = Localized(
    "{call}: line {line} of the output is missing, expected {expected}",
    "{call}: falta la línea {line} de la salida, se esperaba {expected}",
)
NO_MORE = Localized("no more output", "el final de la salida")
STOPPED = Localized("{call} stopped with {error}", "{call} se detuvo con {error}")
STOPPED_EXPECTED = Localized(
    "{call} stopped with {error}, expected {expected}", "{call} se detuvo con {error}, se esperaba {expected}"
)

# What happens to a run that gives no value.
TIMEOUT = Localized("{call} did not end within {seconds} s", "{call} no terminó en {seconds} s")
MEMORY = Localized("{call} used more memory than is allowed", "{call} usó más memoria de la permitida")
EXITED = Localized("{call} ended the whole program", "{call} terminó el programa entero")
DIED = Localized("{call} broke down without a result", "{call} se interrumpió sin dar un resultado")
TAMPERED = Localized(
    "{call} gave no result that can be trusted: the program interferes with how it is run",
    "{call} no dio un resultado fiable: el programa interfiere con su propia ejecución",
)
NOT_RUN = Localized("{call} was not run", "{call} no se ejecutó")
UNREADABLE = Localized(
    "{call} gave a result that is too large or too deep to compare",
    "{call} dio un resultado demasiado grande o profundo para compararlo",
)
TOO_MUCH_OUTPUT = Localized("{call} printed too much", "{call} imprimió demasiado")

# What happened, as the short text of a table.
SHORT_TIMEOUT = Localized("no end within {seconds} s", "sin terminar en {seconds} s")
SHORT_MEMORY = Localized("too much memory", "demasiada memoria")
SHORT_EXITED = Localized("the program ended", "el programa terminó")
SHORT_DIED = Localized("no result", "sin resultado")
SHORT_TAMPERED = Localized("not trustworthy", "no fiable")
SHORT_NOT_RUN = Localized("not run", "sin ejecutar")
SHORT_UNREADABLE = Localized("too large to compare", "demasiado grande para comparar")
SHORT_OUTPUT = Localized("too much output", "demasiada salida")

# Hints: the plain reason behind what happened.
HINT_NO_RETURN = Localized(
    "None comes back when a return is missing or not reached",
    "None aparece cuando falta un return o no se llega a él",
)
HINT_PRINTS = Localized(
    "the value is printed, not returned: use return instead of print",
    "el valor se imprime, no se devuelve: usa return en lugar de print",
)
HINT_RETURNS = Localized(
    "the value is returned, not printed: use print",
    "el valor se devuelve, no se imprime: usa print",
)
HINT_TYPE = Localized("the value looks right but its type is not", "el valor parece correcto, pero su tipo no lo es")
HINT_GENERATOR = Localized(
    "a {name} is not yet the values in it: build the {wanted} from it",
    "un {name} todavía no son sus valores: construye a partir de él el valor de tipo {wanted}",
)
HINT_FUNCTION = Localized(
    "the function itself comes back, call it with parentheses",
    "se devuelve la función misma: llámala con paréntesis",
)
HINT_LOOP = Localized("a loop probably never ends", "probablemente un bucle nunca termina")
HINT_INPUT = Localized(
    "it asks for input(), and nobody is there to answer: use the parameters",
    "pide datos con input() y nadie puede responder: usa los parámetros",
)
HINT_INPUT_ENDED = Localized("it reads more input than there is", "lee más datos de entrada de los que hay")
HINT_EXIT = Localized("leave out exit(), quit() and sys.exit()", "quita exit(), quit() y sys.exit()")
HINT_RECURSION = Localized(
    "it calls itself without end: the case that stops is missing or never reached",
    "se llama a sí misma sin fin: falta el caso que la detiene o nunca se alcanza",
)
HINT_MEMORY = Localized("something grows without end or is far too large", "algo crece sin fin o es demasiado grande")
HINT_OUTPUT = Localized("a loop prints without end", "un bucle imprime sin fin")
HINT_NAME = Localized(
    "this name has no value here: is it misspelled, or not yet defined?",
    "este nombre no tiene valor aquí: ¿está mal escrito o aún sin definir?",
)
HINT_UNBOUND = Localized(
    "this variable is used before it gets a value", "esta variable se usa antes de recibir un valor"
)
HINT_INDEX = Localized(
    "the position lies beyond the end of the sequence", "la posición está más allá del final de la secuencia"
)
HINT_KEY = Localized("the dictionary has no such key", "el diccionario no tiene esa clave")
HINT_ZERO = Localized("it divides by zero", "se divide entre cero")
HINT_ATTRIBUTE = Localized(
    "a value of this type has no such attribute or method", "un valor de este tipo no tiene ese atributo o método"
)
HINT_NONE = Localized(
    "a value is None where something was expected: a return may be missing",
    "un valor es None donde se esperaba otra cosa: quizá falta un return",
)
HINT_ARGUMENTS = Localized(
    "the function does not take these arguments: compare its parameters",
    "la función no acepta estos argumentos: compara sus parámetros",
)
HINT_TYPES = Localized(
    "these types do not go together: convert one of them", "estos tipos no se combinan: convierte uno de ellos"
)
HINT_VALUE = Localized(
    "a value has the right type but cannot be used here", "un valor tiene el tipo correcto pero no sirve aquí"
)
HINT_IMPORT = Localized("this module is not installed here", "este módulo no está instalado aquí")
HINT_FILE = Localized(
    "there is no such file where the program is run", "no existe ese archivo donde se ejecuta el programa"
)
HINT_FORBIDDEN = Localized(
    "programs run here without network and without access to other files",
    "aquí los programas se ejecutan sin red y sin acceso a otros archivos",
)
HINT_BUILTINS = Localized(
    "it changes Python's built-in functions, and then nothing works as usual",
    "cambia las funciones incorporadas de Python, y entonces nada funciona como siempre",
)
HINT_ASSERTION = Localized("an assert of the program does not hold", "un assert del programa no se cumple")
HINT_OTHER_ERROR = Localized("another error than the one asked for", "un error distinto del que se pide")

# How many.
EXAMPLES_FAIL = Localized("{failed} of {total} examples fail", "fallan {failed} de {total} ejemplos")
EXAMPLE_FAILS = Localized("{failed} of {total} examples fails", "falla {failed} de {total} ejemplos")
TESTS_FAIL = Localized("{failed} of {total} tests fail", "fallan {failed} de {total} pruebas")
TEST_FAILS = Localized("{failed} of {total} tests fails", "falla {failed} de {total} pruebas")
RUNS_FAIL = Localized("{failed} of {total} runs fail", "fallan {failed} de {total} ejecuciones")
RUN_FAILS = Localized("{failed} of {total} runs fails", "falla {failed} de {total} ejecuciones")
ALL_HOLD = Localized("All {total} hold", "Se cumplen todos: {total}")
EXAMPLE_NUMBER = Localized("example {number}", "ejemplo {number}")
TEST_NUMBER = Localized("test {number}", "prueba {number}")
RUN_NUMBER = Localized("run {number}", "ejecución {number}")
HERE = Localized("Something is not right here: {count}", "Aquí hay algo que no está bien: {count}")

# Structure.
HOLDS = Localized("Holds", "Se cumple")
NOT_DEFINED = Localized("{name} is not defined", "{name} no está definido")
NOT_DEFINED_NEAR = Localized(
    "{name} is not defined; is {near} meant?", "{name} no está definido; ¿se refiere a {near}?"
)
OTHER_PARAMETERS = Localized("{name} takes {got}, expected {expected}", "{name} recibe {got}, se esperaba {expected}")
NO_PARAMETERS = Localized("no parameters", "ningún parámetro")
NOT_A_SIGNATURE = Localized("The criterion {text} cannot be read", "No se puede leer el criterio {text}")
USES = {
    "call": Localized("a call of {name}", "una llamada a {name}"),
    "construct": Localized("{name}", "{name}"),
    "import": Localized("an import of {name}", "una importación de {name}"),
    "query": Localized("what the task asks for", "lo que pide la tarea"),
}
REQUIRED = Localized(
    "The task asks for {what}, and the program has none", "La tarea pide {what}, y el programa no lo tiene"
)
FORBIDDEN = Localized("The task does not allow {what}", "La tarea no permite {what}")
ELSEWHERE = Localized("{path}, line {line}: {message}", "{path}, línea {line}: {message}")
ALSO_HERE = Localized("also here", "también aquí")
STOPS_HERE = Localized("this is where it stops", "aquí se detiene")
BAD_QUERY = Localized("The query of this criterion cannot be read", "No se puede leer la consulta de este criterio")
TOO_COMPLEX = Localized(
    "{name} has {got} independent paths, at most {most} are allowed: split it or simplify its conditions",
    "{name} tiene {got} caminos independientes y se permiten {most} como máximo: divídela o simplifica sus condiciones",
)
LINT_FAILS = Localized("{count} findings of the linter", "Avisos del analizador: {count}")
LINT_BROKEN = Localized("Not assessed: the linter said {reason}", "Sin evaluar: el analizador dijo {reason}")

# Commands.
COMMAND_FAILS = Localized(
    "The command {command} ended with status {status}", "La orden {command} terminó con el estado {status}"
)
COMMAND_TIMEOUT = Localized(
    "The command {command} did not end within {seconds} s", "La orden {command} no terminó en {seconds} s"
)
COMMAND_SAYS = Localized("it says {text}", "dice {text}")
COMMAND_HOLDS = Localized("The command ends with status 0", "La orden termina con el estado 0")
BAD_JUNIT = Localized("its report cannot be read", "no se puede leer su informe")
COMPILES_NOT = Localized("The program does not compile: {text}", "El programa no compila: {text}")

# Tests.
TEST_SAYS = Localized("The test {name} fails: {text}", "La prueba {name} falla: {text}")
TEST_SILENT = Localized("The test {name} fails", "La prueba {name} falla")
NO_TESTS = Localized(
    "Not assessed: the test file {path} is missing or empty",
    "Sin evaluar: falta el archivo de pruebas {path} o está vacío",
)
TESTS_BROKEN = Localized("The tests could not be run: {text}", "No se pudieron ejecutar las pruebas: {text}")
TESTS_STOPPED = Localized(
    "The program ended the test run before there was a result",
    "El programa terminó la ejecución de las pruebas antes de que hubiera un resultado",
)

# Not assessed.
NOT_YET = Localized("Not assessed yet", "Aún sin evaluar")
NOT_RUN_HERE = Localized("Not assessed: programs are not run here", "Sin evaluar: aquí no se ejecutan programas")
NOT_PARSED = Localized("Not assessed: the file does not parse", "Sin evaluar: el archivo no se puede analizar")
NO_MODEL = Localized("Not assessed: nobody judged this requirement", "Sin evaluar: nadie ha valorado este requisito")
NO_TOOL = Localized("Not assessed: {tool} is not installed here", "Sin evaluar: {tool} no está instalado aquí")
NOT_FOR_LANGUAGE = Localized("Not assessed: not for this language", "Sin evaluar: no es para este lenguaje")
BAD_EXPECTATION = Localized(
    "Not assessed: the expected value {text} cannot be evaluated",
    "Sin evaluar: el valor esperado {text} no se puede calcular",
)
BROKEN = Localized("Not assessed: the check itself failed", "Sin evaluar: falló la propia comprobación")

# Headings and words of the explanation.
CALL = Localized("call", "llamada")
INPUT = Localized("input", "entrada")
TEST = Localized("test", "prueba")
EXPECTED = Localized("expected", "esperado")
GOT = Localized("got", "obtenido")
CRITERION = Localized("Criterion {number}: {kind}", "Criterio {number}: {kind}")
SUSPICIOUS = Localized("Suspicious lines: {lines}", "Líneas sospechosas: {lines}")
MORE = Localized("and {count} more", "y {count} más")
KINDS = {
    "examples": Localized("examples", "ejemplos"),
    "tests": Localized("tests", "pruebas"),
    "stdio": Localized("input and output", "entrada y salida"),
    "defines": Localized("definitions", "definiciones"),
    "requires": Localized("must be used", "se debe usar"),
    "forbids": Localized("must not be used", "no se debe usar"),
    "lint": Localized("style", "estilo"),
    "complexity": Localized("complexity", "complejidad"),
    "command": Localized("command", "orden"),
    "rubric": Localized("requirement in words", "requisito en palabras"),
}
