"""A real server process of the dashboard, for tests that speak HTTP to it."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie
from urllib.parse import urlencode


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """One gunicorn on loopback. Stop and start it again to see what a restart does."""

    def __init__(self, **environment: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [
            *(sys.executable, "-m", "gunicorn", "devora_admin.config.wsgi:application"),
            *("--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread"),
            *("--workers", "1", "--threads", "8", "--log-level", "warning"),
            *("--no-control-socket", "--graceful-timeout", "2"),
        ]
        self._process = subprocess.Popen(command, env=self._environment)
        self._wait_until_up()

    def _wait_until_up(self) -> None:
        for _ in range(300):
            with contextlib.suppress(OSError):
                if self.request("GET", "/healthz").status == 200:
                    return
            time.sleep(0.1)
        raise AssertionError("the server did not come up")

    def stop(self) -> None:
        if self._process:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def request(
        self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
    ) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            connection.request(method, path, body or None, headers or {})
            response = connection.getresponse()
            response.text = response.read().decode(errors="replace")  # type: ignore[attr-defined]
            return response

    def sign_in(self, email: str, password: str) -> dict[str, str]:
        """Headers of a signed-in browser."""
        token = _cookies(self.request("GET", "/login/"))["csrftoken"]
        headers = {
            "Cookie": f"csrftoken={token}",
            "X-CSRFToken": token,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = urlencode({"email": email, "password": password})
        jar = _cookies(self.request("POST", "/login/", body, headers))
        cookies = "; ".join(f"{name}={value}" for name, value in jar.items())
        return {"Cookie": cookies, "X-CSRFToken": jar["csrftoken"]}


def _cookies(response: http.client.HTTPResponse) -> dict[str, str]:
    jar: SimpleCookie = SimpleCookie()
    for line in response.headers.get_all("Set-Cookie", []):
        jar.load(line)
    return {name: morsel.value for name, morsel in jar.items()}


@contextlib.contextmanager
def running(**environment: str) -> Iterator[Server]:
    server = Server(**environment)
    try:
        server.start()
        yield server
    finally:
        server.stop()
