"""Opening an issue for a customer, and going on to the next once one is resolved."""

import re
from typing import Any

import pytest

from devora_admin.support.queries.issue import issue
from devora_admin.support.queries.thread import thread
from devora_admin.support.views import composing, fields
from tests.factories import EPOCH
from tests.support.conftest import PNG
from tests.support.test_issue_page import _file, seen


@pytest.fixture
def client(client_for) -> Any:
    return client_for("support")


def wanted(**fields_: Any) -> dict[str, Any]:
    return {
        "customer": "zoe.quill@marked.example", "subject": "Cannot pay", "text": "The card fails",
        "priority": "high", **fields_,
    }  # fmt: skip


def test_an_issue_is_opened_with_all_that_was_said(client, customer, make_project, staff):
    talk = [{"role": "user", "content": "hi", "timestamp": EPOCH}]
    project = make_project(user_id=customer["id"], name="Shop", conversation_history=talk)
    page = client.get(f"/support/new/?customer={customer['id']}&project={project['id']}")
    assert f'<option value="{project["id"]}" selected>Shop</option>' in page.content.decode()
    me = str(staff("support").pk)
    body = wanted(project=project["id"], turn="1", assignee_id=me, tags="pay, card",
                  files=[_file("a.png", PNG, "image/png")])  # fmt: skip
    answer = client.post("/support/new/", body)
    number = int(re.search(r"/support/(\d+)/", answer.headers["Location"])[1])
    now = issue(number)
    assert (now.subject, now.priority, now.assignee_id, now.tags) == (
        "Cannot pay", "high", me, ("card", "pay"),
    )  # fmt: skip
    assert (now.project_id, now.pinned.turn) == (project["id"], 0)
    (said,) = thread(number)
    assert (said.kind, said.text, len(said.attachments)) == ("customer", "The card fails", 1)


@pytest.mark.parametrize(
    ("fields_", "told"),
    [
        ({"customer": "nobody@x.example"}, "There is no customer with this id or e-mail address."),
        ({"subject": "x" * 1_000_000}, "The subject"),
        ({"text": "  "}, "This field is required."),
        ({"tags": "y" * 50}, "A tag"),
        ({"turn": "5"}, "Name the project, too."),
        ({"files": [_file("a.png", b"MZ\x90\0", "image/png")]}, "is said to be image/png"),
    ],
    ids=["customer", "subject", "text", "tags", "turn", "file"],
)
def test_what_is_wrong_is_said_with_everything_kept(client, customer, mongo, fields_, told):
    answer = client.post("/support/new/", wanted(**fields_))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert told in html
    assert ("The card fails" in html) or "text" in fields_
    assert '<option value="high" selected>' in html
    assert mongo.support_issues.count_documents({}) == 0


def test_a_project_of_another_customer_is_no_choice(client, customer, make_project, make_customer):
    other = make_customer(id="other", email="other@x.example")
    project = make_project(user_id=other["id"], name="Not theirs")
    answer = client.post("/support/new/", wanted(project=project["id"]))
    assert answer.status_code == 422
    assert "Not theirs" not in answer.content.decode()


def test_the_projects_of_a_customer_are_offered_once_they_are_known(client, customer, make_project):
    make_project(user_id=customer["id"], name="Shop")
    found = client.get("/support/new/projects/", {"customer": customer["email"]})
    assert "Shop</option>" in found.content.decode()


@pytest.mark.parametrize(
    ("choice", "lands"), [({"go_on": "1"}, "/support/77/"), ({}, "/support/1/")]
)
def test_the_next_issue_opens_after_resolve_if_that_is_on(
    client, opened, monkeypatch, choice, lands
):
    for module in (composing, fields):
        monkeypatch.setattr(module, "next_number", lambda request, number: 77)
    number = opened()
    client.post("/support/go-on/", choice)
    body = {"status": "resolved", "seen": 1}
    assert client.post(f"/support/{number}/status/", body).headers["Location"] == lands
    client.post(f"/support/{number}/status/", {"status": "open", "seen": 2})
    answer = client.post(f"/support/{number}/reply/", seen(number, text="Done", status="resolved"))
    assert answer.headers["Location"].startswith(lands)
