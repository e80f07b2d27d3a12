"""What a provider's troubles are called, in words that say what to do."""

from milepost.domain.text import Localized

REFUSED = Localized(
    "{host} refused the key. Set MILEPOST_MODEL_KEY to one that is valid there.",
    "{host} rechazó la clave. Pon en MILEPOST_MODEL_KEY una que valga allí.",
)
KEYLESS = Localized(
    "{host} wants a key, and none was found. Set MILEPOST_MODEL_KEY.",
    "{host} pide una clave y no se encontró ninguna. Pon una en MILEPOST_MODEL_KEY.",
)
NOT_FOUND = Localized(
    "{host} does not know the model {model!r} or the address is not complete (most end in /v1).",
    "{host} no conoce el modelo {model!r} o la dirección no está completa (la mayoría termina en /v1).",
)
NOT_UNDERSTOOD = Localized(
    "{host} did not accept the request (status {status}).", "{host} no aceptó la petición (estado {status})."
)
BUSY = Localized(
    "{host} is busy or its quota is used up; it is asked again later.",
    "{host} está ocupado o se agotó su cuota; se le preguntará más tarde.",
)
FAILING = Localized(
    "{host} has a fault of its own (status {status}).", "{host} tiene un fallo propio (estado {status})."
)
SLOW = Localized("{host} did not answer within {seconds:.0f} s.", "{host} no respondió en {seconds:.0f} s.")
UNREACHABLE = Localized("{host} cannot be reached; is it running?", "No se puede conectar con {host}; ¿está en marcha?")
INSECURE = Localized("The certificate of {host} cannot be trusted.", "El certificado de {host} no es de confianza.")
ELSEWHERE = Localized(
    "{host} sends elsewhere, and the key goes nowhere but to the address in the settings.",
    "{host} redirige a otro sitio, y la clave no va a ninguno salvo a la dirección de los ajustes.",
)
GARBLED = Localized(
    "{host} answered something that cannot be read: it is not in the form that was asked for. Small models often fail at it.",
    "{host} respondió algo que no se puede leer: no tiene la forma pedida. A los modelos pequeños les pasa a menudo.",
)
CUT = Localized("The answer of {host} was cut short.", "La respuesta de {host} quedó cortada.")
LIMITED = Localized(
    "{host} stopped after {tokens} tokens, before its answer was whole: its limit (modelReviewTokens for reviews) or the "
    "server's own context length is too small.",
    "{host} paró a los {tokens} tokens, antes de acabar la respuesta: su límite (modelReviewTokens en las revisiones) o el "
    "contexto del propio servidor es demasiado pequeño.",
)
ENDLESS = Localized("The answer of {host} was far too long.", "La respuesta de {host} era demasiado larga.")
UNEVEN = Localized("{host} gave vectors that do not fit each other.", "{host} dio vectores que no encajan entre sí.")
SPENT = Localized(
    "The tokens for {period} are used up; modelTokensPerDay and modelTokensPerMonth set how many there are.",
    "Se agotaron los tokens {period}; modelTokensPerDay y modelTokensPerMonth fijan cuántos hay.",
)
RESTING = Localized(
    "{host} failed several times; it is left alone for a while.",
    "{host} falló varias veces; se le deja un rato en paz.",
)
DAY = Localized("today", "de hoy")
MONTH = Localized("this month", "de este mes")
BAD_URL = Localized(
    "modelUrl has to begin with https:// (http:// only for this machine and private networks).",
    "modelUrl tiene que empezar por https:// (http:// solo para esta máquina y redes privadas).",
)
