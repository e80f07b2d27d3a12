"""What repairs say to the learner."""

from milepost.domain.text import Localized

CHANGE = Localized(
    "Change `{before}` to `{after}` on line {line}", "Cambia `{before}` por `{after}` en la línea {line}"
)
REMOVE = Localized("Remove `{before}` on line {line}", "Quita `{before}` en la línea {line}")
ADD = Localized("Add `{after}` near line {line}", "Añade `{after}` cerca de la línea {line}")
OUTWARD = Localized(
    "Move `{before}` on line {line} out of its block", "Saca `{before}` de su bloque en la línea {line}"
)
INWARD = Localized(
    "Move `{before}` on line {line} into the block above", "Mete `{before}` de la línea {line} en el bloque anterior"
)
EARLIER = Localized("Move `{before}` one line up from line {line}", "Sube `{before}` de la línea {line} una línea")
WRAP = Localized(
    "Put what follows line {line} inside `{after}`", "Pon lo que sigue a la línea {line} dentro de `{after}`"
)
UNWRAP = Localized("Take `{before}` away around line {line}", "Quita `{before}` de alrededor en la línea {line}")
SEVERAL = Localized("Change {count} places, on lines {lines}", "Cambia {count} lugares, en las líneas {lines}")
SEVERAL_ON_LINE = Localized("Change {count} places on line {lines}", "Cambia {count} lugares en la línea {lines}")
COMPARE = Localized("Compare with a solution", "Compara con una solución")
INSERT = Localized("Insert `{after}` on line {line}", "Inserta `{after}` en la línea {line}")
INDENT = Localized("Change the indentation of line {line}", "Cambia la sangría de la línea {line}")
CHANGE_LINE = Localized("Change line {lines}", "Cambia la línea {lines}")
CHANGE_LINES = Localized("Change lines {lines}", "Cambia las líneas {lines}")
CHANGE_MANY = Localized("Change {count} lines, from line {line} on", "Cambia {count} líneas, desde la línea {line}")

LOOK = Localized("Look at line {lines}.", "Mira la línea {lines}.")
LOOK_MANY = Localized("Look at lines {lines}.", "Mira las líneas {lines}.")
LOOK_INSIDE = Localized("Look at line {lines}, in `{name}`.", "Mira la línea {lines}, en `{name}`.")
LOOK_INSIDE_MANY = Localized("Look at lines {lines}, in `{name}`.", "Mira las líneas {lines}, en `{name}`.")
AND = Localized("{first} and {last}", "{first} y {last}")

