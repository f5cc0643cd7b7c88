"""What is done for an issue: one row of the audit log, which stands in the history of both."""

import re
from urllib.parse import urlencode

import pytest

from devora_admin.core import mongo as core_mongo
from devora_admin.staff import undo, verifying
from devora_admin.staff.documents import AUDIT_LOG
from devora_admin.staff.queries.audit_log import AuditFilters, audit_page, condition_of
from devora_admin.support.queries.history import history_of
from devora_admin.support.queries.issue import issue
from devora_admin.support.services.merging import merge_issues
from tests.usersettings.conftest import OPENAI, ref, seen
from tests.versions.factory import make_stored_version


@pytest.fixture
def project(mongo, customer, make_project):
    """Of version 1, and changed since."""
    project = make_project(
        user_id=customer["id"], files=[{"name": "a.ts", "content": "as it was\n"}]
    )
    make_stored_version(project, 1)
    now = [{"name": "a.ts", "content": "as it is\n"}]
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"files": now}})
    return project


@pytest.fixture
def key(mongo, customer):
    """Where a key of the customer is revoked."""
    mongo.settings.insert_one({"user_id": customer["id"], "api_keys": {"openai": OPENAI}})
    label = "api_keys.openai"
    address = f"/users/{customer['id']}/settings/secrets/{ref(customer['id'], label)}/revoke/"
    return address, {"seen": seen(customer["id"], label), "reason": "leaked"}


def extension(customer):
    """Where a customer's period is extended, and what the form sends."""
    data = {"days": "7", "reason": "sorry", "expected": ""}
    return f"/users/{customer['id']}/extend/", data


def restoration(project):
    from devora_admin.versions.queries.restore import preview

    address = f"/projects/{project['id']}/versions/1/restore/"
    return address, {"seen": preview(project["id"], 1, "").seen}


def actions(number):
    return [line.row.action for line in history_of(number).rows]


def of_subject(kind, key):
    return [line.row for line in audit_page(AuditFilters(kind=kind, subject=key), []).rows]


def test_an_extended_plan_is_one_row_in_both_histories(client_for, opened, customer, mongo):
    number, (address, data) = opened(), extension(customer)
    dialog = client_for("editor").get(f"{address}?issue={number}")
    assert f"For issue #{number}" in dialog.content.decode()
    answer = client_for("editor").post(f"{address}?issue={number}", data)
    assert answer.status_code == 302, answer.content
    assert actions(number) == ["users.extend", "issue.open"]
    history = client_for("editor").get(f"/support/{number}/history/").content.decode()
    assert re.search(r"Extended the period (from \d+ \w+ \d{4} )?to \d+ \w+ \d{4}", history)
    [row] = of_subject("customer", customer["id"])
    assert row.id == history_of(number).rows[0].row.id
    assert (row.cause.kind, row.cause.id) == ("issue", str(number))
    assert mongo[AUDIT_LOG].count_documents({"action": "users.extend"}) == 1


def test_a_restored_version_is_in_both_histories(client_for, opened, project):
    number = opened(project_id=project["id"])
    client = client_for("editor")
    address, data = restoration(project)
    page = client.get(f"{address}?issue={number}").content.decode()
    assert f"history of issue #{number}" in page
    assert client.post(f"{address}?issue={number}", data).status_code == 302
    assert actions(number)[0] == "project.version.restore"
    history = client.get(f"/support/{number}/history/").content.decode()
    assert "Put version 1 back" in history
    assert [each.action for each in of_subject("project", project["id"])] == [
        "project.version.restore"
    ]


def test_a_revoked_key_is_in_both_histories(client_for, opened, customer, key):
    number, (address, data) = opened(), key
    settings = client_for("support").get(f"/users/{customer['id']}/settings/?issue={number}")
    assert f"{address}?issue={number}" in settings.content.decode()
    assert client_for("support").post(f"{address}?issue={number}", data).status_code == 302
    assert actions(number)[0] == "secrets.revoke"
    assert of_subject("customer", customer["id"])[0].action == "secrets.revoke"


