"""Every route names a permission, and no one without it gets in."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from devora_admin.staff.permissions import PERMISSIONS, PUBLIC, permission_of

PUBLIC_ROUTES = {
    "login/",
    "login/verify/",
    "login/passkey/",
    "login/passkey/options/",
    "logout/",
    "welcome/<str:token>/",
    # What a customer's e-mail links to: whether they are satisfied. Its token is what opens it.
    "csat/<str:token>/",
    "healthz",
    "readyz",
    # A program's token is what opens these, and nothing that a browser has.
    "api/openapi.json",
    "api/issues/",
    "api/issues/<number:number>/replies/",
    "api/replies/",
    "api/deploys/",
    "api/events/",
}


def routes() -> Iterator[tuple[str, URLPattern]]:
    def walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, URLPattern]]:
        for entry in resolver.url_patterns:
            path = prefix + str(entry.pattern)
            if isinstance(entry, URLResolver):
                yield from walk(entry, path)
            else:
                yield path, entry

    yield from walk(get_resolver(), "")


def address(path: str, pattern: URLPattern) -> str:
    assert isinstance(pattern.pattern, RoutePattern)
    for name in pattern.pattern.converters:
        path = path.replace(f"<str:{name}>", "x").replace(f"<path:{name}>", "x")
        path = path.replace(f"<number:{name}>", "1")
    assert "<" not in path, f"a converter the test does not know: {path}"
    return "/" + path


def test_every_route_names_its_permission():
    """Who gets in is held by tests/security/test_matrix.py."""
    for path, pattern in routes():
        permission = permission_of(pattern.callback)
        assert permission is not None, path
        assert permission in PERMISSIONS or (permission == PUBLIC and path in PUBLIC_ROUTES), path


def test_a_view_that_names_no_permission_is_not_served(settings, client_for):
    settings.ROOT_URLCONF = "tests.contracts.urls_without_permission"
    assert client_for("admin").get("/open/").status_code == 500


def test_an_address_without_its_last_slash_is_found(client_for):
    response = client_for("viewer").get("/projects?q=a")
    assert (response.status_code, response["Location"]) == (301, "/projects/?q=a")
