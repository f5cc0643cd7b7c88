"""A real mongod as a one-node replica set, reachable only by whoever started it."""

from __future__ import annotations

import base64
import contextlib
import json
import secrets
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, OperationFailure

from devora_admin.embedded import process, wheels
from devora_admin.embedded.errors import EmbeddedStoreError
from devora_admin.embedded.folder import private_folder, read_or_create, write_private
from devora_admin.embedded.store import EmbeddedStore, Report, quiet

Document = dict[str, Any]

REPLICA_SET = "devora"
USER = "devora"
UNAUTHORIZED = 13
ALREADY_INITIALIZED = 23
NOT_YET_INITIALIZED = 94
STARTUP_TIMEOUT_S = 60.0
PORTS = range(20_000, 32_000)
OPLOG_MB = 1024
GIGABYTE = 1024**3


def folder(data_dir: Path) -> Path:
    return data_dir.absolute() / "mongo"


def start(
    data_dir: Path, *, report: Report = quiet, cache_gb: float | None = None
) -> EmbeddedMongo:
    """Start mongod on `data_dir`, creating it on the first run. Call from the main thread.

    report: gets the lines worth showing (a left-over stopped, another port chosen).
    Raises EmbeddedStoreError when this machine, the folder or mongod itself says no.
    """
    store = EmbeddedMongo(data_dir, report=report, cache_gb=cache_gb)
    store.start()
    return store


class EmbeddedMongo(EmbeddedStore):
    name = "MongoDB"
    stop_signal = signal.SIGTERM

    def __init__(
        self, data_dir: Path, *, report: Report = quiet, cache_gb: float | None = None
    ) -> None:
        self._program = wheels.program("fiftyone", "db/bin/mongod", instead="MONGO_URL")
        super().__init__(folder(data_dir), report=report)
        self.port = 0
        self._cache_gb = cache_gb or _cache_gb()
        self._data = self.folder / "data"
        self._password = ""

    @property
    def url(self) -> str:
        login = f"{USER}:{self._password}@"
        return f"mongodb://{login}127.0.0.1:{self.port}/?authSource=admin&replicaSet={REPLICA_SET}"

    def prepare(self) -> None:
        private_folder(self._data)
        if process.stop_leftover(
            self._data / "mongod.lock", program="mongod", folder=self._data, by=signal.SIGTERM
        ):
            self.report("stopped the MongoDB that an earlier run left behind")
        key = base64.b64encode(secrets.token_bytes(256)).decode()
        read_or_create(self.folder / "keyfile", key)
        self._password = read_or_create(self.folder / "password", secrets.token_urlsafe(24))
        self.port = self._choose_port()
        write_private(self.folder / "port", str(self.port))

    def _choose_port(self) -> int:
        """The port of the last run, so URLs stay good, unless somebody else has it now."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            remembered = int((self.folder / "port").read_text())
            if _is_free(remembered):
                return remembered
            self.report(f"port {remembered} is taken, choosing another")
        # Not one the system hands to outgoing connections, or it may be gone at the next start.
        candidates = (secrets.choice(PORTS) for _ in range(1000))
        return next(port for port in candidates if _is_free(port))

    def command(self) -> list[str]:
        return [
            str(self._program),
            "--quiet",
            "--noscripting",
            "--nounixsocket",
            *("--bind_ip", "127.0.0.1"),
            *("--port", str(self.port)),
            *("--dbpath", str(self._data)),
            *("--replSet", REPLICA_SET),
            *("--keyFile", str(self.folder / "keyfile")),
            *("--oplogSize", str(OPLOG_MB)),
            *("--wiredTigerCacheSizeGB", str(self._cache_gb)),
            *("--wiredTigerCollectionBlockCompressor", "zstd"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            # Nobody else to hand clients over to: do not wait for them.
            *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100"),
        ]

    def wait_until_ready(self) -> None:
        """Also makes the replica set and its user, or finishes what a broken first run began."""
        self._wait_for(lambda hello: True)
        address = f"127.0.0.1:{self.port}"
        if not self._can_sign_in():
            self._create_replica_set(address)
        with self._signed_in() as client:
            config = self._config(client)
            if config["members"][0]["host"] != address:
                config["members"][0]["host"] = address
                config["version"] += 1
                client.admin.command("replSetReconfig", config, force=True)
        self._wait_for(_is_primary)

    def _create_replica_set(self, address: str) -> None:
        with self._client() as stranger:  # may do this from loopback while there is no user
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
            self._wait_for(_is_primary)
            stranger.admin.command("createUser", USER, pwd=self._password, roles=["root"])

    def _config(self, client: MongoClient[Document]) -> Document:
        while True:
            try:
                found: Document = client.admin.command("replSetGetConfig")["config"]
            except OperationFailure as error:
                if error.code != NOT_YET_INITIALIZED or not self.is_running():
                    raise
                time.sleep(0.02)  # mongod is still reading it from its own disk
            else:
                return found

    def _client(self, **login: Any) -> MongoClient[Document]:
        return MongoClient(
            "127.0.0.1", self.port, directConnection=True, serverSelectionTimeoutMS=100, **login
        )

    def _signed_in(self) -> MongoClient[Document]:
        return self._client(username=USER, password=self._password, authSource="admin")

    def _can_sign_in(self) -> bool:
        with self._signed_in() as client:
            try:
                client.admin.command("ping")
            except OperationFailure:
                return False
        return True

    def _wait_for(self, ready: Callable[[Document], bool]) -> None:
        """Wait for an answer to `hello` that is `ready`."""
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
            f"MongoDB did not start on {self._data}, its log says: {_last_words(self.log)}"
        )


def _is_primary(hello: Document) -> bool:
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
    """The first grave line of mongod's log, which is JSON and talkative on the way out."""
    entries = []
    for line in log.read_text(errors="replace").splitlines():
        with contextlib.suppress(json.JSONDecodeError):
            entries.append(json.loads(line))
    grave = [entry for entry in entries if entry.get("s") in ("F", "E")]
    if not grave:
        return process.last_line(log)
    return f"{grave[0].get('msg')} {json.dumps(grave[0].get('attr', {}))}"[:500]


def _cache_gb() -> float:
    """A quarter of the memory, as the rest of the machine is somebody's desk."""
    quarter: float = psutil.virtual_memory().total / GIGABYTE / 4
    return round(min(max(quarter, 0.25), 4.0), 2)
