import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from devora_admin.embedded import postgres
from devora_admin.embedded.errors import EmbeddedStoreError
from devora_admin.embedded.store import running_url


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.EmbeddedPostgres]:
    with postgres.start(tmp_path_factory.mktemp("postgres")) as store:
        yield store


def one(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
        return row and row[0]


def test_it_has_vectors(running: postgres.EmbeddedPostgres):
    assert one(running.url, "SELECT '[1,2]'::vector <-> '[1,4]'") == 2


def test_a_second_start_finds_what_the_first_one_kept(tmp_path: Path):
    with postgres.start(tmp_path) as store, psycopg.connect(store.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    with postgres.start(tmp_path) as store:
        assert one(store.url, "SELECT n FROM kept") == 7


def test_a_wrong_password_is_refused(running: postgres.EmbeddedPostgres):
    password = (running.folder / "password").read_text()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(running.url.replace(password, "guess"))


def test_it_has_one_socket_in_a_private_folder_and_no_port(running: postgres.EmbeddedPostgres):
    assert psutil.Process(running.pid).net_connections("inet") == []
    assert (running.folder / ".s.PGSQL.5432").is_socket()
    assert stat.S_IMODE(running.folder.stat().st_mode) == 0o700


def test_its_secrets_are_readable_by_their_owner_only(running: postgres.EmbeddedPostgres):
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in running.folder.iterdir()}
    assert {"password", "url", "data"} <= modes.keys()
    assert {name for name, mode in modes.items() if mode & 0o077} == set()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_started_by_root_it_is_not_root(running: postgres.EmbeddedPostgres):
    assert psutil.Process(running.pid).uids().effective != 0


def test_a_path_too_long_for_a_socket_gets_a_short_private_one(tmp_path: Path):
    store = postgres.start(tmp_path / ("long" * 30))
    short = Path(psycopg.conninfo.conninfo_to_dict(store.url)["host"])
    assert one(store.url, "SELECT 1") == 1
    assert stat.S_IMODE(short.stat().st_mode) == 0o700
    store.stop()
    assert not short.exists()


def test_a_folder_in_use_names_the_process(running: postgres.EmbeddedPostgres):
    with pytest.raises(EmbeddedStoreError, match=f"in use by process {os.getpid()}"):
        postgres.start(running.folder.parent)
    assert running_url(running.folder) == running.url


def test_a_killed_owner_takes_the_server_along_and_the_next_start_recovers(tmp_path: Path):
    code = (
        "import pathlib, sys, time; from devora_admin.embedded import postgres;"
        "store = postgres.start(pathlib.Path(sys.argv[1]));"
        "print(store.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout
        server = int(owner.stdout.readline())
        owner.kill()
    with postgres.start(tmp_path) as store:
        assert one(store.url, "SELECT 1") == 1
        assert not psutil.pid_exists(server)


def test_a_killed_server_comes_back_where_it_was(tmp_path: Path):
    with postgres.start(tmp_path) as store:
        os.kill(store.pid, signal.SIGKILL)
        while store.is_running():
            pass
        store.restart()
        assert one(store.url, "SELECT 1") == 1


def test_a_number_some_other_process_has_by_now_does_not_matter(tmp_path: Path):
    postgres.start(tmp_path).stop()
    (tmp_path / "postgres" / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n")
    postgres.start(tmp_path).stop()


def test_another_platform_is_told_what_to_set(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(EmbeddedStoreError, match="set MEMORY_DATABASE_URL or MEMORY_ENABLED=0"):
        postgres.start(tmp_path)
