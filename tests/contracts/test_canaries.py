"""Marked secrets are planted everywhere; then every page, form, error, export, log line and stored
record is searched for pieces of them. What is added later is walked as well."""

import base64
import logging
import subprocess
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from bson import ObjectId
from django.conf import settings as django_settings
from django.test import Client

from devora_admin.api import clients
from devora_admin.api.operations import every_scope
from devora_admin.core import job_runner, sealed
from devora_admin.memory.indexing import work
from devora_admin.staff import links
from devora_admin.staff.permissions import ROLES
from devora_admin.users.services import access
from devora_admin.usersettings.services import secrets as service
from tests.conftest import PASSWORD
from tests.contracts.canaries import Canaries
from tests.contracts.crawling import Crawl, body
from tests.live import Server
from tests.security.routes import routes
from tests.security.world import World
from tests.usersettings.conftest import seen, url

STRANGER = "stranger"
IN_IDS = 9
"""Characters of a piece of what is random in every run, as ids are: six are met by chance."""
HOLD_SECRETS = {
    "settings", "users", "staff_staffuser", "staff_staffsession", "staff_factors", "staff_links",
}  # fmt: skip
"""Collections that secrets belong in, in plain or sealed. All others must hold none."""
FOUND_BY_LINKS = {
    "ref", "link_id", "merge_id", "note_id", "approval_id", "erasure_id", "token", "passkey_id",
    "item_id",
}  # fmt: skip
"""Parts of addresses of what is there only once somebody has made it."""
NOT_OPENED = {
    "projects/<str:project_id>/import-report/", "audit/<str:row_id>/undo/",
    "support/settings/canned/<str:canned_id>/", "support/views/<str:view_id>/",
    "analytics/segments/<str:segment_id>/", "analytics/segments/new/", "analytics/segments/issue/",
}  # fmt: skip
"""Routes that have nothing to show here, or only to whoever may do what the row is about."""


@pytest.fixture
def canaries(settings: Any) -> Canaries:
    found = Canaries()
    settings.SECRET_KEY = found.new("SECRET_KEY", length=50)
    keys = [found.new(f"key {number} of SECRETS_KEYS") for number in (1, 2)]
    settings.SECRETS_KEYS = tuple(key.encode() for key in keys)
    if password := urlsplit(django_settings.MONGO_URL).password:
        found.plant("password of MONGO_URL", unquote(password))
    return found


class Planted:
    """A world with a secret wherever one can be."""

    def __init__(self, canaries: Canaries, mongo: Any, staff: Any, totp_for: Any, actor: Any):
        self.canaries = canaries
        self.world = World(mongo, actor=actor)
        self.user_id = self.world.customer["id"]
        self._plant_staff(staff, totp_for, actor)
        self._plant_customer(mongo, actor)
        work.index_document("projects", self.world.project["_id"])

    def _plant_staff(self, staff: Any, totp_for: Any, actor: Any) -> None:
        new = self.canaries.plant
        for role in ROLES:
            user = staff(role)
            for part in user.password.split("$")[-2:]:
                new(f"password hash of {role}", part, piece=IN_IDS)
            app = totp_for(user)
            new(f"TOTP of {role}", app.secret, piece=IN_IDS)
            for code in app.recovery_codes:
                new(f"recovery code of {role}", code, piece=IN_IDS)
                new(f"recovery code of {role}", code.replace("-", ""), piece=IN_IDS)
        for name, path in (
            ("invitation", links.invite("new@devora.example", "support", "New", actor=actor)),
            ("recovery link", links.recovery(actor.id, reset_second_factor=True, actor=actor)),
        ):
            new(name, path.rstrip("/").rpartition("/")[2], piece=IN_IDS)
        _, token = clients.create_client("Platform", scopes=list(every_scope()), actor=actor)
        self.canaries.plant("token of a program", token, known="dvk_")

    def _plant_customer(self, mongo: Any, actor: Any) -> None:
        new = self.canaries.new
        link = access.issue_reset_link(self.user_id, reason="x", actor=actor)
        self.canaries.plant("password reset", link.url.rpartition("=")[2], piece=IN_IDS)
        digest = mongo.users.find_one({"id": self.user_id})["password_reset"]["token_sha256"]
        self.canaries.plant("digest of the password reset", digest, piece=16)
        self.hash = new("password hash", known="$argon2id$v=19$m=65536,t=3,p=4$")
        mongo.users.update_one({"id": self.user_id}, {"$set": {"password_hash": self.hash}})
        mongo.settings.insert_one(
            {
                "_id": ObjectId(),
                "user_id": self.user_id,
                "preferences": {"theme": "dark", "font_size": "14",
                                "editor": {"api_key": new("preference"), "tab": 2}},
                "api_keys": {"openai": new("plain key", known="sk-proj-"),
                             "a.b": new("key with a dot"), "short": new("short key", length=10),
                             "deep": {"list": [new("deep key")]}, "pin": 98765432101234,
                             "stripe": self._sealed("sealed key", "api_keys.stripe")},
                "integrations": {
                    "github": {"token": new("plain token", known="ghp_"), "login": "marta"},
                    "slack": {"hook": new("hook", known="https://hooks.slack.com/services/")},
                    "text": new("integration that is a text"),
                    "x": {"secret": self._sealed("sealed token", "integrations.x.secret")},
                },
                "webhook_secret": new("secret at the top"),
            }
        )  # fmt: skip
        self.canaries.plant("number", "98765432101234", piece=IN_IDS)

    def _sealed(self, name: str, field: str) -> str:
        stored = sealed.seal(self.canaries.new(name), owner=self.user_id, field=field)
        known = stored[: stored.rindex(":") + 1]
        return self.canaries.plant(f"{name} as it is stored", stored, known=known, piece=IN_IDS)

    def value(self, path: str, name: str) -> str:
        if name == "user_id" and path.startswith("staff/"):
            return self.world.value("staff_id")
        return self.world.value(name)


