"""`manage.py serve`: everything the dashboard needs, in one process tree that stops cleanly."""

import http.client
import os
import signal
import sys
import time
from argparse import ArgumentParser, Namespace
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from devora_admin.core.starting import begin_loading
from devora_admin.embedded.errors import EmbeddedStoreError
from devora_admin.embedded.folder import FolderLock, writable_folder
from devora_admin.ops.serve.checks import CannotServe, mongo_is_usable, port_is_free
from devora_admin.ops.serve.steps import say, step
from devora_admin.ops.serve.supervisor import ChildProcess, Part, watch

PAGES_TIMEOUT_S = 60.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Stores:
    """Where the data is. A URL that is None means the embedded store."""

    data_dir: Path
    mongo_url: str | None
    memory_enabled: bool
    memory_database_url: str | None


class Stop(BaseException):
    """We were told to stop. Not an Exception, so that no code on the way down keeps it."""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--demo", action="store_true", help="with made-up data and an account")


def serve(arguments: list[str], stores: Stores, *, gunicorn_config: str) -> int:
    """The exit code. Runs before Django is set up, which needs the URLs found here."""
    parser = ArgumentParser(prog="manage.py serve")
    add_arguments(parser)
    options = parser.parse_args(arguments)
    for number in STOP_SIGNALS:
        signal.signal(number, _stop_once)
    try:
        with ExitStack() as started:
            _run(options, stores, gunicorn_config, started)
    except Stop:
        say("Stopped.")
    except (CannotServe, EmbeddedStoreError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _stop_once(_number: int, _frame: FrameType | None) -> None:
    for number in STOP_SIGNALS:  # a second Ctrl-C must not break the stopping itself
        signal.signal(number, lambda *_: None)
    say("\nStopping…")
    raise Stop


def _run(options: Namespace, stores: Stores, gunicorn_config: str, started: ExitStack) -> None:
    lock = FolderLock(writable_folder(stores.data_dir))
    lock.acquire()
    started.callback(lock.release)
    address = f"[{options.host}]" if ":" in options.host else options.host
    pages = ChildProcess(
        "web server",
        [
            *(sys.executable, "-m", "gunicorn", "-c", gunicorn_config),
            *("--bind", f"{address}:{options.port}"),
            "devora_admin.config.wsgi:application",
        ],
        data_dir=stores.data_dir,
        stop_timeout_s=15,
    )
    worker = ChildProcess(
        "background worker",
        [sys.executable, "-m", "devora_admin", "worker", "--verbosity", "0"],
        data_dir=stores.data_dir,
        stop_timeout_s=15,
    )
    for child in (pages, worker):
        child.stop_leftover()
    port_is_free(options.host, options.port)

    parts: list[Part] = _start_stores(stores, started)
    sign_in = _prepare(demo=options.demo)
    from django.core.management import get_commands

    children = [worker, pages] if "worker" in get_commands() else [pages]
    for child in children:
        started.callback(child.stop)
        child.restart()
    parts += children
    with step("Web server"):
        _wait_for_pages(options.host, options.port, pages)
    say(f"\nOpen http://{address}:{options.port}/  (Ctrl-C stops everything)")
    if sign_in:
        say(sign_in)
    watch(parts)


def _start_stores(stores: Stores, started: ExitStack) -> list[Part]:
    """Start or check each store, and leave its URL in the environment for us and our children."""
    parts: list[Part] = []
    if stores.mongo_url:
        with step("MongoDB at MONGO_URL"):
            mongo_is_usable(stores.mongo_url)
    else:
        from devora_admin.embedded import mongo

        with step("MongoDB") as report:
            store = mongo.EmbeddedMongo(stores.data_dir, report=report)
            started.callback(store.stop)
            store.start()
        os.environ["MONGO_URL"] = store.url
        parts.append(store)
    if stores.memory_enabled and not stores.memory_database_url:
        from devora_admin.embedded import postgres

        with step("PostgreSQL") as report:
            memory = postgres.EmbeddedPostgres(stores.data_dir, report=report)
            started.callback(memory.stop)
            memory.start()
        os.environ["MEMORY_DATABASE_URL"] = memory.url
        parts.append(memory)
    return parts


def _prepare(*, demo: bool) -> str:
    import django

    with step("Code"):
        begin_loading()
        django.setup()
        from devora_admin.ops.serve.prepare import prepare
    return prepare(demo=demo)


def _wait_for_pages(host: str, port: int, pages: ChildProcess) -> None:
    until = time.monotonic() + PAGES_TIMEOUT_S
    while pages.is_running() and time.monotonic() < until:
        try:
            with closing(http.client.HTTPConnection(host, port, timeout=5)) as connection:
                connection.request("GET", "/healthz", headers={"Host": "localhost"})
                connection.getresponse()
                return
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
    raise CannotServe("The web server did not start: its own words are above.")
