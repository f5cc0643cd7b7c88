"""A server in the format of OpenAI's embeddings, on loopback, which can be told to misbehave."""

import base64
import contextlib
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

DIMS = 8
Reply = Callable[[dict[str, Any]], tuple[int, Any]]


def numbers_of(text: str) -> list[float]:
    """Different for each text, and not of unit length."""
    digest = hashlib.sha256(text.encode()).digest()
    return [float(byte) - 127.5 for byte in digest[:DIMS]]


def answer(request: dict[str, Any]) -> tuple[int, Any]:
    """As the real one answers, last text first."""
    data = []
    for index, text in reversed([*enumerate(request["input"])]):
        values: Any = numbers_of(text)
        if request.get("encoding_format") == "base64":
            values = base64.b64encode(np.array(values, "<f4").tobytes()).decode()
        data.append({"object": "embedding", "index": index, "embedding": values})
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    return 200, {"object": "list", "model": request["model"], "data": data, "usage": usage}


def spoiled(text: str, by: Any) -> Reply:
    """As `answer`, but for that text. by: status and content of all it is in, or its vector."""

    def reply(request: dict[str, Any]) -> tuple[int, Any]:
        if not any(text in each for each in request["input"]):
            return answer(request)
        if isinstance(by, tuple):
            return by
        status, content = answer({**request, "encoding_format": "float"})
        for row in content["data"]:
            if text in request["input"][row["index"]]:
                row["embedding"] = by
        return status, content

    return reply


class Endpoint:
    """replies: what comes next, in this order; after them, and without any, `answer`."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.always: Reply = answer
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.closing = threading.Event()
        self.url = ""


@contextlib.contextmanager
def endpoint() -> Iterator[Endpoint]:
    state = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.requests.append(request)
            state.headers.append({name.lower(): value for name, value in self.headers.items()})
            state.paths.append(self.path)
            status, content = (state.replies.pop(0) if state.replies else state.always)(request)
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            with contextlib.suppress(OSError):  # of a client that waited no longer
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Retry-After-Ms", "10")
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield state
        finally:
            state.closing.set()
            server.shutdown()
            thread.join()
