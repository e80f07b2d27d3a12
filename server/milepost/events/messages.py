"""What the archive has to say to its user."""

from milepost.domain.text import Localized

FOLDER_UNUSABLE = Localized(
    "The event archive cannot be written for now ({reason}); its events wait in the database.",
    "Por ahora no se puede escribir el archivo de eventos ({reason}); sus eventos esperan en la base de datos.",
)
STRANGE_PATH = Localized(
    "The event archive refuses a file name that does not belong to it: {path}",
    "El archivo de eventos rechaza un nombre de archivo que no es suyo: {path}",
)