@pytest.fixture
def planted(canaries: Canaries, mongo: Any, staff: Any, totp_for: Any, actor: Any) -> Planted:
    return Planted(canaries, mongo, staff, totp_for, actor)


@pytest.fixture
def sign_in(canaries: Canaries, client_for: Any) -> Callable[[str], Client]:
    def make(role: str) -> Client:
        if role == STRANGER:
            return Client(raise_request_exception=False)
        client: Client = client_for(role)
        canaries.plant(f"session of {role}", client.session.session_key, piece=IN_IDS)
        return client

    return make


def told_beside(response: Any) -> str:
    """Headers and cookies. The browser's own session is told to it, in its cookie alone."""
    cookies = [
        f"{name}={morsel.value}"
        for name, morsel in response.cookies.items()
        if name != django_settings.SESSION_COOKIE_NAME
    ]
    headers = [f"{name}: {value}" for name, value in response.headers.items()]
    return "\n".join([*headers, *cookies])


def check(canaries: Canaries, where: str, response: Any) -> None:
    found = canaries.found_in(body(response)) | canaries.found_in(told_beside(response))
    assert not found, (where, response.status_code, found)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", [STRANGER, *ROLES])
def test_no_page_form_error_export_log_or_record_holds_a_piece_of_a_secret(
    role: str, planted: Planted, sign_in: Any, mongo: Any, caplog: Any
):
    caplog.set_level(logging.INFO)
    canaries = planted.canaries

    kinds = set()

    def seen_by(where: str, response: Any) -> None:
        check(canaries, where, response)
        kinds.add(response.get("Content-Type", "").partition(";")[0])

    also = [f"/projects/{planted.world.project['id']}/file/?path=app/page.tsx"]
    crawl = Crawl(lambda: sign_in(role), seen_by, planted.value, also=also)
    crawl.read_everything()
    every_page_was_reached(crawl, role)
    crawl.send_nonsense()
    crawl.send_every_form()
    if role == "admin":
        crawl.send_every_form({"proof": PASSWORD, "seen": "x"})  # decisions, exports, erasures
        while job_runner.run_next("canaries"):
            pass
        later = Crawl(lambda: sign_in(role), seen_by, planted.value)
        later.read_everything()
        assert {"text/html", "text/csv", "application/zip", "application/json"} <= kinds
    assert not canaries.found_in(caplog.text)
    check_store(canaries, mongo)


def every_page_was_reached(crawl: Crawl, role: str) -> None:
    """So that a page with a part in its address this test has no value for does not go unseen."""
    looked_for = {
        route.path
        for route in routes()
        if route.permission in ROLES.get(role, ()) and not FOUND_BY_LINKS & set(route.names)
    } - NOT_OPENED
    refused = {400, 403, 404}
    missed = {path for path in looked_for if crawl.answers.get(path, refused) <= refused}
    assert not missed


def check_store(canaries: Canaries, mongo: Any) -> None:
    for name in set(mongo.list_collection_names()) - HOLD_SECRETS:
        for document in mongo[name].find():
            assert not canaries.found_in(str(document)), (name, document)


@pytest.mark.parametrize("place", ["customer name", "message", "job title"])
def test_the_walk_finds_one_that_does_get_out(
    canaries: Canaries, mongo: Any, actor: Any, sign_in: Any, place: str
):
    leaked = canaries.new("leaked")
    world = World(mongo, actor=actor, text=lambda field: leaked if field == place else "x")
    crawl = Crawl(
        lambda: sign_in("viewer"),
        lambda where, response: check(canaries, where, response),
        lambda path, name: world.value(name),
    )
    with pytest.raises(AssertionError, match="leaked"):
        crawl.read_everything()


