"""Every route, role and method, each with each, against what is declared."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from devora_admin.staff.permissions import ROLES
from tests.security.matrix import MATRIX, PUBLIC, READ
from tests.security.routes import Route, routes
from tests.security.world import World

METHODS = ("GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "POST")
STRANGER = "stranger"
PARTS = 8
"""Of the pages, so that two processes may share them."""
PAGES = [route for route in routes() if MATRIX.get(route.path, ("", ()))[1] == READ]
ACTS = [pytest.param(each, id=each.path or "/") for each in routes() if each not in PAGES]


def test_the_matrix_names_every_route_and_no_other():
    assert sorted(MATRIX) == sorted(route.path for route in routes())


@pytest.fixture
def client_as(client_for: Any) -> Callable[[str], Client]:
    def make(role: str) -> Client:
        return Client(raise_request_exception=False) if role == STRANGER else client_for(role)

    return make


@pytest.mark.parametrize("part", range(PARTS))
def test_only_who_is_declared_reads_a_page(part: int, mongo: Any, client_as: Any, actor: Any):
    """All pages of a part in one world: nothing that is let in changes it."""
    world = World(mongo, actor=actor)
    for role in (STRANGER, *ROLES):
        client = client_as(role)
        for route in PAGES[part::PARTS]:
            check(route, world.address(route), role, client)


@pytest.mark.parametrize("route", ACTS)
def test_only_who_is_declared_gets_in_and_only_so(
    route: Route, mongo: Any, client_as: Any, actor: Any
):
    address = World(mongo, actor=actor).address(route)
    for role in (STRANGER, *ROLES):
        check(route, address, role, client_as(role))


def check(route: Route, address: str, role: str, client: Client) -> None:
    roles, methods = MATRIX[route.path]
    for method in METHODS:
        answer = client.generic(method, address)
        where, status = (address, role, method), answer.status_code
        assert status < 500, where
        if roles != PUBLIC and role == STRANGER:
            assert status == 302, where
            assert answer["Location"].startswith("/login/"), where
        elif roles != PUBLIC and role not in roles:
            assert status == 403, where
        else:
            assert (status == 405) is (method not in methods), (where, status)
