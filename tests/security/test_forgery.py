"""A page of another site cannot make a signed-in browser change anything."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from devora_admin.staff.permissions import PUBLIC
from tests.conftest import PASSWORD
from tests.security.routes import routes
from tests.security.world import World

READ_ONLY, NO_TOKEN = 405, 401


@pytest.fixture
def strict_admin(client_for: Any) -> Client:
    """Signed in, and held to what a browser is held to."""
    signed_in = client_for("admin")
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies = signed_in.cookies
    return client


OPENED_BY_TOKENS = {
    "api/deploys/", "api/events/", "api/issues/", "api/issues/<number:number>/replies/",
    "api/replies/",
}  # fmt: skip


def test_a_write_without_the_pages_token_is_refused(mongo: Any, strict_admin: Client, actor: Any):
    world = World(mongo, actor=actor)
    for route in routes():
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            answer = strict_admin.generic(method, world.address(route))
            # Where a token opens, a browser's cookies do not.
            refused = NO_TOKEN if route.path in OPENED_BY_TOKENS else 403
            assert answer.status_code in (refused, READ_ONLY), (method, route.path)


def test_only_what_a_token_opens_goes_without_the_pages_token():
    exempt = {route.path for route in routes() if getattr(route.view, "csrf_exempt", False)}
    assert exempt == OPENED_BY_TOKENS


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://testserver.evil.example"]
)
def test_a_write_from_another_origin_is_refused_even_with_the_token(
    origin: str, make_project: Any, strict_admin: Client
):
    project = make_project()
    strict_admin.get(f"/projects/{project['id']}/")
    token = strict_admin.cookies["csrftoken"].value
    address = f"/projects/{project['id']}/archive/"
    refused = strict_admin.post(address, {"csrfmiddlewaretoken": token}, headers={"Origin": origin})
    assert refused.status_code == 403
    own = {"Origin": "http://testserver"}
    done = strict_admin.post(address, {"csrfmiddlewaretoken": token}, headers=own)
    assert done.status_code == 302


def test_the_cookies_are_kept_from_scripts_and_other_sites(staff: Any):
    client = Client()
    client.post("/login/", {"email": staff("viewer").email, "password": PASSWORD})
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    assert session["httponly"]
    assert session["samesite"] == "Lax"


def test_reading_changes_nothing(mongo: Any, admin: Client, actor: Any):
    """GET is what another site can make a browser send: it must not write."""
    world = World(mongo, actor=actor)
    kept = everything(mongo)
    for route in routes():
        if route.permission != PUBLIC:
            admin.get(world.address(route))
            assert everything(mongo) == kept, route.path


def everything(mongo: Any) -> dict[str, list[Any]]:
    """All but the sessions, which note when they were last used."""
    return {
        name: list(mongo[name].find().sort("_id", 1))
        for name in mongo.list_collection_names()
        if "session" not in name
    }
