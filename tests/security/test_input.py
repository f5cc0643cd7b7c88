"""What a request may not smuggle in: operators of the database, and fields nobody asked for."""

import json
from typing import Any

import pytest
from django.test import Client

from devora_admin.staff.permissions import PUBLIC
from tests.conftest import PASSWORD
from tests.security.routes import Route, routes
from tests.security.world import World

OPERATORS = ('{"$ne": null}', '{"$gt": ""}', '{"$regex": ".*"}', "[$ne]", "$where", "{$ne: 1}")
JSON_OPERATORS = (
    {"$ne": None}, {"$gt": ""}, {"$regex": ".*"}, {"$where": "1"}, ["x"], {"a": {"$in": [1]}},
    {"$oid": "f" * 24}, {"$expr": {"$eq": [1, 1]}},
)  # fmt: skip
GREEDY = {
    "role": "admin", "is_active": "on", "is_superuser": "on", "is_staff": "on", "epoch": "0",
    "password_hash": "owned", "_id": "0" * 24, "object_id": "0" * 24,
    "id": "owned", "user_id": "owned", "customer": "owned", "owner": "owned", "actor": "owned",
    "email": "owned@example.com", "subscription": "owned", "subscription.plan": "owned",
    "plan": "owned", "revision": "99", "archived_at": "2020-01-01", "created_at": "2020-01-01",
    "files": "owned", "metadata": "owned", "status": "owned", "merged_into": "owned",
}  # fmt: skip
ROUTES = routes()


@pytest.mark.parametrize("operator", OPERATORS)
def test_an_operator_is_no_way_to_sign_in(staff: Any, operator: str):
    email = staff("viewer").email
    for form in (
        {"email": email, "password": operator},
        {"email": operator, "password": PASSWORD},
        {"email[$ne]": "", "password[$ne]": ""},
        {"email": email, "password": "", "password[$ne]": "x"},
    ):
        client = Client()
        assert client.post("/login/", form).status_code == 422
        assert client.get("/projects/").status_code == 302


@pytest.mark.parametrize("value", JSON_OPERATORS, ids=json.dumps)
def test_json_in_place_of_text_changes_nothing(
    value: Any, admin: Client, mongo: Any, actor: Any, make_project: Any
):
    world = World(mongo, actor=actor)
    before = list(mongo.projects.find())
    fields = ("path", "content", "base_content", "base_revision", "files", "paths", "moves",
              "edits", "undo", "old", "new", "tab")  # fmt: skip
    body = json.dumps(dict.fromkeys(fields, value))
    for route in ROUTES:
        if not route.path.startswith("projects/") or "archive" in route.path:
            continue
        if route.path.endswith(("duplicate/", "restore/")):  # take no body
            continue
        address = world.address(route)
        answer = admin.post(address, body, content_type="application/json")
        assert answer.status_code < 500
    assert list(mongo.projects.find()) == before


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("listing", ["/projects/", "/users/", "/audit/"])
def test_an_operator_in_a_search_is_only_text(
    listing: str, operator: str, admin: Client, mongo: Any, actor: Any
):
    world = World(mongo, actor=actor)
    answer = admin.get(listing, dict.fromkeys(("q", "owner", "plan", "customer"), operator))
    assert answer.status_code in (200, 422)
    assert world.project["id"] not in answer.content.decode()
    for name in ("q", "owner", "sort", "status"):
        assert admin.get(listing, {f"{name}[$ne]": "x"}).status_code in (200, 422)


@pytest.mark.parametrize("route", [pytest.param(each, id=each.path or "/") for each in ROUTES])
def test_fields_nobody_asked_for_are_not_taken(
    route: Route, client_for: Any, staff: Any, mongo: Any, actor: Any
):
    """By those who may not change them elsewhere either: support has neither edit nor plan."""
    if route.permission == PUBLIC:
        return
    world = World(mongo, actor=actor)
    staff("viewer")
    client = client_for("support")
    kept = _guarded(mongo)
    address = world.address(route)
    client.post(address, GREEDY)
    client.post(address, json.dumps(GREEDY), content_type="application/json")
    assert _guarded(mongo) == kept


def _guarded(mongo: Any) -> list[Any]:
    staff_fields = {"email": 1, "role": 1, "is_active": 1, "password": 1}
    customer_fields = {"id": 1, "email": 1, "name": 1, "password_hash": 1, "subscription": 1}
    project_fields = {"id": 1, "user_id": 1, "name": 1, "files": 1, "metadata": 1, "created_at": 1}
    return [
        list(mongo[name].find({}, fields).sort("_id", 1))
        for name, fields in (
            ("staff_staffuser", staff_fields),
            ("users", customer_fields),
            ("projects", project_fields),
        )
    ]
