"""ClickHouse's own engine (chdb) behind as much of its HTTP interface as clickhouse-connect speaks.

As a process: python -m tests.analytics.clickhouse_server PORT FOLDER. Killed and started again, it
has what it had acknowledged.
"""

import contextlib
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import parse_qsl, urlsplit
from urllib.request import Request, urlopen

from devora_admin.config.env import BASE_DIR
from tests.live import free_port

_OF_HTTP = {
    "query", "database", "compress", "decompress", "query_id", "session_id", "default_format",
    "client_protocol_version", "buffer_size", "wait_end_of_query", "enable_http_compression",
    "send_progress_in_http_headers", "http_headers_progress_interval_ms",
}  # fmt: skip
_INSERT = re.compile(rb"INSERT INTO (.*?) FORMAT Native\n", re.DOTALL)
_FORMAT = re.compile(r"\bFORMAT (\w+)\s*$")


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    engine: Any
    one_by_one = threading.Lock()

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b"".join(iter(self._chunk, b""))
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(_plain(body, self.headers.get("Content-Encoding", "")))

    def _chunk(self) -> bytes:
        data = self.rfile.read(int(self.rfile.readline(), 16))
        self.rfile.readline()
        return data

    def _answer(self, body: bytes) -> None:
        given = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        parameters = {name[6:]: value for name, value in given.items() if name.startswith("param_")}
        settings = {
            k: v for k, v in given.items() if k not in _OF_HTTP and not k.startswith("param_")
        }
        try:
            with self.one_by_one:
                status, kind, answer = 200, *self._carried_out(given, body, settings, parameters)
        except Exception as error:
            status, kind, answer = 500, "", str(error).encode()
        self.send_response(status)
        code = re.search(rb"Code: (\d+)", answer)
        if status == 500 and code:
            self.send_header("X-ClickHouse-Exception-Code", code[1].decode())
        if kind:
            self.send_header("X-ClickHouse-Format", kind)
        self.send_header("X-ClickHouse-Timezone", "UTC")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _carried_out(
        self, given: dict[str, str], body: bytes, settings: dict[str, str], parameters: Any
    ) -> tuple[str, bytes]:
        said = ", ".join(f"{name} = '{value}'" for name, value in settings.items())
        if insert := _INSERT.match(body):
            with tempfile.NamedTemporaryFile(suffix=".native") as file:
                file.write(body[insert.end() :])
                file.flush()
                into = f"INSERT INTO {insert[1].decode()} FROM INFILE '{file.name}'"
                self.engine.query(f"{into} SETTINGS {said} FORMAT Native", "TabSeparated")
            return "", b""
        sql = "\n".join(filter(None, (given.get("query", ""), body.decode()))).strip()
        form = _FORMAT.search(sql)
        kind = form[1] if form else given.get("default_format", "TabSeparated")
        sql = _FORMAT.sub("", sql)
        if said:
            self.engine.query(f"SET {said}", "TabSeparated")
        is_read = re.match(r"\s*(SELECT|WITH|DESCRIBE|SHOW|EXISTS)", sql, re.IGNORECASE)
        answer = self.engine.query(sql, kind, params=parameters).bytes()
        return (kind if is_read else ""), answer

    def log_message(self, *args: Any) -> None:
        pass


def _plain(body: bytes, encoding: str) -> bytes:
    if encoding == "lz4":
        import lz4.frame

        return lz4.frame.decompress(body)
    assert not encoding, encoding
    return body


class ClickHouse:
    """A server in a process of its own, as `url`."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self.url = f"http://default:@127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        words = ["-m", "tests.analytics.clickhouse_server", str(self._port), str(self._folder)]
        self._process = subprocess.Popen([sys.executable, *words], cwd=BASE_DIR)
        until = time.monotonic() + 90
        while time.monotonic() < until:
            with contextlib.suppress(URLError, ConnectionError):
                self.ask("SELECT 1")
                return
            time.sleep(0.05)
        raise TimeoutError("ClickHouse did not start")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def ask(self, sql: str) -> list[list[str]]:
        request = Request(f"{self.url.replace('default:@', '')}/", sql.encode())  # noqa: S310
        with urlopen(request, timeout=30) as answer:  # noqa: S310
            return [line.split("\t") for line in answer.read().decode().splitlines()]


@contextlib.contextmanager
def running(folder: Path) -> Iterator[ClickHouse]:
    server = ClickHouse(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


if __name__ == "__main__":
    import chdb

    Answering.engine = chdb.connect(sys.argv[2])
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answering).serve_forever()
