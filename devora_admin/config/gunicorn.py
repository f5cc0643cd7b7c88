"""gunicorn's settings, for `manage.py serve` and for production alike."""

import os
from pathlib import Path
from typing import Any

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
