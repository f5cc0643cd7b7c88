"""gunicorn's settings, for `manage.py serve` and for production alike."""

import os
from pathlib import Path
from typing import Any

from gunicorn import util
from gunicorn.http.wsgi import Response

bind = "127.0.0.1:8000"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or min(2, os.cpu_count() or 1))
threads = 8
graceful_timeout = 10
timeout = 60
keepalive = 5
# The most there may be. A search stands in its address: 800 letters of most alphabets take 7,200.
limit_request_line = 8190
# The heartbeat file in memory: on a slow disk it would block the worker it watches.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True  # nobody else may steer this server
accesslog = None
loglevel = "warning"

_default_headers = Response.default_headers


def _without_server(response: Any) -> list[str]:
    """What runs here is nobody's business."""
    lines: list[str] = _default_headers(response)
    return [line for line in lines if not line.startswith("Server:")]


Response.default_headers = _without_server

_TOLD = {
    414: ("That is too long", "Go back and ask in fewer words: some 800 letters fit."),
    431: ("Your browser sent too much", "Delete this site's cookies, then sign in again."),
}
_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>{title} · Devora Admin</title>'
    '<meta name="viewport" content="width=device-width">'
    '<h1>{title}</h1><p>{message}</p><p><a href="/">To the overview</a></p></html>'
)


def _tell(sock: Any, status: int, reason: str, _: str) -> None:
    """What a person reads whose request never came so far as to a page of ours."""
    title, message = _TOLD.get(status, ("That was no request", "Go back and try again."))
    body = _PAGE.format(title=title, message=message).encode()
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\n"
        f"Content-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    util.write_nonblock(sock, head.encode() + body)


util.write_error = _tell
