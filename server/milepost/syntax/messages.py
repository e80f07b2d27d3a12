"""What the room says to users, in both languages."""

from milepost.domain.text import Localized

NEVER_CLOSED = Localized("This '{opening}' is never closed.", "Este '{opening}' no se cierra nunca.")
NEVER_OPENED = Localized("This '{closing}' closes nothing.", "Este '{closing}' no cierra nada.")
BAD_PAIR = Localized(
    "This '{closing}' does not fit the '{opening}' of line {line}.",
    "Este '{closing}' no corresponde al '{opening}' de la línea {line}.",
)
STRING_NOT_CLOSED = Localized(
    "The text that starts here has no closing quote.", "El texto que empieza aquí no tiene comilla final."
)
COMMENT_NOT_CLOSED = Localized(
    "The comment that starts here has no end.", "El comentario que empieza aquí no tiene fin."
)
MISSING = Localized("'{what}' is missing here.", "Falta '{what}' aquí.")
SOMETHING_MISSING = Localized("Something is missing here.", "Falta algo aquí.")
NOT_EXPECTED = Localized("{title} does not expect '{text}' here.", "{title} no espera '{text}' aquí.")
LINE_UNFINISHED = Localized("This line is not finished.", "Esta línea no está terminada.")
UNREADABLE = Localized(
    "This file cannot be read as {title}: it is too large or something else.",
    "Este archivo no se puede leer como {title}: es demasiado grande u otra cosa.",
)
TOO_DEEP = Localized("This is nested too deeply for Python.", "Esto está anidado demasiado profundamente para Python.")
CONTROL_CHARACTER = Localized(
    "Here is an invisible character that may not be in a program. Remove it.",
    "Aquí hay un carácter invisible que no puede estar en un programa. Bórralo.",
)
PYTHON_SAYS = Localized("Python does not understand this: {message}.", "Python no entiende esto: {message}.")

