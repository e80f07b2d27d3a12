"""The help of the commands in Spanish: argparse's own words, and Milepost's by what they are in English."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

_OF_ARGPARSE = {
    "usage: ": "uso: ",
    "positional arguments": "argumentos",
    "options": "opciones",
    "show this help message and exit": "muestra esta ayuda y termina",
    "show program's version number and exit": "muestra la versión y termina",
    "argument %(argument_name)s: %(message)s": "argumento %(argument_name)s: %(message)s",
    "unrecognized arguments: %s": "argumentos desconocidos: %s",
    "the following arguments are required: %s": "faltan estos argumentos: %s",
    "one of the arguments %s is required": "hace falta uno de estos argumentos: %s",
    "expected one argument": "le falta un valor",
    "expected at least one argument": "le falta al menos un valor",
    "not allowed with argument %s": "no se puede usar junto con %s",
    "ignored explicit argument %r": "no admite ningún valor: %r",
    "ambiguous option: %(option)s could match %(matches)s": "opción ambigua: %(option)s puede ser %(matches)s",
    "invalid choice: %(value)r (choose from %(choices)s)": "%(value)r no existe (elige entre %(choices)s)",
}
# One of them, and all.
NOUNS = {
    "user": ("un usuario", "los usuarios"),
    "course": ("un curso", "los cursos"),
    "goal": ("un objetivo", "los objetivos"),
    "task": ("una tarea", "las tareas"),
}
_OF_NOUNS = {
    "Work with a {}.": "Gestiona {all}.",
    "List every {}.": "Lista {all}.",
    "Show one {}.": "Muestra {one}.",
    "Create a {}.": "Crea {one}.",
    "Change fields of a {}.": "Cambia campos de {one}.",
    "Delete a {} with all that belongs to it.": "Borra {one} con todo lo que contiene.",
}
HELP = {
    "A language server that knows what you want to achieve.": "Un servidor de lenguaje que sabe lo que quieres lograr.",
    "Run the language server for an editor.": "Ejecuta el servidor de lenguaje para un editor.",
    "over standard input and output (the default)": "por la entrada y la salida estándar (lo normal)",
    "Show a save, its report and its fix, with the real server.": (
        "Muestra un guardado, su informe y su arreglo, con el servidor de verdad."
    ),
    "folder for the demo's files and database": "carpeta para los archivos y la base de datos de la demostración",
    "Judge files against their tasks; stores nothing of them.": (
        "Juzga archivos según sus tareas; no guarda nada de ellos."
    ),
    "a file, or a folder for all claimed files in it": "un archivo, o una carpeta con todos los suyos que son de tareas",
    "folder of the course (default: found upwards of each file)": (
        "carpeta del curso (si no, se busca hacia arriba desde cada archivo)"
    ),
    "apply the preferred verified fix to each file": "aplica a cada archivo el arreglo verificado preferido",
    "run programs though no sandbox works here": "ejecuta los programas aunque aquí no funcione ningún sandbox",
    "Write a milepost.yaml to fill in.": "Escribe un milepost.yaml para completar.",
    "Courses: add, start, trust, export, list.": "Cursos: importar, empezar, confiar, exportar, listar.",
    "Import a course and prove its solutions.": "Importa un curso y comprueba sus soluciones.",
    "run solutions though no sandbox works here": "ejecuta las soluciones aunque aquí no funcione ningún sandbox",
    "Copy a course into a folder and begin.": "Copia un curso a una carpeta y empieza.",
    "title of a bundled course, or a folder": "título de un curso incluido, o una carpeta",
    "Say whether a course may run its tests in an editor.": "Di si un curso puede ejecutar sus pruebas en un editor.",
    "no longer": "ya no",
    "Print a stored course as milepost.yaml.": "Escribe un curso guardado como milepost.yaml.",
    "List bundled and stored courses.": "Lista los cursos incluidos y guardados.",
    "id, or the beginning of the title": "id, o el principio del título",
    "for example title=Search": "por ejemplo title=Buscar",
    "do not ask": "sin preguntar",
    "Show history and progress: yours, or a whole class's.": "Muestra historia y avance: los tuyos, o los de una clase.",
    "only this user: name, address or id": "solo este usuario: nombre, dirección o id",
    "only this course": "solo este curso",
    "from this day on, for example 2026-01-31": "desde este día, por ejemplo 2026-01-31",
    "up to and with this day": "hasta este día, incluido",
    "read this archive, for example a copy, and no database": "lee este archivo de eventos, por ejemplo una copia, "
    "y ninguna base de datos",
    "write one page that needs nothing else, for any browser": "escribe una página completa, para cualquier navegador",
    "Hand events on through a broker and archive them.": "Entrega eventos a través de un broker y los archiva.",
    "only publish, or only archive (default: both)": "solo publica, o solo archiva (si no, ambas cosas)",
    "The homes of the events: verify, replay, compact, dead.": (
        "Los lugares de los eventos: verificar, rehacer, compactar, apartados."
    ),
    "Compare database, archive and broker; exit status 1 if they differ.": (
        "Compara base de datos, archivo y broker; estado de salida 1 si difieren."
    ),
    "Make anew what one home of the events lost.": "Rehace lo que se perdió en uno de los lugares de los eventos.",
    "bring back people whom the database does not know": "recupera a personas que la base de datos no conoce",
    "Merge the files of closed days; let old events of courses go.": (
        "Une los archivos de días cerrados; borra eventos de cursos que caducaron."
    ),
    "List events that could not be handed on, with the reason.": (
        "Lista los eventos que no se pudieron entregar, con el motivo."
    ),
    "send these, or all, on their way again": "envía de nuevo estos, o todos",
    "Remove a person from database and archive, for good.": (
        "Borra a una persona de la base de datos y del archivo, para siempre."
    ),
    "name, address or id": "nombre, dirección o id",
    "Write everything of a person as JSON and Parquet.": "Escribe todo lo de una persona en JSON y Parquet.",
    "an empty folder (default: named after the user)": "una carpeta vacía (si no, con el nombre del usuario)",
    "Draft a goal from a wish; nothing is stored before it is approved.": (
        "Esboza un objetivo a partir de un deseo; nada se guarda antes de aprobarlo."
    ),
    'for example "I want to learn FastAPI"': 'por ejemplo "Quiero aprender FastAPI"',
    "folder for the draft": "carpeta para el borrador",
    "Store a drafted goal, as it is in its document now.": (
        "Guarda un objetivo esbozado, tal como está ahora en su documento."
    ),
    "the draft, or the folder that holds it": "el borrador, o la carpeta que lo contiene",
    "The database: upgrade, status, backup, restore.": "La base de datos: actualizar, estado, copiar, restaurar.",
    "Bring the schema up to date.": "Pone el esquema al día.",
    "Show server and schema.": "Muestra el servidor y el esquema.",
    "Write everything in the database to a file.": "Escribe toda la base de datos en un archivo.",
    "Put a backup in the place of what is there.": "Pone una copia en el lugar de lo que hay.",
    "yes, what is there now is replaced": "sí, se reemplaza lo que hay ahora",
    "Say what works on this machine and what protection is active.": (
        "Di qué funciona en esta máquina y qué protección está activa."
    ),
    **{
        english.format(noun): spanish.format(one=one, all=everything)
        for noun, (one, everything) in NOUNS.items()
        for english, spanish in _OF_NOUNS.items()
    },
}


@contextmanager
def spoken() -> Iterator[None]:
    """Have argparse use Spanish words meanwhile; parsers take some of them when they are made."""
    # It looks them up by gettext, whose compiled catalogues so few words are not worth.
    english = vars(argparse)["_"]
    vars(argparse)["_"] = lambda text: _OF_ARGPARSE.get(text, text)
    try:
        yield
    finally:
        vars(argparse)["_"] = english


def translate(parser: argparse.ArgumentParser) -> None:
    """Put the help of a parser and of all below it into Spanish."""
    parser.description = _said(parser.description)
    for action in parser._actions:  # noqa: SLF001 There is no public way to them.
        action.help = _said(action.help)
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for listed in action._choices_actions:  # noqa: SLF001
                listed.help = _said(listed.help)
            for below in action.choices.values():
                translate(below)


def _said(text: str | None) -> str | None:
    return HELP.get(text or "", _OF_ARGPARSE.get(text or "", text))
