"""A real mongod as a one-node replica set, reachable only by whoever started it."""

from __future__ import annotations

import base64
import contextlib
import json
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, OperationFailure

from devora_admin.embedded import process, wheels
from devora_admin.embedded.errors import EmbeddedStoreError
from devora_admin.embedded.folder import FolderLock, private_folder, read_or_create, write_private

Report = Callable[[str], None]
Hello = dict[str, Any]

REPLICA_SET = "devora"
USER = "devora"
UNAUTHORIZED = 13
ALREADY_INITIALIZED = 23
NOT_YET_INITIALIZED = 94
STARTUP_TIMEOUT_S = 60.0
OPLOG_MB = 1024
GIGABYTE = 1024**3


def start(
    data_dir: Path, *, report: Report = lambda _: None, cache_gb: float | None = None
) -> EmbeddedMongo:
    """Start mongod on `data_dir/mongo`, creating it on the first run. Call from the main thread.

    report: gets a line worth showing (a repair, a new port).
    Raises EmbeddedStoreError when this machine, the folder or mongod itself says no.
    """
    program = wheels.program("fiftyone", "db/bin/mongod", instead="MONGO_URL")
    store = EmbeddedMongo(program, data_dir, cache_gb=cache_gb or _cache_gb(), report=report)
    store.start()
    return store


def running_url(data_dir: Path, *, timeout_s: float = 20.0) -> str:
    """URL of the mongod another process runs on `data_dir`; "" when none does.

    Waits while that one is still starting.
    """
    folder = data_dir.absolute() / "mongo"
    until = time.monotonic() + timeout_s
    while FolderLock(folder).is_held():
        with contextlib.suppress(FileNotFoundError):
            return (folder / "url").read_text()
        if time.monotonic() > until:
            break
        time.sleep(0.1)
    return ""