COLON = Localized("A ':' is missing here.", "Falta ':' aquí.")
INDENT_EXPECTED = Localized(
    "The lines that belong to the {what} of line {line} must be indented.",
    "Las líneas de dentro de {what} de la línea {line} deben ir con sangría.",
)
INDENT_EXPECTED_SOMEWHERE = Localized("This line must be indented.", "Esta línea debe llevar sangría.")
INDENT_UNEXPECTED = Localized(
    "This line is indented, but no block starts before it.",
    "Esta línea lleva sangría, pero antes no empieza ningún bloque.",
)
INDENT_MISMATCH = Localized(
    "The indentation of this line fits no line above it.",
    "La sangría de esta línea no coincide con la de ninguna anterior.",
)
TABS_AND_SPACES = Localized(
    "Tabs and spaces are mixed in the indentation. Use spaces only.",
    "La sangría mezcla tabuladores y espacios. Usa solo espacios.",
)
COMMA = Localized(
    "Python does not understand this. Is a comma or an operator missing?",
    "Python no entiende esto. ¿Falta una coma o un operador?",
)
EQUALS = Localized(
    "'=' gives a value to a name. To compare, write '=='.", "'=' da un valor a un nombre. Para comparar, escribe '=='."
)
NOT_ASSIGNABLE = Localized(
    "A value cannot be given to this ({what}). To compare, write '=='.",
    "No se puede dar un valor a esto ({what}). Para comparar, escribe '=='.",
)
NOT_DELETABLE = Localized("This cannot be deleted ({what}).", "Esto no se puede borrar ({what}).")
PRINT = Localized(
    "'{name}' is a function: its values go into parentheses, {name}(...).",
    "'{name}' es una función: sus valores van entre paréntesis, {name}(...).",
)
BAD_CHARACTER = Localized(
    "The character '{character}' may not be here. Was it copied from a text?",
    "El carácter '{character}' no puede estar aquí. ¿Se copió de un texto?",
)
BAD_NUMBER = Localized(
    "This is not a number, and a name may not start with a digit.",
    "Esto no es un número, y un nombre no puede empezar con una cifra.",
)
LEADING_ZERO = Localized("A number may not start with 0.", "Un número no puede empezar con 0.")
BACKSLASH = Localized(
    "Nothing may follow a '\\' that continues the line.", "Nada puede seguir a una '\\' que continúa la línea."
)
OUTSIDE_FUNCTION = Localized(
    "'{word}' stands outside of any function. Is it indented far enough?",
    "'{word}' está fuera de toda función. ¿Lleva bastante sangría?",
)
OUTSIDE_LOOP = Localized("'{word}' stands outside of any loop.", "'{word}' está fuera de todo bucle.")
REPEATED_PARAMETER = Localized("The parameter '{name}' is there twice.", "El parámetro '{name}' está dos veces.")
REPEATED_ARGUMENT = Localized("The argument '{name}' is given twice.", "El argumento '{name}' se da dos veces.")
DEFAULT_FIRST = Localized(
    "A parameter without a default stands after one with a default.",
    "Un parámetro sin valor por defecto está después de uno que lo tiene.",
)
POSITIONAL_AFTER_KEYWORD = Localized(
    "An argument without a name stands after one with a name.",
    "Un argumento sin nombre está después de uno con nombre.",
)
TRY_ALONE = Localized("A 'try' needs an 'except' or a 'finally'.", "Un 'try' necesita un 'except' o un 'finally'.")
EXCEPT_PARENTHESES = Localized(
    "Several exceptions go into parentheses: except (A, B).",
    "Varias excepciones van entre paréntesis: except (A, B).",
)
ELSE_EXPECTED = Localized(
    "An 'if' inside an expression needs an 'else'.", "Un 'if' dentro de una expresión necesita un 'else'."
)
GENERATOR_PARENTHESES = Localized(
    "A generator expression beside other arguments needs its own parentheses.",
    "Una expresión generadora junto a otros argumentos necesita sus propios paréntesis.",
)
GLOBAL_TOO_LATE = Localized(
    "'{name}' is used before it is declared global.", "'{name}' se usa antes de declararse global."
)
PARAMETER_AND_GLOBAL = Localized(
    "'{name}' cannot be a parameter and global.", "'{name}' no puede ser parámetro y global a la vez."
)
NO_NONLOCAL = Localized(
    "No function around this one has a variable '{name}'.", "Ninguna función exterior tiene una variable '{name}'."
)
FSTRING = Localized(
    "What stands between the braces of this f-string is not Python: {message}.",
    "Lo que está entre las llaves de este f-string no es Python ({message}).",
)
STAR_IMPORT = Localized(
    "'import *' may only stand outside of functions and classes.",
    "'import *' solo puede estar fuera de funciones y clases.",
)
DID_YOU_MEAN = Localized(
    "Python does not understand this. Did you mean '{name}'?", "Python no entiende esto. ¿Querías decir '{name}'?"
)
ELSE_IF = Localized("Python writes 'elif', not 'else if'.", "Python escribe 'elif', no 'else if'.")
INCREMENT = Localized(
    "Python has no '{sign}'. Write {name} {one}= 1.", "Python no tiene '{sign}'. Escribe {name} {one}= 1."
)
AND_OR_NOT = Localized("Python writes '{word}' instead of '{sign}'.", "Python escribe '{word}' en lugar de '{sign}'.")
KEYWORD_AS_NAME = Localized(
    "'{word}' is a word of Python and cannot be a name.", "'{word}' es una palabra de Python y no puede ser un nombre."
)
NO_CONDITION = Localized("A condition is missing after '{word}'.", "Falta una condición después de '{word}'.")
BAD_ESCAPE = Localized(
    "The '\\' in this text starts a special character that does not exist. Write '\\\\' or put an r before the quote.",
    "La '\\' en este texto empieza un carácter especial que no existe. Escribe '\\\\' o pon una r antes de la comilla.",
)
DICT_COLON = Localized(
    "A dictionary's key needs a ':' and a value.", "La clave de un diccionario necesita ':' y un valor."
)
SOMETHING_WRONG = Localized("Something on this line is not {title}.", "Algo en esta línea no es {title}.")
