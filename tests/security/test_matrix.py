"""Every route, role and method, each with each, against what is declared."""

from typing import Any

import pytest
from django.test import Client

from devora_admin.staff.permissions import ROLES
from tests.security.matrix import MATRIX, PUBLIC
from tests.security.routes import Route, routes
from tests.security.world import World

METHODS = ("GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "POST")
ROUTES = [pytest.param(route, id=route.path or "/") for route in routes()]
STRANGER = "stranger"


def test_the_matrix_names_every_route_and_no_other():
    assert sorted(MATRIX) == sorted(route.path for route in routes())


@pytest.mark.parametrize("route", ROUTES)
def test_only_who_is_declared_gets_in_and_only_so(
    route: Route, mongo: Any, client_for: Any, actor: Any
):
    roles, methods = MATRIX[route.path]
    address = World(mongo, actor=actor).address(route)
    for role in (STRANGER, *ROLES):
        client = Client(raise_request_exception=False) if role == STRANGER else client_for(role)
        for method in METHODS:
            answer = client.generic(method, address)
            status = answer.status_code
            assert status < 500, (role, method)
            if roles != PUBLIC and role == STRANGER:
                assert status == 302, method
                assert answer["Location"].startswith("/login/")
            elif roles != PUBLIC and role not in roles:
                assert status == 403, (role, method)
            else:
                assert (status == 405) is (method not in methods), (role, method, status)
