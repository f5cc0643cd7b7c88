"""`manage.py serve` as a person runs it: a process, its terminal, its signals."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.live import free_port

pytestmark = pytest.mark.xdist_group("serve")
ROOT = Path(__file__).parents[2]
OURS = ("MONGO_URL", "MEMORY_DATABASE_URL", "DB_NAME", "DEVORA_TEST_RUN")


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in OURS}
    return {**inherited, "DEVORA_DATA_DIR": str(data_dir), **more}


class Terminal:
    """One run of `serve` on `data_dir`, and what it printed."""

    def __init__(self, data_dir: Path, *options: str) -> None:
        self.port = free_port()
        self.printed: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(self.port), *options],
            cwd=ROOT,
            env=environment(data_dir, MEMORY_ENABLED="0"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def wait_for(self, words: str) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.printed.append(line)
            if words in line:
                return
        raise AssertionError("".join(self.printed))

    @property
    def text(self) -> str:
        return "".join(self.printed)

    def page(self, path: str) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return int(answer.status)

    def processes(self, name: str = "") -> list[psutil.Process]:
        found = psutil.Process(self.process.pid).children(recursive=True)
        children = [child for child in found if child.status() != psutil.STATUS_ZOMBIE]
        return [child for child in children if name in " ".join(child.cmdline())]

    def end(self, by: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(by)
        assert self.process.stdout
        self.printed += self.process.stdout
        self.process.stdout.close()
        return self.process.wait(20)


@contextlib.contextmanager
def serving(data_dir: Path, *options: str) -> Iterator[Terminal]:
    terminal = Terminal(data_dir, *options)
    try:
        terminal.wait_for("Open http://")
        yield terminal
    finally:
        if terminal.process.poll() is None:
            terminal.end()
        assert terminal.process.stdout
        terminal.process.stdout.close()


def refused(data_dir: Path, *options: str, **variables: str) -> str:
    """What `serve` says when it cannot run; one line, no traceback."""
    done = subprocess.run(
        [sys.executable, "manage.py", "serve", *options],
        cwd=ROOT,
        env=environment(data_dir, MEMORY_ENABLED="0", **variables),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_it_serves_until_ctrl_c_and_leaves_no_process(tmp_path: Path):
    with serving(tmp_path) as terminal:
        assert terminal.page("/healthz") == 200
        assert terminal.page("/readyz") == 200
        with pytest.raises(urllib.error.HTTPError, match="414") as refusal:
            terminal.page(f"/memory/search/?q={'x' * 100_000}")
        assert "ask in fewer words" in refusal.value.read().decode()
        terminal.wait_for("No staff account yet: make one with manage.py create_staff")
        children = terminal.processes()
        assert {child.name() for child in children} >= {"mongod"}
        assert terminal.end() == 0
    assert [child for child in children if child.is_running()] == []


def test_ctrl_c_twice_is_as_clean(tmp_path: Path):
    with serving(tmp_path) as terminal:
        children = terminal.processes()
        terminal.process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        assert terminal.end() == 0
    assert "Traceback" not in terminal.text
    assert [child for child in children if child.is_running()] == []


def test_ctrl_c_during_the_start_is_clean(tmp_path: Path):
    terminal = Terminal(tmp_path)
    terminal.wait_for("MongoDB")
    children = terminal.processes()
    assert terminal.end() == 0
    assert "Traceback" not in terminal.text
    assert [child for child in children if child.is_running()] == []


def test_the_demo_password_is_shown_once_and_a_second_run_makes_nothing_anew(tmp_path: Path):
    with serving(tmp_path, "--demo") as first:
        first.wait_for("Sign in as demo@devora.local with the password")
        assert re.search(r"password \S{16} \(shown this once\)", first.text)
    assert "customers and 400 projects" in first.text
    assert "  done" in first.text
    with serving(tmp_path, "--demo") as second:
        second.wait_for("with the password of the first run")
    # A part that has work to do tells of it in lines of its own, between its name and "done".
    assert "  done" not in second.text


def test_after_kill_9_the_next_run_recovers(tmp_path: Path):
    with serving(tmp_path) as killed:
        children = killed.processes()
        killed.process.kill()
        killed.process.wait()
    with serving(tmp_path) as next_run:
        assert next_run.page("/readyz") == 200
        assert [child for child in children if child.is_running()] == []


def test_what_ends_by_itself_comes_back(tmp_path: Path):
    with serving(tmp_path) as terminal:
        terminal.processes("mongod")[0].kill()
        terminal.wait_for("MongoDB ended unexpectedly")
        terminal.processes("gunicorn")[0].kill()
        terminal.wait_for("web server ended unexpectedly")
        until = time.monotonic() + 15
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                if terminal.page("/readyz") == 200:
                    return
            time.sleep(0.2)
        raise AssertionError(terminal.text)


def create_staff(data_dir: Path, email: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", "create_staff", email, "--role", "viewer"],
        cwd=ROOT,
        env=environment(data_dir, MEMORY_ENABLED="0"),
        input="correct horse battery staple\n",
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.stdout + done.stderr


def test_other_commands_find_the_data_whether_it_runs_or_not(tmp_path: Path):
    with serving(tmp_path):
        assert "Made one@devora.example" in create_staff(tmp_path, "one@devora.example")
    assert "already" in create_staff(tmp_path, "one@devora.example")
    running = [each for each in psutil.process_iter() if each.name() == "mongod"]
    assert [each for each in running if str(tmp_path) in " ".join(each.cmdline())] == []


def test_a_taken_port_is_one_sentence(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        port = str(somebody.getsockname()[1])
        assert refused(tmp_path, "--port", port).startswith(f"Port {port} on 127.0.0.1 is taken:")


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path):
    (tmp_path / "file").touch()
    assert "is not writable" in refused(tmp_path / "file")


def test_a_folder_in_use_is_one_sentence(tmp_path: Path):
    with serving(tmp_path) as terminal:
        said = refused(tmp_path, "--port", str(free_port()))
        assert f"in use by process {terminal.process.pid}" in said


def test_an_unreachable_mongo_is_one_sentence_long_before_the_drivers_own_limit(tmp_path: Path):
    started_at = time.monotonic()
    said = refused(tmp_path, MONGO_URL=f"mongodb://127.0.0.1:{free_port()}/")
    assert said.startswith("MONGO_URL is unreachable")
    assert time.monotonic() - started_at < 20  # the driver alone would try for 30 s


def test_a_mongo_url_nobody_can_read_is_one_sentence(tmp_path: Path):
    assert refused(tmp_path, MONGO_URL="postgres://x").startswith("MONGO_URL cannot be read")


def test_a_refused_sign_in_is_one_sentence(tmp_path: Path):
    url = re.sub(r"://[^@]*@", "://devora:guess@", os.environ["MONGO_URL"])
    assert refused(tmp_path, MONGO_URL=url).startswith("MONGO_URL was refused")


def refused_by_mongod(folder: Path, *options: str) -> str:
    """What `serve` says to a mongod started with these options."""
    from devora_admin.embedded.wheels import program

    port = free_port()
    mongod = program("fiftyone", "db/bin/mongod", instead="")
    (folder / "db").mkdir()
    command = [str(mongod), "--dbpath", str(folder / "db"), "--port", str(port), "--nounixsocket"]
    alone = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL)
    try:
        wait_until_it_listens(port)
        return refused(folder, MONGO_URL=f"mongodb://127.0.0.1:{port}/")
    finally:
        alone.kill()
        alone.wait()


def wait_until_it_listens(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"nothing listens on {port}")


def test_a_mongo_that_is_no_replica_set_is_one_sentence(tmp_path: Path):
    assert refused_by_mongod(tmp_path).startswith(
        "MONGO_URL is no replica set, which transactions and change streams need"
    )


def test_a_replica_set_that_was_never_initiated_is_one_sentence(tmp_path: Path):
    said = refused_by_mongod(tmp_path, "--replSet", "new")
    assert said.startswith("MONGO_URL is a replica set that was never initiated")


def test_an_old_python_is_told_so():
    code = "import runpy, sys; sys.version_info = (3, 8, 1); runpy.run_path('manage.py')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == "Devora Admin needs Python 3.11 or newer, and this is Python 3.8.\n"


def test_an_old_python_can_read_manage_py():
    import ast

    ast.parse((ROOT / "manage.py").read_text(), feature_version=(3, 4))