EQUAL = Localized(
    "The comparison treats equal values the wrong way: what should happen when both sides of `{before}` are the same?",
    "La comparación trata mal los valores iguales: ¿qué debe pasar cuando ambos lados de `{before}` son iguales?",
)
DIRECTION = Localized(
    "The comparison `{before}` looks the wrong way round.", "La comparación `{before}` está al revés."
)
QUESTION = Localized(
    "`{before}` does not ask what the task needs: for which values should it be true?",
    "`{before}` no pregunta lo que la tarea necesita: ¿para qué valores debe ser verdadero?",
)
JOINED = Localized(
    "The conditions are joined the wrong way: must all of them hold, or is one enough?",
    "Las condiciones están mal unidas: ¿deben cumplirse todas o basta con una?",
)
OPERATION = Localized(
    "The calculation uses the wrong operation: `{before}`.", "El cálculo usa la operación equivocada: `{before}`."
)
BOUNDS = Localized(
    "The loop runs over the wrong values: compare `{before}` with what the first and the last case need.",
    "El bucle recorre valores equivocados: compara `{before}` con lo que necesitan el primer y el último caso.",
)
ELEMENT = Localized(
    "The wrong element is looked at: what does `{before}` give?", "Se mira el elemento equivocado: ¿qué da `{before}`?"
)
START = Localized(
    "`{name}` starts with the wrong value: what should it be before anything has happened?",
    "`{name}` empieza con un valor equivocado: ¿cuál debe ser antes de que pase nada?",
)
RESULT = Localized(
    "The wrong value is returned here: what should the result be in this case?",
    "Aquí se devuelve un valor equivocado: ¿cuál debe ser el resultado en este caso?",
)
UNKNOWN = Localized(
    "`{before}` is not defined here: which name is meant?",
    "`{before}` no está definido aquí: ¿qué nombre se quería usar?",
)
OTHER_NAME = Localized(
    "Another variable is meant here than `{before}`.", "Aquí se quería usar otra variable y no `{before}`."
)
VALUE = Localized("`{before}` does not give what is needed here.", "`{before}` no da lo que aquí se necesita.")
NO_RESULT = Localized(
    "A result is missing: in one case the function ends without returning anything.",
    "Falta un resultado: en algún caso la función termina sin devolver nada.",
)
NO_CASE = Localized(
    "One case is not handled yet: think of empty, first and last values.",
    "Falta tratar un caso: piensa en valores vacíos, en el primero y en el último.",
)
NO_STEP = Localized("A step is missing here.", "Aquí falta un paso.")
UNWANTED = Localized(
    "`{before}` does something that should not happen here.", "`{before}` hace algo que aquí no debe pasar."
)
TOO_EARLY = Localized(
    "`{before}` happens too early or too often: does it belong inside this block?",
    "`{before}` ocurre demasiado pronto o demasiadas veces: ¿pertenece a este bloque?",
)
TOO_LATE = Localized(
    "`{before}` happens too late or too rarely: does it belong inside the block above?",
    "`{before}` ocurre demasiado tarde o muy pocas veces: ¿pertenece al bloque anterior?",
)
ORDER = Localized("Two steps are in the wrong order here.", "Aquí hay dos pasos en el orden equivocado.")
CONDITION = Localized(
    "What happens here should depend on something else than it does now.",
    "Lo que pasa aquí debería depender de otra cosa que ahora.",
)
IN_PLACE = Localized(
    "The method changes the object itself and gives nothing back.",
    "El método cambia el propio objeto y no devuelve nada.",
)
PRINTED = Localized(
    "The value is printed, but the caller never gets it.", "El valor se imprime, pero quien llama nunca lo recibe."
)
BRACKETS = Localized("A method is called with round brackets.", "Un método se llama con paréntesis.")
SAME_OBJECT = Localized(
    "Both names mean the same object: a change of one changes the other.",
    "Ambos nombres son el mismo objeto: cambiar uno cambia el otro.",
)
ARGUMENT = Localized(
    "`{before}` belongs to the caller, who sees every change that is made to it here.",
    "`{before}` es de quien llama, que ve cada cambio que se le hace aquí.",
)
LITERAL = Localized(
    "The text shows the name as it is written: how does a text show the value of a variable?",
    "El texto muestra el nombre tal como está escrito: ¿cómo muestra un texto el valor de una variable?",
)
JUMP = Localized(
    "`{before}` goes on at the wrong place: should the loop end, or only this round?",
    "`{before}` sigue en el lugar equivocado: ¿debe terminar el bucle o solo esta vuelta?",
)
ALTOGETHER = Localized(
    "The way is different from that of the solutions; comparing with one shows which steps are missing.",
    "El camino es distinto al de las soluciones; compararlo con una muestra qué pasos faltan.",
)
RETURN = Localized("Think about when the function returns, and what.", "Piensa cuándo devuelve algo la función, y qué.")
BLOCK = Localized(
    "Line {line} stands in the wrong block: how often, and when, is it to run?",
    "La línea {line} está en el bloque equivocado: ¿cuántas veces, y cuándo, debe ejecutarse?",
)
TOGETHER = Localized(
    "{count} places have to change together; the first is on line {line}.",
    "Hay que cambiar {count} sitios a la vez; el primero está en la línea {line}.",
)
