"""The pages on which requests are read and decided."""

from datetime import timedelta
from typing import Any

import pytest

from devora_admin.core import clock
from devora_admin.core.errors import InvalidInput
from devora_admin.staff import approval_kinds, approvals, audit
from tests.conftest import PASSWORD
from tests.staff.proof import proven


@pytest.fixture(autouse=True)
def kind():
    def perform(request: approvals.Approval, *, approver: audit.Actor) -> str:
        if fault := request.params.get("fault"):
            raise InvalidInput(fault)
        return "/projects/"

    approvals.handles(
        "test.delete",
        permission="projects.delete",
        title="Delete",
        describe=lambda request: ["Three projects <b>go</b>."],
    )(perform)
    yield
    del approval_kinds._KINDS["test.delete"]


@pytest.fixture
def asker(client_for):
    return proven(client_for("admin", email="asker@devora.example", name="Asker"))


@pytest.fixture
def decider(client_for):
    return proven(client_for("admin", email="decider@devora.example", name="Decider"))


def ask(staff: Any, number: int = 1, **params: Any) -> str:
    actor = audit.actor_for(staff("admin", email="asker@devora.example"))
    subject = audit.Subject("project", f"p{number}", f"Bakery {number}", "c1")
    return approvals.ask("test.delete", subject=subject, params=params, reason="old", actor=actor)


def test_the_list_has_what_waits_and_what_was_decided(decider, asker, staff):
    waiting, rejected = ask(staff, 1), ask(staff, 2)
    approvals.reject(
        rejected, reason="no", actor=audit.actor_for(staff("admin", email="decider@devora.example"))
    )
    page = decider.get("/approvals/").content.decode()
    first, second = page.split('id="decided"')
    assert waiting in first
    assert rejected not in first
    assert rejected in second
    assert "Rejected" in second


def test_the_decided_ones_go_on_page_by_page(decider, asker, staff, mongo):
    ids = [ask(staff, number) for number in range(60)]
    mongo.approvals.update_many({}, {"$set": {"expires_at": clock.now() - timedelta(seconds=1)}})
    page = decider.get("/approvals/")
    older = page.context["page"].older
    rest = decider.get("/approvals/", {"cursor": older})
    shown = [row.id for each in (page, rest) for row in each.context["page"].decided]
    assert sorted(shown) == sorted(ids)
    assert decider.get("/approvals/?cursor=x").status_code == 422


def test_who_decides_sees_what_it_does_and_approves(decider, asker, staff):
    request_id = ask(staff)
    page = decider.get(f"/approvals/{request_id}/").content.decode()
    assert "Three projects &lt;b&gt;go&lt;/b&gt;." in page
    assert "/approve/" in page
    assert "/withdraw/" not in page
    done = decider.post(f"/approvals/{request_id}/approve/", {"reason": "", "proof": PASSWORD})
    assert (done.status_code, done["Location"]) == (302, f"/approvals/{request_id}/")
    assert approvals.find(request_id).state == "approved"
    assert 'href="/projects/"' in decider.get(f"/approvals/{request_id}/").content.decode()


def test_without_the_proof_nothing_is_decided(client_for, asker, staff):
    decider = client_for("admin", email="decider@devora.example")
    request_id = ask(staff)
    for proof in ("", "wrong password here"):
        refused = decider.post(f"/approvals/{request_id}/approve/", {"reason": "x", "proof": proof})
        assert refused.status_code == 422
    assert approvals.find(request_id).is_pending
    decider.post(f"/approvals/{request_id}/approve/", {"reason": "x", "proof": PASSWORD})
    assert not approvals.find(request_id).is_pending


def test_a_rejection_needs_its_reason(decider, asker, staff):
    request_id = ask(staff)
    url = f"/approvals/{request_id}/reject/"
    assert decider.post(url, {"reason": " "}).status_code == 422
    assert decider.post(url, {"reason": "too soon"}).status_code == 302
    page = decider.get(f"/approvals/{request_id}/").content.decode()
    assert "too soon" in page
    assert decider.post(url, {"reason": "again"}).status_code == 409


def test_who_asked_may_withdraw_and_not_decide(asker, decider, staff):
    request_id = ask(staff)
    page = asker.get(f"/approvals/{request_id}/").content.decode()
    assert "You asked for this." in page
    assert f"/approvals/{request_id}/approve/" not in page
    for verb in ("approve", "reject"):
        answer = asker.post(f"/approvals/{request_id}/{verb}/", {"reason": "me"})
        assert answer.status_code == 403
    assert decider.post(f"/approvals/{request_id}/withdraw/").status_code == 403
    assert asker.post(f"/approvals/{request_id}/withdraw/").status_code == 302
    assert approvals.find(request_id).state == "withdrawn"


def test_what_failed_is_shown_with_its_reason_and_tried_again(asker, decider, staff, mongo):
    request_id = ask(staff, fault="The shelf is full.")
    decider.post(f"/approvals/{request_id}/approve/", {"reason": ""})
    page = decider.get(f"/approvals/{request_id}/").content.decode()
    assert "The shelf is full." in page
    assert "/again/" in page
    mongo.approvals.update_one({"_id": request_id}, {"$set": {"params": {}}})
    assert decider.post(f"/approvals/{request_id}/again/").status_code == 302
    assert approvals.find(request_id).url == "/projects/"


def test_support_reads_requests_and_a_viewer_does_not(client_for, staff):
    request_id = ask(staff)
    support = client_for("support")
    assert support.get("/approvals/").status_code == 200
    assert "/approve/" not in support.get(f"/approvals/{request_id}/").content.decode()
    assert support.post(f"/approvals/{request_id}/approve/").status_code == 403
    assert client_for("viewer").get("/approvals/").status_code == 403


def test_an_unknown_request_is_not_found(decider):
    for key in ("nothing", "x" * 300, "%00"):
        assert decider.get(f"/approvals/{key}/").status_code == 404
        assert decider.post(f"/approvals/{key}/withdraw/").status_code == 404
