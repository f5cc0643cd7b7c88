"""The real server on loopback, for figures that include HTTP."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

START_TIMEOUT_S = 30
GUNICORN_CONFIG = Path(__file__).parents[2] / "config" / "gunicorn.py"
# Any secret of the right length serves, as long as cookie and header agree.
CSRF_SECRET = "benchmarkbenchmarkbenchmarkbench"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Browser:
    """One signed-in connection that stays open, as a browser's does."""

    def __init__(self, port: int, session_cookie: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._cookie = f"{settings.SESSION_COOKIE_NAME}={session_cookie}; csrftoken={CSRF_SECRET}"

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None, {"Accept": "text/html"})

    def post_json(self, path: str, body: bytes) -> Answer:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        return self._ask("POST", path, body, {**headers, "X-CSRFToken": CSRF_SECRET})

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        headers = {**headers, "Cookie": self._cookie, "Accept-Encoding": "gzip"}
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        return Answer(response.status, response.headers, response.read())

    def close(self) -> None:
        self._connection.close()


@contextmanager
def serving(db_name: str, *, workers: int = 2) -> Iterator[int]:
    """gunicorn as in production on a free port, stopped at the end. Yields the port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as found:
        port: int = found.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "devora_admin.config.wsgi:application"]
    command += ["--config", str(GUNICORN_CONFIG)]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", str(workers)]
    env = {**os.environ, "DB_NAME": db_name, "ALLOWED_HOSTS": "127.0.0.1"}
    with subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL) as process:
        try:
            _wait(port, process)
            yield port
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(15)
            process.kill()


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < until:
        with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), 1)):
            return
        time.sleep(0.05)
    raise RuntimeError("the server of the benchmark did not start")
