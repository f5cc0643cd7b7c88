"""The forms and buttons of the project page, over HTTP."""

from typing import Any
from urllib.parse import unquote

import pytest

HTMX = {"HTTP_HX_REQUEST": "true"}


def post(client: Any, project: dict[str, Any], action: str, **data: Any) -> Any:
    return client.post(f"/projects/{project['id']}/{action}/", data)


def stored(mongo: Any, project: dict[str, Any]) -> dict[str, Any]:
    return mongo.projects.find_one({"id": project["id"]})


def test_renaming_by_form_goes_back_to_the_page_with_a_toast(admin, mongo, make_project):
    project = make_project(name="Old")
    answer = post(admin, project, "rename", name="New", expected="Old")
    assert (answer.status_code, answer["Location"]) == (302, f"/projects/{project['id']}/")
    assert "Project renamed" in unquote(answer.cookies["toast"].value)
    assert stored(mongo, project)["name"] == "New"


def test_the_rename_form_is_a_dialog_for_htmx_and_a_page_without(admin, make_project):
    project = make_project(name="Old")
    url = f"/projects/{project['id']}/rename/"
    fragment = admin.get(url, **HTMX).content.decode()
    assert "<dialog" in fragment
    assert "<html" not in fragment
    whole = admin.get(url).content.decode()
    assert "<html" in whole
    assert 'value="Old"' in whole


@pytest.mark.parametrize(
    "data",
    [{"name": ""}, {"name": "   "}, {"name": "a\0b"}, {"name": "x" * 201}, {"name[$ne]": "x"}, {}],
)
def test_a_bad_name_is_refused_at_the_field_and_the_draft_kept(admin, mongo, make_project, data):
    project = make_project(name="Old")
    answer = admin.post(f"/projects/{project['id']}/rename/", data, **HTMX)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "invalid-feedback" in html
    assert "<html" not in html
    if len(data.get("name", "").strip()) > 5:
        assert data["name"] in html
    assert stored(mongo, project)["name"] == "Old"


def test_renaming_what_someone_renamed_shows_both_names(admin, mongo, make_project):
    project = make_project(name="Theirs")
    answer = post(admin, project, "rename", name="Mine", expected="Old")
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Theirs" in html
    assert 'value="Mine"' in html


def test_a_description_keeps_its_line_ends(admin, mongo, make_project):
    project = make_project(description="a\nb")
    post(admin, project, "describe", description="a\r\nb\r\nc", expected="a\r\nb")
    assert stored(mongo, project)["description"] == "a\nb\nc"


def test_archiving_offers_an_undo_that_restores(admin, mongo, make_project):
    project = make_project()
    answer = post(admin, project, "archive")
    assert f"/projects/{project['id']}/restore/" in unquote(answer.cookies["toast"].value)
    assert "archived_at" in stored(mongo, project)
    assert "Archived" in admin.get(f"/projects/{project['id']}/").content.decode()
    undone = admin.post(f"/projects/{project['id']}/restore/", **HTMX)
    assert undone["HX-Redirect"] == f"/projects/{project['id']}/"
    assert "archived_at" not in stored(mongo, project)


def test_archiving_twice_says_so(admin, make_project):
    project = make_project()
    post(admin, project, "archive")
    answer = post(admin, project, "archive")
    assert answer.status_code == 409
    assert "archived already" in answer.content.decode()


def test_duplicating_leads_to_the_copy(admin, mongo, make_project):
    project = make_project(name="Shop")
    answer = post(admin, project, "duplicate")
    copy = mongo.projects.find_one({"name": "Copy of Shop"})
    assert answer["Location"] == f"/projects/{copy['id']}/"


def test_a_project_is_transferred_by_e_mail_address_or_id(
    admin, mongo, make_project, make_customer
):
    project, ada, bob = make_project(), make_customer(email="ada@x.example"), make_customer()
    assert post(admin, project, "transfer", customer="Ada@x.example").status_code == 302
    assert stored(mongo, project)["user_id"] == ada["id"]
    assert post(admin, project, "transfer", customer="x", user_id=bob["id"]).status_code == 302
    assert stored(mongo, project)["user_id"] == bob["id"]


@pytest.mark.parametrize("customer", ["", "nobody@x.example", "nobody", "a\0b"])
def test_a_transfer_to_nobody_is_refused_in_the_form(admin, mongo, make_project, customer):
    project = make_project()
    answer = post(admin, project, "transfer", customer=customer)
    assert answer.status_code == 422
    assert stored(mongo, project)["user_id"] == "user-1"


def test_a_transfer_to_a_suspended_customer_says_so(admin, make_project, make_customer):
    project, receiver = make_project(), make_customer(status="suspended")
    answer = post(admin, project, "transfer", user_id=receiver["id"])
    assert answer.status_code == 422
    assert "suspended" in answer.content.decode()


FORBIDDEN = {
    "viewer": ("rename", "describe", "archive", "restore", "duplicate", "transfer"),
    "support": ("rename", "describe", "duplicate", "transfer"),
    "editor": ("transfer",),
}


@pytest.mark.parametrize(
    ("role", "action"), [(role, each) for role, found in FORBIDDEN.items() for each in found]
)
def test_a_role_without_the_permission_is_refused(client_for, mongo, make_project, role, action):
    project = make_project()
    answer = post(client_for(role), project, action, name="x", customer="x")
    assert answer.status_code == 403
    assert stored(mongo, project) == project


@pytest.mark.parametrize("action", ["archive", "restore", "duplicate"])
def test_reading_an_action_changes_nothing(admin, make_project, action):
    assert admin.get(f"/projects/{make_project()['id']}/{action}/").status_code == 405


@pytest.mark.parametrize("action", ["rename", "describe", "transfer", "archive", "duplicate"])
def test_an_action_on_an_unknown_project_is_a_404(admin, action):
    answer = admin.post(f"/projects/nope/{action}/", {"name": "x", "customer": "x"})
    assert answer.status_code == 404