def test_what_is_done_with_a_secret_is_on_record_without_it(
    planted: Planted, sign_in: Any, mongo: Any, caplog: Any
):
    caplog.set_level(logging.INFO)
    canaries, client = planted.canaries, sign_in("editor")
    new = canaries.new("new key", known="sk-proj-")
    for action, data in (
        ("test", {}),
        ("reveal", {"reason": "ticket 7", "proof": PASSWORD}),
        ("replace", {"value": new}),
        ("revoke", {"reason": "leaked"}),
    ):
        address = url(planted.user_id, "api_keys.openai", action)
        mark_of = seen(planted.user_id, "api_keys.openai")
        response = client.post(address, {"seen": mark_of, **data})
        assert response.status_code in (200, 302), action
        if action == "reveal":
            assert canaries.found_in(body(response)) == {"plain key"}
            assert not canaries.found_in(told_beside(response))
        else:
            check(canaries, action, response)
    check(canaries, "the page", client.get(f"/users/{planted.user_id}/settings/"))
    check(canaries, "the audit log", sign_in("admin").get("/audit/"))
    check_store(canaries, mongo)
    assert not canaries.found_in(caplog.text)


def test_a_fault_in_the_middle_of_it_tells_nothing(
    planted: Planted, sign_in: Any, monkeypatch: Any, caplog: Any
):
    caplog.set_level(logging.INFO)
    real = service.opened

    def broken(user_id: str, place: Any) -> str:
        secret = real(user_id, place)
        raise RuntimeError(f"of {len(secret)} characters")

    address = url(planted.user_id, "api_keys.openai", "reveal")
    data = {"seen": seen(planted.user_id, "api_keys.openai"), "reason": "x", "proof": PASSWORD}
    client = sign_in("editor")
    monkeypatch.setattr(service, "opened", broken)
    response = client.post(address, data)
    assert response.status_code == 500
    check(planted.canaries, "the fault", response)
    assert "RuntimeError" in caplog.text
    assert not planted.canaries.found_in(caplog.text)


class Told(Server):
    """A server whose standard output and error are kept."""

    def __init__(self, file: Any, **environment: str) -> None:
        super().__init__(**environment)
        self._file = file

    def start(self) -> None:
        real = subprocess.Popen

        def kept(*args: Any, **options: Any) -> Any:
            return real(*args, **options, stdout=self._file, stderr=subprocess.STDOUT)

        subprocess.Popen = kept  # type: ignore[assignment,misc]
        try:
            super().start()
        finally:
            subprocess.Popen = real  # type: ignore[misc]


def test_a_real_server_says_nothing_of_its_secrets(
    planted: Planted, sign_in: Any, settings: Any, tmp_path: Any
):
    """Over HTTP, with the store there and with the store away; its output is searched, too."""
    canaries, output = planted.canaries, tmp_path / "output"
    environment = {
        "SECRET_KEY": settings.SECRET_KEY,
        "SECRETS_KEYS": ",".join(base64.b64encode(key).decode() for key in settings.SECRETS_KEYS),
    }
    token = "t" * 32
    session = sign_in("editor").session.session_key
    headers = {
        "Cookie": f"{django_settings.SESSION_COOKIE_NAME}={session}; csrftoken={token}",
        "X-CSRFToken": token,
    }
    away = canaries.new("password of a store that is away")
    stores = ({}, {"MONGO_URL": f"mongodb://admin:{away}@127.0.0.1:1/?replicaSet=x"})
    with output.open("wb") as file:
        for store, status in zip(stores, (200, 503), strict=True):
            server = Told(file, **environment, **store)
            server.start()
            try:
                page = f"/users/{planted.user_id}/settings/"
                assert server.request("GET", page, headers=headers).status == status
                ask_everything(server, planted, headers)
            finally:
                server.stop()
    assert not canaries.found_in(output.read_text(errors="replace"))


def ask_everything(server: Server, planted: Planted, headers: dict[str, str]) -> None:
    for route in routes():
        path = route.address({name: planted.value(route.path, name) for name in route.names})
        for method in ("GET", "POST"):
            response = server.request(method, path, headers=headers)
            own = response.headers.get_all("Set-Cookie", [])
            told = [f"{name}: {each}" for name, each in response.headers.items() if each not in own]
            found = planted.canaries.found_in("\n".join([response.text, *told]))  # type: ignore[attr-defined]
            assert not found, (method, path, response.status)