def test_what_is_saved_in_the_editor_is_in_both_histories(client_for, opened, project):
    number, client = opened(project_id=project["id"]), client_for("editor")
    page = client.get(f"/projects/{project['id']}/edit/?issue={number}").content.decode()
    assert f"/file/save/?issue={number}" in page
    assert f"/projects/{project['id']}/file/?issue=" not in page
    body = {"path": "a.ts", "content": "mended\n", "base_content": "as it is\n",
            "base_revision": 0, "tab": "tab-12345"}  # fmt: skip
    address = f"/projects/{project['id']}/file/save/?issue={number}"
    answer = client.post(address, body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert actions(number) == [of_subject("project", project["id"])[0].action, "issue.open"]


def test_taking_it_back_stands_in_the_issue_as_well(client_for, opened, customer, actor):
    number, (address, data) = opened(), extension(customer)
    client_for("editor").post(f"{address}?issue={number}", data)
    undo.perform(history_of(number).rows[0].row.id, actor=actor)
    assert actions(number) == ["users.extend.undo", "users.extend", "issue.open"]


def test_without_an_issue_in_the_address_nothing_stands_in_one(client_for, opened, customer):
    number, (address, data) = opened(), extension(customer)
    assert client_for("editor").post(address, data).status_code == 302
    assert actions(number) == ["issue.open"]
    assert of_subject("customer", customer["id"])[0].cause is None


def test_the_permission_of_an_action_is_still_that_of_its_own_route(
    client_for, opened, customer, project
):
    number = opened(project_id=project["id"])
    address, data = extension(customer)
    assert client_for("support").post(f"{address}?issue={number}", data).status_code == 403
    address, data = restoration(project)
    assert client_for("support").post(f"{address}?issue={number}", data).status_code == 403
    assert actions(number) == ["issue.open"]


def test_an_issue_of_another_customer_is_no_reason(
    client_for, opened, customer, make_customer, mongo
):
    other = opened(user_id=make_customer(email="other@marked.example")["id"])
    before = mongo.users.find_one({"id": customer["id"]})
    address, data = extension(customer)
    answer = client_for("editor").post(f"{address}?issue={other}", data)
    assert answer.status_code == 409
    assert f"issue #{other} is about another customer" in answer.content.decode()
    assert mongo.users.find_one({"id": customer["id"]}) == before
    assert actions(other) == ["issue.open"]


def test_a_project_that_changed_hands_may_still_be_mended_for_its_issue(
    client_for, opened, project, make_customer, mongo
):
    number = opened(project_id=project["id"])
    new_owner = make_customer(email="new@marked.example")["id"]
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"user_id": new_owner}})
    address, data = restoration(project)
    assert client_for("editor").post(f"{address}?issue={number}", data).status_code == 302
    assert actions(number)[0] == "project.version.restore"


@pytest.mark.parametrize("named", ["99999", "x", "1e3", "-1", "9" * 40])
def test_an_issue_that_there_is_not_is_told_before_anything_is_done(client_for, customer, named):
    address, data = extension(customer)
    for answer in (
        client_for("editor").get(f"{address}?{urlencode({'issue': named})}"),
        client_for("editor").post(f"{address}?{urlencode({'issue': named})}", data),
    ):
        assert answer.status_code == 404
    assert of_subject("customer", customer["id"]) == []


def test_what_is_done_for_a_merged_issue_stands_in_the_one_it_went_to(
    client_for, opened, customer, actor
):
    number, into = opened(), opened(subject="The same again")
    seen_now = issue(into).revision, issue(number).revision
    merge_issues(into, number, seen=seen_now[0], absorbed_seen=seen_now[1], actor=actor)
    address, data = extension(customer)
    client_for("editor").post(f"{address}?issue={number}", data)
    assert actions(into)[0] == "users.extend"


def test_the_chain_of_the_log_holds_and_covers_what_it_was_done_for(
    client_for, opened, customer, mongo
):
    number, (address, data) = opened(), extension(customer)
    client_for("editor").post(f"{address}?issue={number}", data)
    assert list(verifying.Verification().findings()) == []
    mongo[AUDIT_LOG].update_one({"for.id": str(number)}, {"$set": {"for.id": "7"}})
    assert [found.kind for found in verifying.Verification().findings()] == ["altered"]


def test_a_history_reads_ranges_of_two_indexes_in_order(client_for, opened, customer):
    number, (address, data) = opened(), extension(customer)
    client_for("editor").post(f"{address}?issue={number}", data)
    filters = AuditFilters(kind="issue", subject=str(number), with_done_for=True)
    rows = core_mongo.database()[AUDIT_LOG].find(condition_of(filters, []))
    plan = str(rows.sort([("at", -1), ("_id", -1)]).explain()["queryPlanner"]["winningPlan"])
    assert "'indexName': 'for'" in plan
    assert "'indexName': 'subject'" in plan
    assert "'SORT_MERGE'" in plan
    assert "'stage': 'SORT'," not in plan


def test_the_entry_of_the_log_names_the_issue(client_for, opened, customer):
    number, (address, data) = opened(), extension(customer)
    client_for("editor").post(f"{address}?issue={number}", data)
    row_id = history_of(number).rows[0].row.id
    page = client_for("admin").get(f"/audit/{row_id}/").content.decode()
    assert "Done for" in page
    assert f"issue #{number}" in page
    lines = b"".join(client_for("admin").post("/audit/export/")).decode().splitlines()
    assert [line.endswith(f",issue {number}") for line in lines if "users.extend" in line] == [True]
