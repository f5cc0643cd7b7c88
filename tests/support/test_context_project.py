"""The project beside an issue: as it was when it was reported, and as it is now."""

import re

import pytest

from devora_admin.support.documents import issues
from devora_admin.versions.documents import versions
from tests.versions.factory import make_stored_version, make_version

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def project(customer, make_project):
    project = make_project(
        user_id=customer["id"],
        name="Quota board",
        files=[{"name": "a.ts", "content": "one\n"}, {"name": "b.ts", "content": "b\n"}],
        metadata={},
        conversation_history=[
            {"role": "user", "content": "Deploy it"}, {"role": "assistant", "content": "Done"},
        ],
    )  # fmt: skip
    make_stored_version(project, 1)
    return project


def shown(client, number, **headers):
    answer = client.get(f"/support/{number}/project/", **(headers or HTMX))
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def change(mongo, project, **fields):
    mongo.projects.update_one({"id": project["id"]}, {"$set": fields})


def test_the_files_that_changed_since_lead_to_their_comparison(client_for, opened, project, mongo):
    number = opened(project_id=project["id"])
    change(mongo, project, files=[{"name": "a.ts", "content": "one\ntwo\nthree\n"}])
    page = shown(client_for("support"), number)
    compare = f"/projects/{project['id']}/compare/?from=1&amp;to=now&amp;view=side"
    assert f"{compare}&amp;file=a.ts" in page
    assert f"{compare}&amp;file=b.ts" in page
    assert "+2</span>" in page
    assert "\N{MINUS SIGN}1</span>" in page
    assert "Changed since version 1" in page
    answer = client_for("support").get(f"{compare}&amp;file=a.ts".replace("&amp;", "&"))
    assert "three" in answer.content.decode()


def test_it_leads_to_the_turn_the_editor_and_the_files(client_for, opened, project):
    from devora_admin.support.queries.issue import Pinned

    number = opened(project_id=project["id"], pinned=Pinned(version=1, turn=1))
    page = shown(client_for("editor"), number)
    path = f"/projects/{project['id']}/"
    assert f'href="{path}replay/?turn=2"' in page
    assert f'href="{path}edit/?issue={number}"' in page
    assert f'href="{path}"' in page
    assert "Nothing was changed since version 1." in page
    assert "/restore/" not in page


def test_then_and_now_are_told_in_one_numbering_or_not_at_all(client_for, opened, project, mongo):
    """Where nothing is known of then, nothing looks as if it had gone backwards since."""
    from devora_admin.support.queries.issue import Pinned

    change(mongo, project, revision=30)
    told = {}
    for number, at in enumerate([Pinned(version=1), Pinned(revision=20), Pinned(turn=1)]):
        page = shown(client_for("support"), opened(project_id=project["id"], pinned=at))
        told[number] = re.findall(r"<dd>(?:<a[^>]*>)?((?:version|revision|not known)[ \d]*)", page)
    issues().update_one({"number": 3}, {"$set": {"pinned": {}}})
    page = shown(client_for("support"), 3)
    assert told[0] == ["version 1", "version 1"]
    assert told[1] == ["revision 20", "revision 30"]
    assert "not known" in page
    assert "revision 30" not in page


def test_only_who_may_edit_is_offered_to_restore_the_version_of_then(
    client_for, opened, project, mongo
):
    number = opened(project_id=project["id"])
    change(mongo, project, files=[])
    restore = f"/projects/{project['id']}/versions/1/restore/?issue={number}"
    assert restore in shown(client_for("editor"), number)
    assert "/restore/" not in shown(client_for("support"), number)
    change(mongo, project, archived_at=project["created_at"])
    assert "/restore/" not in shown(client_for("editor"), number)


def test_a_version_that_was_removed_says_so_and_the_next_kept_one_stands_in(
    client_for, opened, project, mongo
):
    number = opened(project_id=project["id"])
    make_version(project, 3, {"a.ts": "three\n"})
    versions().delete_one({"project_id": project["id"], "number": 1})
    page = shown(client_for("editor"), number)
    assert "Version 1 was removed" in page
    assert "<dt>Now</dt><dd>version 3</dd>" in page
    assert "Version 3 is the next that is kept" in page
    assert "Changed since version 3" in page
    assert f"/versions/3/restore/?issue={number}" in page


def test_a_version_of_which_nothing_is_kept_any_more_says_so(client_for, opened, project):
    number = opened(project_id=project["id"])
    versions().delete_many({"project_id": project["id"]})
    page = shown(client_for("support"), number)
    assert "There is no version 1." in page
    assert "Open the editor" in page


def test_without_a_version_of_then_nothing_is_compared(client_for, opened, customer, make_project):
    number = opened(project_id=make_project(user_id=customer["id"])["id"])
    assert "No version was kept when this was reported" in shown(client_for("support"), number)


def test_no_project_a_deleted_and_an_archived_one_are_told_apart(
    client_for, opened, project, mongo
):
    without, number = opened(), opened(project_id=project["id"])
    client = client_for("support")
    assert "This issue is about no project." in shown(client, without)
    change(mongo, project, archived_at=project["created_at"])
    assert "Archived" in shown(client, number)
    mongo.projects.delete_one({"id": project["id"]})
    assert "The project was deleted since" in shown(client, number)


def test_a_project_that_changed_hands_says_whose_it_is_now(
    client_for, opened, project, make_customer, mongo
):
    number = opened(project_id=project["id"])
    change(mongo, project, user_id=make_customer(name="Someone New")["id"])
    page = shown(client_for("support"), number)
    assert "Someone New" in page
    assert "not to the customer of this issue" in page


def test_many_changed_files_end_with_how_many_more_there_are(client_for, opened, project, mongo):
    number = opened(project_id=project["id"])
    change(mongo, project, files=[{"name": f"n{at}.ts", "content": "x"} for at in range(40)])
    page = shown(client_for("support"), number)
    assert "30 more files" in page
    assert page.count("compare-name") < 40


def test_names_of_files_are_escaped(client_for, opened, project, mongo):
    number = opened(project_id=project["id"])
    change(mongo, project, name="<b>x</b>", files=[{"name": "<i>.ts", "content": "x"}])
    page = shown(client_for("support"), number)
    assert "<i>.ts" not in page
    assert "<b>x" not in page
    assert "&lt;i&gt;.ts" in page


def test_an_id_that_no_address_can_hold_is_shown_without_links(client_for, opened, project, mongo):
    number = opened(project_id=project["id"])
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"id": "a/b"}})
    issues().update_one({"number": number}, {"$set": {"project_id": "a/b"}})
    assert "Quota board" in shown(client_for("support"), number)


def test_without_javascript_it_is_a_page(client_for, opened, project):
    number = opened(project_id=project["id"])
    page = shown(client_for("support"), number, HTTP_ACCEPT="text/html")
    assert "<h1" in page
    assert "Quota board" in page
