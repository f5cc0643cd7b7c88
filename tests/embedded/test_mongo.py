import contextlib
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from devora_admin.embedded import mongo
from devora_admin.embedded.errors import EmbeddedStoreError
from devora_admin.embedded.store import running_url

SMALL = 0.25


def start(data_dir: Path, **options: Any) -> mongo.EmbeddedMongo:
    return mongo.start(data_dir, cache_gb=SMALL, **options)


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[mongo.EmbeddedMongo]:
    with start(tmp_path_factory.mktemp("mongo")) as store:
        yield store


@contextlib.contextmanager
def connected(url: str) -> Iterator[MongoClient[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](url, serverSelectionTimeoutMS=3000) as client:
        yield client


@contextlib.contextmanager
def taken(port: int) -> Iterator[None]:
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", port))
        yield


def owner(data_dir: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Another process that has started MongoDB, and its mongod's number."""
    code = (
        "import pathlib, sys, time; from devora_admin.embedded import mongo;"
        f"store = mongo.start(pathlib.Path(sys.argv[1]), cache_gb={SMALL});"
        "print(store.pid, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(data_dir)], stdout=subprocess.PIPE)
    assert process.stdout
    with process.stdout:
        return process, int(process.stdout.readline())


def test_it_is_a_replica_set_that_runs_transactions(running: mongo.EmbeddedMongo):
    with connected(running.url) as client, client.start_session() as session:
        client.shop.create_collection("orders")
        with session.start_transaction():
            client.shop.orders.insert_one({"n": 1}, session=session)
        assert client.shop.orders.count_documents({}) == 1


def test_a_second_start_finds_what_the_first_one_kept(tmp_path: Path):
    with start(tmp_path) as first, connected(first.url) as client:
        client.shop.orders.insert_one({"n": 1})
    with start(tmp_path) as second, connected(second.url) as client:
        assert second.url == first.url
        assert client.shop.orders.count_documents({}) == 1


def test_its_secrets_are_readable_by_their_owner_only(running: mongo.EmbeddedMongo):
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in running.folder.iterdir()}
    assert {"password", "keyfile", "url"} <= modes.keys()
    assert {name for name, mode in modes.items() if mode & 0o077} == set()
    assert stat.S_IMODE(running.folder.stat().st_mode) == 0o700


def test_the_password_is_on_no_command_line(running: mongo.EmbeddedMongo):
    password = (running.folder / "password").read_text()
    assert password not in " ".join(psutil.Process(running.pid).cmdline())


def test_it_listens_on_loopback_alone(running: mongo.EmbeddedMongo):
    sockets = psutil.Process(running.pid).net_connections("inet")
    local = {each.laddr for each in psutil.Process(running.pid).net_connections("unix")}
    listening = {each.laddr.ip for each in sockets if each.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}
    assert local <= {""}


@pytest.mark.parametrize("login", ["", "devora:guess@"])
def test_without_the_password_nothing_is_read(running: mongo.EmbeddedMongo, login: str):
    with (
        connected(f"mongodb://{login}127.0.0.1:{running.port}/?directConnection=true") as client,
        pytest.raises(OperationFailure),
    ):
        client.shop.orders.find_one()


def test_it_runs_no_javascript(running: mongo.EmbeddedMongo):
    with connected(running.url) as client:
        client.shop.scripts.insert_one({})
        with pytest.raises(OperationFailure, match="ScriptEngine"):
            client.shop.scripts.find_one({"$where": "true"})


def test_another_process_finds_its_url(running: mongo.EmbeddedMongo):
    assert running_url(running.folder) == running.url


def test_a_folder_in_use_names_the_process(running: mongo.EmbeddedMongo):
    with pytest.raises(EmbeddedStoreError, match=f"in use by process {os.getpid()}"):
        start(running.folder.parent)


def test_a_file_in_place_of_the_folder_is_one_clear_sentence(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedStoreError, match=r"not writable .* DEVORA_DATA_DIR"):
        start(tmp_path / "file")


def test_a_read_only_folder_is_one_clear_sentence():
    with pytest.raises(EmbeddedStoreError, match="not writable"):
        start(Path("/proc/devora"))


def test_another_platform_is_told_to_bring_its_own(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(EmbeddedStoreError, match=r"x86_64 .* riscv64.*: set MONGO_URL\.$"):
        start(tmp_path)


def test_a_broken_data_folder_is_reported_in_mongods_words(tmp_path: Path):
    data = tmp_path / "mongo" / "data"
    data.mkdir(parents=True)
    (data / "WiredTiger").write_text("no database")
    (data / "storage.bson").write_bytes(b"nothing")
    with pytest.raises(EmbeddedStoreError, match=r"MongoDB did not start .* its log says: \S+"):
        start(tmp_path)
    assert running_url(mongo.folder(tmp_path)) == ""


def test_a_lost_password_is_one_clear_sentence(tmp_path: Path):
    start(tmp_path).stop()
    (tmp_path / "mongo" / "password").unlink()
    with pytest.raises(EmbeddedStoreError, match="is not the password"):
        start(tmp_path)


def test_a_killed_owner_takes_mongod_along(tmp_path: Path):
    process, mongod = owner(tmp_path)
    process.kill()
    process.wait()
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(mongod).wait(15)


def test_a_start_right_after_the_owner_was_killed_recovers(tmp_path: Path):
    process, mongod = owner(tmp_path)
    process.kill()
    process.wait()
    with start(tmp_path) as store, connected(store.url) as client:
        client.shop.orders.insert_one({})
        assert not psutil.pid_exists(mongod)


def test_a_mongod_that_outlived_its_owner_is_stopped(tmp_path: Path, lines: list[str]):
    store = start(tmp_path)
    store.stop()
    orphan = subprocess.Popen(store.command(), stdout=subprocess.DEVNULL)
    lock = tmp_path / "mongo" / "data" / "mongod.lock"
    while not lock.exists() or lock.read_text().strip() != str(orphan.pid):
        assert orphan.poll() is None
    with start(tmp_path, report=lines.append):
        assert orphan.wait() is not None
    assert lines[0] == "stopped the MongoDB that an earlier run left behind"


def test_a_stranger_with_the_noted_number_is_left_alone(tmp_path: Path):
    start(tmp_path).stop()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        (tmp_path / "mongo" / "data" / "mongod.lock").write_text(f"{stranger.pid}\n")
        start(tmp_path).stop()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_killed_mongod_comes_back_on_its_port_with_its_data(tmp_path: Path):
    with start(tmp_path) as store, connected(store.url) as client:
        client.shop.orders.insert_one({})
        os.kill(store.pid, signal.SIGKILL)
        while store.is_running():
            pass
        store.restart()
        assert client.shop.orders.count_documents({}) == 1


def test_a_port_somebody_took_meanwhile_is_replaced(tmp_path: Path, lines: list[str]):
    store = start(tmp_path)
    with connected(store.url) as client:
        client.shop.orders.insert_one({})
    store.stop()
    with (
        taken(store.port),
        start(tmp_path, report=lines.append) as moved,
        connected(moved.url) as client,
    ):
        assert moved.port != store.port
        assert client.shop.orders.count_documents({}) == 1
    assert lines == [f"port {store.port} is taken, choosing another"]


def test_a_first_run_broken_before_it_made_the_user_is_finished(tmp_path: Path):
    store = mongo.EmbeddedMongo(tmp_path, cache_gb=SMALL)
    store.prepare()
    mongod = subprocess.Popen(store.command(), stdout=subprocess.DEVNULL)
    address = f"127.0.0.1:{store.port}"
    with connected(f"mongodb://{address}/?directConnection=true") as client:
        members = [{"_id": 0, "host": address}]
        client.admin.command("replSetInitiate", {"_id": "devora", "members": members})
    mongod.kill()
    mongod.wait()
    with start(tmp_path) as finished, connected(finished.url) as client:
        assert client.shop.orders.find_one() is None
