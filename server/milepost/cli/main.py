"""The command line: one table of commands; what a command needs is imported when it runs."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from milepost import __version__
from milepost.settings import loading


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit with its status: 0 well, 1 something failed, 2 usage or course error."""
    parsed = _parsed(arguments)
    module, _, function = parsed.run.partition(":")
    try:
        status = getattr(importlib.import_module(f"milepost.cli.{module}"), function)(parsed)
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:
        # The reader of a pipe went away; what it read is what it wanted.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status)


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the arguments, with help and complaints in the user's language."""
    language = "en"
    # An impossible setting is told by the command that needs it.
    with suppress(loading.SettingsError):
        language = loading.load_for_terminal().language
    if language != "es":
        return parser().parse_args(arguments)
    from milepost.cli import spanish  # noqa: PLC0415 Others need not wait for it.

    with spanish.spoken():
        top = parser()
        spanish.translate(top)
        return top.parse_args(arguments)


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = argparse.ArgumentParser(prog="milepost", description="A language server that knows what you want to achieve.")
    top.add_argument("--version", action="version", version=f"milepost {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _serving(commands)
    _checking(commands)
    _courses(commands)
    _entities(commands)
    _reporting(commands)
    _events(commands)
    _people(commands)
    _planning(commands)
    _upkeep(commands)
    return top


_Group = argparse._SubParsersAction  # noqa: SLF001 The type has no public name.
if TYPE_CHECKING:
    Commands = _Group[argparse.ArgumentParser]


def _command(commands: "Commands", name: str, run: str, help_text: str) -> argparse.ArgumentParser:
    added: argparse.ArgumentParser = commands.add_parser(name, help=help_text, description=help_text)
    added.set_defaults(run=run)
    return added


def _serving(commands: "Commands") -> None:
    serve = _command(commands, "serve", "serving:serve", "Run the language server for an editor.")
    serve.add_argument("--stdio", action="store_true", help="over standard input and output (the default)")
    demo = _command(commands, "demo", "demo:run", "Show a save, its report and its fix, with the real server.")
    demo.add_argument("--data-dir", default=".milepost-demo", help="folder for the demo's files and database")


def _checking(commands: "Commands") -> None:
    check = _command(commands, "check", "checking:run", "Judge files against their tasks; stores nothing of them.")
    check.add_argument("paths", nargs="+", metavar="PATH", help="a file, or a folder for all claimed files in it")
    check.add_argument("--course", metavar="DIR", help="folder of the course (default: found upwards of each file)")
    check.add_argument("--format", choices=("text", "json", "sarif", "github"), default="text")
    check.add_argument("--fix", action="store_true", help="apply the preferred verified fix to each file")
    check.add_argument("--unprotected", action="store_true", help="run programs though no sandbox works here")


def _courses(commands: "Commands") -> None:
    init = _command(commands, "init", "courses:init", "Write a milepost.yaml to fill in.")
    init.add_argument("folder", nargs="?", default=".")
    course = commands.add_parser("course", help="Courses: add, start, trust, export, list.")
    actions = course.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = _command(actions, "add", "courses:add", "Import a course and prove its solutions.")
    add.add_argument("folder")
    add.add_argument("--unprotected", action="store_true", help="run solutions though no sandbox works here")
    start = _command(actions, "start", "courses:start", "Copy a course into a folder and begin.")
    start.add_argument("source", nargs="?", default="", help="title of a bundled course, or a folder")
    start.add_argument("--into", default=".", metavar="FOLDER")
    trust = _command(actions, "trust", "courses:trust", "Say whether a course may run its tests in an editor.")
    trust.add_argument("folder", nargs="?", default=".")
    trust.add_argument("--no", action="store_true", help="no longer")
    export = _command(actions, "export", "courses:export", "Print a stored course as milepost.yaml.")
    export.add_argument("title")
    _command(actions, "list", "courses:show_list", "List bundled and stored courses.")


def _entities(commands: "Commands") -> None:
    for noun in ("user", "course", "goal", "task"):
        holder = commands.choices.get(noun) or commands.add_parser(noun, help=f"Work with a {noun}.")
        group = next((action for action in holder._actions if isinstance(action, _Group)), None)  # noqa: SLF001
        actions = group or holder.add_subparsers(dest="action", required=True, metavar="ACTION")
        if noun != "course":
            _command(actions, "list", "entities:show_list", f"List every {noun}.").set_defaults(noun=noun)
        show = _command(actions, "show", "entities:show", f"Show one {noun}.")
        show.add_argument("key", help="id, or the beginning of the title")
        create = _command(actions, "create", "entities:create", f"Create a {noun}.")
        update = _command(actions, "update", "entities:update", f"Change fields of a {noun}.")
        update.add_argument("key", help="id, or the beginning of the title")
        for each in (create, update):
            each.add_argument("fields", nargs="*", metavar="FIELD=VALUE", help="for example title=Search")
        delete = _command(actions, "delete", "entities:delete", f"Delete a {noun} with all that belongs to it.")
        delete.add_argument("key", help="id, or the beginning of the title")
        for each in (show, create, update, delete):
            each.set_defaults(noun=noun)
        if noun == "user":
            # A person is in the archive as well.
            delete.set_defaults(run="people:forget")
            delete.add_argument("--yes", action="store_true", help="do not ask")


def _reporting(commands: "Commands") -> None:
    report = _command(commands, "report", "reporting:run", "Show history and progress: yours, or a whole class's.")
    report.add_argument("--user", metavar="NAME", help="only this user: name, address or id")
    report.add_argument("--course", metavar="TITLE", help="only this course")
    report.add_argument("--from", dest="since", metavar="DATE", help="from this day on, for example 2026-01-31")
    report.add_argument("--to", dest="until", metavar="DATE", help="up to and with this day")
    report.add_argument("--archive", metavar="FOLDER", help="read this archive, for example a copy, and no database")
    output = report.add_mutually_exclusive_group()
    output.add_argument("--html", metavar="FILE", help="write one page that needs nothing else, for any browser")
    output.add_argument("--format", choices=("text", "json", "csv"), default="text")


def _events(commands: "Commands") -> None:
    worker = _command(commands, "worker", "working:work", "Hand events on through a broker and archive them.")
    worker.add_argument("--only", choices=("relay", "archive"), help="only publish, or only archive (default: both)")
    group = commands.add_parser("events", help="The homes of the events: verify, replay, compact, dead.")
    actions = group.add_subparsers(dest="action", required=True, metavar="ACTION")
    _command(actions, "verify", "events:verify", "Compare database, archive and broker; exit status 1 if they differ.")
    replay = _command(actions, "replay", "events:replay", "Make anew what one home of the events lost.")
    replay.add_argument("--users", action="store_true", help="bring back people whom the database does not know")
    _command(actions, "compact", "events:compact", "Merge the files of closed days; let old events of courses go.")
    dead = _command(actions, "dead", "working:show_dead", "List events that could not be handed on, with the reason.")
    dead.add_argument("--requeue", nargs="*", metavar="ID", help="send these, or all, on their way again")


def _people(commands: "Commands") -> None:
    forget = _command(commands, "forget", "people:forget", "Remove a person from database and archive, for good.")
    forget.add_argument("key", metavar="USER", help="name, address or id")
    forget.add_argument("--yes", action="store_true", help="do not ask")
    export = _command(commands, "export", "people:export", "Write everything of a person as JSON and Parquet.")
    export.add_argument("key", metavar="USER", help="name, address or id")
    export.add_argument("--into", metavar="FOLDER", default="", help="an empty folder (default: named after the user)")


def _planning(commands: "Commands") -> None:
    goal = next(action for action in commands.choices["goal"]._actions if isinstance(action, _Group))  # noqa: SLF001
    new = _command(goal, "new", "planning:new", "Draft a goal from a wish; nothing is stored before it is approved.")
    new.add_argument("wish", nargs="+", help='for example "I want to learn FastAPI"')
    new.add_argument("--into", default=".", metavar="FOLDER", help="folder for the draft")
    approve = _command(goal, "approve", "planning:approve", "Store a drafted goal, as it is in its document now.")
    approve.add_argument("draft", nargs="?", default=".", help="the draft, or the folder that holds it")


def _upkeep(commands: "Commands") -> None:
    database = commands.add_parser("db", help="The database: upgrade, status, backup, restore.")
    actions = database.add_subparsers(dest="action", required=True, metavar="ACTION")
    _command(actions, "upgrade", "upkeep:upgrade", "Bring the schema up to date.")
    _command(actions, "status", "upkeep:status", "Show server and schema.")
    backup = _command(actions, "backup", "upkeep:backup", "Write everything in the database to a file.")
    backup.add_argument("file")
    restore = _command(actions, "restore", "upkeep:restore", "Put a backup in the place of what is there.")
    restore.add_argument("file")
    restore.add_argument("--replace", action="store_true", required=True, help="yes, what is there now is replaced")
    _command(commands, "doctor", "upkeep:doctor", "Say what works on this machine and what protection is active.")
