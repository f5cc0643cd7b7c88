"""What leads to the inbox and on from it: the next issue, panels of other pages, the main menu."""

import re

import pytest
from django.test import RequestFactory

from devora_admin.support.services import fields
from devora_admin.support.views.remembered import next_number


@pytest.fixture
def bo(client_for):
    return client_for("support")


@pytest.fixture
def following(bo, staff):
    def ask(number):
        request = RequestFactory().get("/support/1/")
        request.user = staff("support")
        request.COOKIES = {name: cookie.value for name, cookie in bo.cookies.items()}
        return next_number(request, number)

    return ask


def test_the_next_issue_is_that_of_the_list_one_came_from(bo, following, opened):
    one = opened(tags=["billing"])
    two = opened()
    three = opened(tags=["billing"])
    bo.get("/support/?view=all&tag=billing")
    assert following(three) == one
    assert following(one) is None
    bo.get("/support/?view=all&sort=updated")
    assert [following(one), following(two), following(three)] == [two, three, None]


def test_without_a_list_it_is_that_of_the_view_one_begins_with(bo, following, opened, actor):
    one, two = opened(), opened()
    assert following(two) == one
    fields.set_status(one, "pending", seen=1, actor=actor)
    assert following(two) is None


def test_a_list_that_cannot_be_read_has_no_next(bo, following, opened):
    opened()
    bo.cookies["support_list"] = "status%3Dnew"
    assert following(2) is None


def test_a_customer_s_page_shows_their_latest_issues(bo, opened, customer, make_customer):
    for _ in range(7):
        opened()
    opened(user_id=make_customer()["id"], subject="Of somebody else")
    body = bo.get(f"/users/{customer['id']}/").content.decode()
    panel = body[body.index('id="panel-issues"') :]
    panel = panel[: panel.index("</section>")]
    assert re.findall(r"#(\d+) Cannot deploy", panel) == ["7", "6", "5", "4", "3", "2"]
    assert "All 7 issues" in panel
    assert "Of somebody else" not in panel


def test_a_customer_without_issues_is_said_so(bo, customer):
    assert "has not asked for help" in bo.get(f"/users/{customer['id']}/").content.decode()


def test_a_viewer_sees_no_issues_of_a_customer(client_for, opened, customer):
    opened()
    assert (
        "panel-issues" not in client_for("viewer").get(f"/users/{customer['id']}/").content.decode()
    )


def test_a_project_s_page_loads_its_issues_after_itself(bo, opened, customer, make_project):
    project = make_project(user_id=customer["id"])
    one, _ = opened(project_id=project["id"]), opened()
    url = f"/support/of-project/{project['id']}/"
    assert f'hx-get="{url}"' in bo.get(f"/projects/{project['id']}/").content.decode()
    panel = bo.get(url, headers={"HX-Request": "true"}).content.decode()
    assert re.findall(r"#(\d+) ", panel) == [str(one)]
    assert bo.get(url)["Location"] == f"/support/?project={project['id']}"


def test_the_menu_leads_to_the_inbox_for_who_may_see_it(bo, client_for):
    assert 'data-shortcut="g i"' in bo.get("/users/").content.decode()
    assert 'data-shortcut="g i"' not in client_for("viewer").get("/users/").content.decode()
