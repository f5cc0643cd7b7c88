"""Generated requests against every route, as every role: nothing breaks and nothing leaks.

FUZZ_REQUESTS sets how many a role makes; the default is a small part of the 10,000 of a full run.
"""

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django import forms
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from devora_admin.config.env import BASE_DIR
from devora_admin.staff.permissions import PUBLIC, ROLES
from tests.security.routes import Route, routes
from tests.security.world import World

REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "1000"))
PER_EXAMPLE = 10
MARK = "Zq7canary"
"""Stands in what must never leave the store."""
STRANGER = "stranger"

ODD = [
    "", " ", "\0", "a\0b", "x" * 5_000, "null", "undefined", "NaN", "-1", "0", "1e999", "٣",
    "9" * 40, "..", "../../etc/passwd", "/", "%00", "%2e%2e%2f", "[", "(", "*", "(a+)+$", "\\",
    "^(?<", "{", '{"$ne": null}', '{"$gt": ""}', '{"$where": "sleep(5000)"}', "[$ne]", "$where",
    "true", "[]", "{}", "\ud7ff\ue000", "👩‍👩‍👧‍👦", "‮txt.exe", "İıſ", "﷽" * 200,
    "a\r\nSet-Cookie: x=1",
    "<script>alert(1)</script>", "{{ 7*7 }}", "{% debug %}", "' OR 1=1 --", "2026-13-45",
    "0001-01-01", "9999-12-31", "2026-02-30T25:61:61Z", "ffffffffffffffffffffffff",
    "00000000-0000-0000-0000-000000000000", "admin", "__proto__", "constructor", "a.b", "a.$[].b",
]  # fmt: skip
WORDS = st.sampled_from(ODD) | st.text(max_size=40) | st.integers().map(str)
OPERATORS = st.sampled_from(["$ne", "$gt", "$where", "$function", ""])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["$ne", "$gt", "$where", "a", ""]) | WORDS, inner, max_size=3
        )
    ),
    max_leaves=6,
)


def names_of_parameters() -> list[str]:
    """Of every form, and of what views take from a request by hand."""
    found = {"csrfmiddlewaretoken", "next", "id"}
    for source in Path(BASE_DIR, "devora_admin").rglob("*.py"):
        text = source.read_text()
        found.update(re.findall(r"""(?:GET|POST|body)(?:\.get(?:list)?\(|\[)["'](\w+)["']""", text))
    stack = [forms.Form]
    while stack:
        form = stack.pop()
        stack += form.__subclasses__()
        found.update(getattr(form, "base_fields", {}))
    return sorted(found)


ROUTES = routes()
NAMES = names_of_parameters()
SUFFIXES = st.sampled_from(["[$ne]", "[]", ".a", "__ne"])
KEYS = st.sampled_from(NAMES) | st.builds(str.__add__, st.sampled_from(NAMES), SUFFIXES)
METHODS = ["GET", "GET", "POST", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"]
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Accept": st.sampled_from(["application/json", "text/html", "*/*", "\x80"]),
        "HX-Request": st.just("true"),
        "HX-Current-URL": st.sampled_from(["http://[", "javascript:1", "http://x/é"]),
        "Referer": st.sampled_from(["http://[", "x" * 3_000]),
        "Range": st.just("bytes=0-99999999999"),
    },
)
REQUEST = st.fixed_dictionaries(
    {
        "route": st.sampled_from(ROUTES),
        "ids": st.sampled_from(["right", "right", "odd"]),
        "id": WORDS,
        "method": st.sampled_from(METHODS),
        "query": st.dictionaries(KEYS, WORDS, max_size=4),
        "body": st.one_of(
            st.dictionaries(KEYS, WORDS, max_size=6),
            st.dictionaries(st.sampled_from(NAMES), JSON, max_size=6),
            JSON,
        ),
        "json": st.booleans(),
        "headers": HEADERS,
    }
)  # fmt: skip


class Fuzzed:
    """One role at every door, signed in again whenever a request has signed it out."""

    def __init__(self, client_for: Any, role: str, world: World) -> None:
        self._client_for, self.role, self._world = client_for, role, world
        self.client = self._signed_in()

    def _signed_in(self) -> Client:
        if self.role == STRANGER:
            return Client(raise_request_exception=False)
        client: Client = self._client_for(self.role)
        return client

    def send(self, asked: dict[str, Any]) -> None:
        route: Route = asked["route"]
        response = self._answer(route, asked)
        if response.status_code == 503:  # a moment's slowness of a busy machine is no fault
            response = self._answer(route, asked)
        if self.role != STRANGER and _is_signed_out(response):
            self.client = self._signed_in()
            response = self._answer(route, asked)
        where = f"{asked['method']} {route.path}"
        assert response.status_code < 500, (where, response.status_code)
        if route.permission != PUBLIC and response.status_code not in (400, 404):
            self._is_kept_out(route, response, where)
        if not response.streaming:
            text = response.content.decode("utf-8", "replace")
            assert MARK not in text, where
            assert "Traceback (most recent" not in text, where

    def _is_kept_out(self, route: Route, response: Any, where: str) -> None:
        if self.role == STRANGER:
            assert response.status_code in (204, 301, 302, 401), (where, response.status_code)
        elif route.permission not in ROLES[self.role]:
            assert response.status_code in (301, 403), (where, response.status_code)

    def _answer(self, route: Route, asked: dict[str, Any]) -> Any:
        address = self._world.address(route)
        if asked["ids"] == "odd":
            address = route.address(dict.fromkeys(route.names, asked["id"] or "-"))
        data, content_type = _encoded(asked["body"], as_json=asked["json"])
        return self.client.generic(
            asked["method"],
            address,
            data,
            content_type,
            query_string=urlencode(asked["query"], errors="replace"),
            headers=asked["headers"],
        )


def _encoded(body: Any, *, as_json: bool) -> tuple[str, str]:
    if as_json or not isinstance(body, dict):
        return json.dumps(body), "application/json"
    fields = {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in body.items()
    }
    return urlencode(fields, errors="replace"), "application/x-www-form-urlencoded"


def _is_signed_out(response: Any) -> bool:
    to = response.get("Location", "") or response.get("HX-Redirect", "")
    return response.status_code == 401 or to.startswith("/login/")


def plant_marks(mongo: Any, user_id: str) -> None:
    mongo.users.update_many({}, {"$set": {"password_hash": f"$argon2$ {MARK}"}})
    mongo.settings.insert_one(
        {
            "user_id": user_id,
            "preferences": {"theme": "dark"},
            "api_keys": {"openai": f"sk-{MARK}{'x' * 20}"},
            "integrations": {"github": {"token": f"ghp_{MARK}{'y' * 20}", "login": "dev"}},
        }
    )


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("role", [STRANGER, *ROLES])
def test_no_request_breaks_a_page_or_gets_more_than_its_role_may(
    role: str, mongo: Any, client_for: Any, actor: Any
):
    world = World(mongo, actor=actor)
    plant_marks(mongo, world.customer["id"])
    fuzzed = Fuzzed(client_for, role, world)

    @settings(
        max_examples=max(1, REQUESTS // PER_EXAMPLE),
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(REQUEST, min_size=PER_EXAMPLE, max_size=PER_EXAMPLE))
    def attack(requests: list[dict[str, Any]]) -> None:
        for asked in requests:
            fuzzed.send(asked)

    attack()
