"""Texts about the database, in both languages."""

from milepost.domain.text import Localized

UNAVAILABLE = Localized(
    "The database cannot be reached: {reason}",
    "No se puede acceder a la base de datos: {reason}",
)
SCHEMA_TOO_NEW = Localized(
    "The database has schema {found}, newer than {known}, the newest this version of Milepost knows. "
    "Update Milepost; nothing was changed.",
    "La base de datos tiene el esquema {found}, más nuevo que {known}, el último que conoce esta versión de Milepost. "
    "Actualiza Milepost; no se ha cambiado nada.",
)
EXTENSION_MISSING = Localized(
    "The database needs the extension pgvector 0.8 or newer (found: {found}). "
    "An administrator can install it with: CREATE EXTENSION vector",
    "La base de datos necesita la extensión pgvector 0.8 o posterior (encontrada: {found}). "
    "Un administrador puede instalarla con: CREATE EXTENSION vector",
)
BAD_URL = Localized(
    "DATABASE_URL must look like postgresql+asyncpg://user:password@host/database.",
    "DATABASE_URL debe tener la forma postgresql+asyncpg://usuario:contraseña@servidor/base.",
)
NOT_A_FOLDER = Localized(
    "{path} is in the way of the data folder: it is not a folder. Move it, or set MILEPOST_DATA_DIR.",
    "{path} ocupa el lugar de la carpeta de datos: no es una carpeta. Muévelo o define MILEPOST_DATA_DIR.",
)
READ_ONLY = Localized(
    "The data folder {path} cannot be written to ({reason}). Change its permissions, or set MILEPOST_DATA_DIR.",
    "No se puede escribir en la carpeta de datos {path} ({reason}). Cambia sus permisos o define MILEPOST_DATA_DIR.",
)
WRONG_OWNER = Localized(
    "The data folder {path} belongs to another user ({owner}). Run Milepost as that user, or set MILEPOST_DATA_DIR.",
    "La carpeta de datos {path} pertenece a otro usuario ({owner}). Ejecuta Milepost con ese usuario "
    "o define MILEPOST_DATA_DIR.",
)
DISK_FULL = Localized(
    "The disk of the data folder {path} is full: {free} MB are free and {needed} MB are needed.",
    "El disco de la carpeta de datos {path} está lleno: quedan {free} MB libres y se necesitan {needed} MB.",
)
OTHER_MAJOR = Localized(
    "The data in {path} were written by PostgreSQL {found}; this Milepost brings PostgreSQL {ours}. "
    "Nothing was changed. Save the data with the version that wrote them (milepost db backup), "
    "move the folder away, and restore them here (milepost db restore).",
    "Los datos de {path} los escribió PostgreSQL {found}; este Milepost trae PostgreSQL {ours}. "
    "No se ha cambiado nada. Guarda los datos con la versión que los escribió (milepost db backup), "
    "aparta la carpeta y restáuralos aquí (milepost db restore).",
)
START_FAILED = Localized(
    "The embedded PostgreSQL in {path} did not start: {reason}",
    "El PostgreSQL integrado en {path} no arrancó: {reason}",
)
START_TIMEOUT = Localized(
    "The embedded PostgreSQL in {path} did not answer within {seconds} s: {reason}",
    "El PostgreSQL integrado en {path} no respondió en {seconds} s: {reason}",
)
CREDENTIALS_LOST = Localized(
    "The password file {path} does not fit the data beside it. Put it back, or move the whole folder away "
    "to start anew.",
    "El archivo de contraseña {path} no corresponde a los datos que lo acompañan. Repónlo o aparta la carpeta entera "
    "para empezar de cero.",
)
UNSUPPORTED_PLATFORM = Localized(
    "The embedded database is not available on this system; name a PostgreSQL server in DATABASE_URL.",
    "La base de datos integrada no está disponible en este sistema; indica un servidor PostgreSQL en DATABASE_URL.",
)
ROOT_REFUSED = Localized(
    "PostgreSQL does not run as root, and this system offers no way around it (neither unshare nor setpriv works). "
    "Run Milepost as a normal user, or name a PostgreSQL server in DATABASE_URL.",
    "PostgreSQL no se ejecuta como root y este sistema no ofrece alternativa (no funcionan ni unshare ni setpriv). "
    "Ejecuta Milepost con un usuario normal o indica un servidor PostgreSQL en DATABASE_URL.",
)
CONFLICT = Localized(
    "This contradicts what is stored already ({constraint}).",
    "Esto contradice lo que ya está guardado ({constraint}).",
)
BACKUP_FAILED = Localized("PostgreSQL refused: {reason}", "PostgreSQL lo rechazó: {reason}")
