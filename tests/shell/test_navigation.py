import pytest
from django.template import Context, Template
from django.test import RequestFactory

from devora_admin.shell.navigation import links, search
from devora_admin.staff.models import StaffUser


def menu(path: str, *, role: str = "viewer") -> list[tuple[str, bool]]:
    request = RequestFactory().get(path)
    request.user = StaffUser(email="a@example.com", role=role)
    return [(link.label, link.is_active) for link in links(request)]


@pytest.mark.parametrize(
    ("path", "active"),
    [("/", "Overview"), ("/projects/", "Projects"), ("/projects/some-id/", "Projects")],
)
def test_the_menu_marks_where_the_reader_is(path: str, active: str) -> None:
    assert [label for label, is_active in menu(path) if is_active] == [active]


def test_nothing_is_marked_on_a_page_outside_the_menu() -> None:
    assert not any(is_active for _, is_active in menu("/elsewhere/"))


def test_places_without_permission_are_not_shown() -> None:
    assert menu("/", role="no-such-role") == []


def test_the_active_link_tells_screen_readers() -> None:
    request = RequestFactory().get("/projects/")
    request.user = StaffUser(email="a@example.com", role="viewer")

    html = Template("{% navigation %}").render(Context({"request": request}))

    assert html.count('aria-current="page"') == 1
    assert 'data-shortcut="g p"' in html


@pytest.mark.parametrize(
    ("path", "what"),
    [("/", "customers"), ("/users/some-id/", "customers"), ("/projects/", "projects"),
     ("/projects/some-id/", "projects"), ("/audit/", "customers")],
)  # fmt: skip
def test_the_box_at_the_top_searches_projects_among_projects_and_else_customers(
    path: str, what: str
) -> None:
    request = RequestFactory().get(path)
    request.user = StaffUser(email="a@example.com", role="support")

    found = search(request)

    assert found
    assert found.what == what


def test_who_may_see_no_list_has_no_box() -> None:
    request = RequestFactory().get("/")
    request.user = StaffUser(email="a@example.com", role="no-such-role")

    assert search(request) is None
