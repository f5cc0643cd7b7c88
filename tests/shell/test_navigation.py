import pytest
from django.template import Context, Template
from django.test import RequestFactory

from devora_admin.shell.navigation import links
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