class EmbeddedMongo:
    """One running mongod and the lock on its folder. Stop it, or use it in a `with`."""

    def __init__(self, program: Path, data_dir: Path, *, cache_gb: float, report: Report) -> None:
        self.folder = private_folder(data_dir.absolute()) / "mongo"
        self.port = 0
        self._data = self.folder / "data"
        self._log = self.folder / "mongod.log"
        self._program = program
        self._cache_gb = cache_gb
        self._report = report
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        login = f"{USER}:{self._password}@"
        return f"mongodb://{login}127.0.0.1:{self.port}/?authSource=admin&replicaSet={REPLICA_SET}"

    @property
    def pid(self) -> int:
        """0 when it is not running."""
        return self._process.pid if self.is_running() and self._process else 0

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        private_folder(self.folder)
        self._lock = FolderLock(self.folder)
        self._lock.acquire()
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def restart(self) -> None:
        """Bring back a mongod that ended by itself, on the port clients already know."""
        self._run_mongod()
        self._wait_until(is_primary)

    def stop(self, timeout_s: float = 20.0) -> None:
        (self.folder / "url").unlink(missing_ok=True)
        if self._process:
            process.stop(self._process, by=signal.SIGTERM, timeout_s=timeout_s)
            self._process = None
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _start(self) -> None:
        (self.folder / "url").unlink(missing_ok=True)
        private_folder(self._data)
        if process.stop_leftover(
            self._data / "mongod.lock", program="mongod", folder=self._data, by=signal.SIGTERM
        ):
            self._report("stopped the MongoDB an earlier run left behind")
        key = base64.b64encode(secrets.token_bytes(256)).decode()
        read_or_create(self.folder / "keyfile", key)
        self._password = read_or_create(self.folder / "password", secrets.token_urlsafe(24))
        self.port = self._choose_port()
        self._run_mongod()
        self._configure()
        self._wait_until(is_primary)
        write_private(self.folder / "port", str(self.port))
        write_private(self.folder / "url", self.url)

    def _choose_port(self) -> int:
        """The port of the last run, so URLs stay good, unless somebody else has it now."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            remembered = int((self.folder / "port").read_text())
            if _is_free(remembered):
                return remembered
            self._report(f"port {remembered} is taken, choosing another")
        with socket.create_server(("127.0.0.1", 0)) as server:
            return int(server.getsockname()[1])

    def _run_mongod(self) -> None:
        arguments = {
            "dbpath": self._data,
            "bind_ip": "127.0.0.1",
            "port": self.port,
            "replSet": REPLICA_SET,
            "keyFile": self.folder / "keyfile",
            "oplogSize": OPLOG_MB,
            "wiredTigerCacheSizeGB": self._cache_gb,
            "wiredTigerCollectionBlockCompressor": "zstd",
        }
        command = [str(self._program), "--quiet", "--noscripting", "--nounixsocket"]
        for name, value in arguments.items():
            command += [f"--{name}", str(value)]
        for parameter in (
            "diagnosticDataCollectionEnabled=false",
            # Nobody else to hand clients over to: do not wait for them.
            "shutdownTimeoutMillisForSignaledShutdown=100",
        ):
            command += ["--setParameter", parameter]
        with self._log.open("wb") as log:
            self._log.chmod(0o600)
            self._process = process.spawn(command, output=log)

    def _client(self, **options: Any) -> MongoClient[dict[str, Any]]:
        return MongoClient(
            "127.0.0.1",
            self.port,
            directConnection=True,
            serverSelectionTimeoutMS=100,
            **options,
        )

    def _signed_in(self) -> MongoClient[dict[str, Any]]:
        return self._client(username=USER, password=self._password, authSource="admin")

    def _configure(self) -> None:
        """Make the replica set and its user, or finish what an interrupted first run began."""
        self._wait_until(lambda hello: True)
        address = f"127.0.0.1:{self.port}"
        if not self._can_sign_in():
            self._create_replica_set(address)
        with self._signed_in() as client:
            config = self._config(client)
            if config["members"][0]["host"] != address:
                config["members"][0]["host"] = address
                config["version"] += 1
                client.admin.command("replSetReconfig", config, force=True)

    def _config(self, client: MongoClient[dict[str, Any]]) -> dict[str, Any]:
        while True:
            try:
                config: dict[str, Any] = client.admin.command("replSetGetConfig")["config"]
            except OperationFailure as error:
                if error.code != NOT_YET_INITIALIZED or not self.is_running():
                    raise
                time.sleep(0.02)  # still reading it from its own disk
            else:
                return config

    def _create_replica_set(self, address: str) -> None:
        with self._client() as stranger:  # allowed from loopback while there is no user
            members = [{"_id": 0, "host": address}]
            try:
                stranger.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
            except OperationFailure as error:
                if error.code == UNAUTHORIZED:
                    raise EmbeddedStoreError(
                        f"{self.folder / 'password'} is not the password of the MongoDB in"
                        f" {self._data}: bring the old file back, or move {self.folder} away."
                    ) from error
                if error.code != ALREADY_INITIALIZED:
                    raise
            self._wait_until(is_primary)
            stranger.admin.command("createUser", USER, pwd=self._password, roles=["root"])

    def _can_sign_in(self) -> bool:
        with self._signed_in() as client:
            try:
                client.admin.command("ping")
            except OperationFailure:
                return False
        return True

    def _wait_until(self, ready: Callable[[Hello], bool]) -> None:
        """Wait for an answer to `hello` that is `ready`; raises when mongod ends or is too slow."""
        until = time.monotonic() + STARTUP_TIMEOUT_S
        with contextlib.ExitStack() as stack:
            client = None
            while self.is_running() and time.monotonic() < until:
                # A client that finds no server waits half a second, so knock first.
                if client is None and _answers(self.port):
                    client = stack.enter_context(self._client())
                with contextlib.suppress(ConnectionFailure):
                    if client and ready(client.admin.command("hello")):
                        return
                time.sleep(0.02)
        raise EmbeddedStoreError(
            f"MongoDB did not start on {self._data}, its last words were: {_last_words(self._log)}"
        )


def is_primary(hello: Hello) -> bool:
    return bool(hello.get("isWritablePrimary"))


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _last_words(log: Path) -> str:
    """The worst line of mongod's log, which is JSON and talkative on the way out."""
    entries = []
    for line in log.read_text(errors="replace").splitlines():
        with contextlib.suppress(json.JSONDecodeError):
            entries.append(json.loads(line))
    grave = [entry for entry in entries if entry.get("s") in ("F", "E")] or entries
    if not grave:
        return process.last_line(log)
    return f"{grave[0].get('msg')} {json.dumps(grave[0].get('attr', {}))}"[:500]


def _cache_gb() -> float:
    """A quarter of the memory, as the rest of the machine is somebody's desk."""
    quarter = psutil.virtual_memory().total / GIGABYTE / 4
    return round(min(max(quarter, 0.25), 4.0), 2)
