"""Pages while PostgreSQL hangs, and with memory off: everything else is as ever."""

import os
import subprocess
import sys
import time
from typing import Any

import pytest

from devora_admin.config.env import BASE_DIR
from devora_admin.memory.documents import decisions
from devora_admin.memory.store import reach, schema
from devora_admin.support.services.opening import NewIssue, open_issue
from tests.memory.hanging import hung

CORE = (
    "/", "/projects/", "/projects/{p}/", "/projects/{p}/conversation/", "/projects/{p}/edit/",
    "/users/", "/users/{u}/", "/users/{u}/settings/", "/jobs/", "/worker/", "/audit/",
)  # fmt: skip
OF_MEMORY = {
    "/memory/": "", "/memory/search/?q=a+basket": "", "/memory/projects/{p}/similar/": "part",
    "/memory/customers/{u}/preferences/": "part", "/memory/customers/{u}/": "",
    "/memory/customers/{u}/recall/?q=basket": "part", "/memory/customers/{u}/items/1/": "part",
}  # fmt: skip
OF_MEMORY_PIN = "/memory/customers/{u}/preferences/pin/"
HTMX = {"HX-Request": "true"}
MOST_S = 1.3
"""A second for the notice, and the page around it on a busy machine."""


@pytest.fixture
def filled(make_customer: Any, make_project: Any) -> dict[str, str]:
    customer = make_customer()
    project = make_project(
        user_id=customer["id"], conversation_history=[{"role": "user", "content": "Hello"}]
    )
    return {"p": project["id"], "u": customer["id"]}


def trips(answer: Any) -> str:
    return str(answer["Server-Timing"].partition("mongo;")[2])


@pytest.mark.usefixtures("memory")
def test_core_pages_never_ask_a_store_that_hangs_and_memory_says_so_within_a_second(
    admin, filled, own_postgres
):
    core = [path.format(**filled) for path in CORE]
    healthy = {path: trips(admin.get(path)) for path in core}
    with reach.reading() as cursor:  # a connection that will hang
        cursor.execute("SELECT 1")
    with hung(own_postgres):
        started = time.monotonic()
        for path in core:
            answer = admin.get(path)
            assert (answer.status_code, trips(answer)) == (200, healthy[path]), path
        assert not reach.breaker.blocks(), "a core page asked PostgreSQL"
        assert time.monotonic() - started < 5
        for path, is_part in OF_MEMORY.items():
            reach.breaker.reset()
            headers = HTMX if is_part else {}
            started = time.monotonic()
            answer = admin.get(path.format(**filled), headers=headers)
            assert time.monotonic() - started < MOST_S, path
            assert answer.status_code == 200, path
            html = answer.content.decode()
            assert "Memory is not answering" in html, path
            assert not is_part or "<html" not in html, path
            assert "Try again" in html, path
            polls = 'hx-trigger="every 3s"' if path == "/memory/" else 'hx-trigger="every 5s"'
            assert html.count(polls) == 1, f"{path} comes back by itself"
        reach.breaker.reset()
        started = time.monotonic()
        pinned = admin.post(
            OF_MEMORY_PIN.format(**filled), {"topic": "css", "value": "tailwind"}, headers=HTMX
        )
        assert time.monotonic() - started < MOST_S
        assert "Memory is not answering" in pinned.content.decode()
        assert decisions().count_documents({"user_id": filled["u"], "standing": "pinned"}) == 1
    reach.breaker.reset()


@pytest.mark.usefixtures("memory")
def test_what_a_store_that_hangs_would_count_is_not_said_to_be_nothing(admin, filled, own_postgres):
    schema.make_ready()
    inspector = "/memory/customers/{u}/".format(**filled)
    assert "Code <small>0</small>" in admin.get(inspector).content.decode()
    dialog = "This cannot begin before it does."
    assert dialog not in admin.get("/memory/").content.decode()
    with hung(own_postgres):
        assert "<small>" not in admin.get(inspector).content.decode()
        html = admin.get("/memory/").content.decode()
        for unknown in ("Behind by", "Documents waiting", "Remembered"):
            assert f"<dt>{unknown}</dt><dd>unknown</dd>" in html
        assert html.count(dialog) == 2, "both dialogs say so"
        polled = admin.get("/memory/", headers=HTMX).content.decode()
        assert '<div id="rebuild-away" hx-swap-oob="true"><div class="alert' in polled
    reach.breaker.reset()
    polled = admin.get("/memory/", headers=HTMX).content.decode()
    assert '<div id="rebuild-away" hx-swap-oob="true"></div>' in polled


@pytest.mark.usefixtures("memory")
def test_a_notice_that_asks_in_vain_is_told_nothing_and_then_gets_what_there_is(
    admin, filled, own_postgres
):
    schema.make_ready()
    asks = {**HTMX, "X-Background": "1", "X-Still-Away": "1"}
    panels = [path.format(**filled) for path in OF_MEMORY if path != "/memory/"]
    with hung(own_postgres):
        for path in panels:
            assert admin.get(path, headers=asks).status_code == 204, path
    reach.breaker.reset()
    for path in panels:
        assert admin.get(path, headers=asks).status_code in (200, 404), path


OFF = """
import sys, django, re
django.setup()
from django.conf import settings
from django.test import Client
from devora_admin.staff.models import StaffUser
settings.ALLOWED_HOSTS = ["testserver"]
client = Client()
client.force_login(StaffUser.objects.get(email="editor@devora.example"))
for path in sys.argv[1:]:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    html = answer.content.decode()
    if path.endswith("/preferences/"):
        assert "Memory is off" in html, path
    if "/support/" in path and path.endswith("/similar/"):
        assert "by words: memory is off" in html, path
    if "/memory/" in path or path.count("/") == 3 and "/projects/" in path:
        assert "Memory is off" in html, path
assert client.get(path, headers={"HX-Request": "true"}).status_code == 404
assert client.post(path).status_code == 404
assert not [name for name in sys.modules if name.startswith("psycopg")]
"""


def test_off_every_page_is_there_without_the_driver_and_says_what_to_do(
    staff, filled, mongo, actor
):
    staff("editor")
    number = open_issue(NewIssue(filled["u"], "A basket", "It is empty"), actor=actor).number
    beside = [f"/support/{number}/{part}/" for part in ("similar", "project", "preferences")]
    paths = beside + [path.format(**filled) for path in (*CORE[:-1], *OF_MEMORY)]
    env = {
        **os.environ,
        "MEMORY_ENABLED": "0",
        "DJANGO_SETTINGS_MODULE": "devora_admin.config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", OFF, *paths], cwd=BASE_DIR, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
