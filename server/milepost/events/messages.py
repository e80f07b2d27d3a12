"""What the archive has to say to its user."""

from milepost.domain.text import Localized

FOLDER_UNUSABLE = Localized(
    "The event archive cannot be written for now ({reason}); its events wait in the database.",
    "Por ahora no se puede escribir el archivo de eventos ({reason}); sus eventos esperan en la base de datos.",
)
BAD_ADDRESS = Localized(
    "The event archive's address {address} cannot be used ({reason}); give a folder or a URI such as s3://bucket/folder.",
    "La dirección {address} del archivo de eventos no sirve ({reason}); da una carpeta o un URI como s3://cubo/carpeta.",
)
UNREADABLE = Localized(
    "The event archive at {place} cannot be read: {reason}",
    "No se puede leer el archivo de eventos de {place}: {reason}",
)
RESTLESS = Localized(
    "The event archive changes faster than it can be read; try again later.",
    "El archivo de eventos cambia más rápido de lo que se puede leer; inténtalo más tarde.",
)
LATER_SCHEMA = Localized(
    "The event archive holds events of schema version {found}, this Milepost knows up to {known}; use a newer Milepost.",
    "El archivo de eventos tiene eventos con esquema de versión {found} y este Milepost llega a la {known}; "
    "usa un Milepost más nuevo.",
)
BUSY = Localized(
    "A file of the event archive changes all the time; its events wait.",
    "Un archivo de eventos cambia sin cesar; sus eventos esperan.",
)
BROKER_AWAY = Localized(
    "The message broker cannot be used for now ({reason}); events wait where they are.",
    "Por ahora no se puede usar el intermediario de mensajes ({reason}); los eventos esperan donde están.",
)
BROKER_URL = Localized(
    "The broker's address has to look like amqp://user:password@host:5672/ (or amqps://).",
    "La dirección del intermediario debe ser como amqp://usuario:clave@servidor:5672/ (o amqps://).",
)
NOT_CONFIRMED = Localized(
    "The message broker did not take {count} events ({reason}); they wait in the database.",
    "El intermediario de mensajes no aceptó {count} eventos ({reason}); esperan en la base de datos.",
)
NO_EVENT = Localized("the message is no event: {reason}", "el mensaje no es un evento: {reason}")
UNKNOWN_EVENT = Localized(
    "the database knows no such event; this worker may look at another database than the relay",
    "la base de datos no conoce este evento; quizá este proceso mira otra base de datos que el emisor",
)
FATAL = Localized(
    "the worker ended {count} times while it had this message alone",
    "el proceso terminó {count} veces mientras tenía solo este mensaje",
)
EXPORT_OCCUPIED = Localized(
    "{folder} is not empty; name a folder that is, or that is not there yet.",
    "{folder} no está vacía; nombra una carpeta que lo esté o que aún no exista.",
)
EXPORT_FAILED = Localized("{folder} cannot be written: {reason}", "No se puede escribir {folder}: {reason}")
STRANGE_PATH = Localized(
    "The event archive refuses a file name that does not belong to it: {path}",
    "El archivo de eventos rechaza un nombre de archivo que no es suyo: {path}",
)
