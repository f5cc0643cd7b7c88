"""What every answer carries, whatever it is, and whom it came from."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client

from devora_admin.config.env import BASE_DIR
from tests.security.routes import routes
from tests.security.world import World

ASYNC_UNSAFE = "DJANGO_ALLOW_ASYNC_UNSAFE"
"""Set for the browser tests alone."""
PARTS = 4
"""Of the routes, so that two processes may share them."""
POLICY = {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"}


def check_headers(response: Any, where: str) -> None:
    headers = response.headers
    assert headers["X-Frame-Options"] == "DENY", where
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] in ("same-origin", "strict-origin", "no-referrer")
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "no-store" in headers["Cache-Control"], where
    assert headers["X-Request-Id"], where
    directives = {part.strip() for part in headers["Content-Security-Policy"].split(";")}
    assert directives >= POLICY, (where, directives)
    assert "unsafe-eval" not in headers["Content-Security-Policy"]
    scripts = next(part for part in directives if part.startswith("script-src"))
    assert "unsafe-inline" not in scripts


@pytest.mark.parametrize("part", range(PARTS))
def test_every_answer_is_guarded(part: int, mongo: Any, client_for: Any, actor: Any):
    world = World(mongo, actor=actor)
    for route in routes()[part::PARTS]:
        right, wrong = world.address(route), route.address(dict.fromkeys(route.names, "404"))
        for client in (client_for("admin"), Client(raise_request_exception=False)):
            for address in {right, wrong}:
                for method in ("get", "post", "put"):
                    check_headers(getattr(client, method)(address), f"{method} {address}")


@pytest.mark.parametrize("address", ["/nowhere/", "/static/nowhere.js", "/projects/%00/"])
def test_so_is_what_is_not_there(address: str, admin: Client):
    response = admin.get(address)
    assert response.status_code == 404
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_deployment_passes_djangos_own_checks():
    environment = {
        **{name: value for name, value in os.environ.items() if name != ASYNC_UNSAFE},
        "ALLOWED_HOSTS": "admin.example.com",
        "SECRET_KEY": "k" * 25 + "0123456789abcdefghijklmnopqrstuvwxyz",
        "SECRETS_KEYS": "A" * 42 + "E=",
    }
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
    assert "no issues" in checked.stdout
