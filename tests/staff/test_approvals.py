"""A request is decided once, by someone else, who may; then it is carried out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from devora_admin.core import clock
from devora_admin.core.errors import Conflict, Forbidden, InvalidInput
from devora_admin.staff import approval_kinds, approvals, audit
from devora_admin.staff.models import StaffUser

SUBJECT = audit.Subject("project", "p1", "Bakery", "c1")


@pytest.fixture
def done():
    """What was carried out; a request whose params name a fault fails with it, once."""
    found: list[str] = []

    def perform(request: approvals.Approval, *, approver: audit.Actor) -> str:
        if (fault := request.params.get("fault")) and fault not in found:
            found.append(fault)
            raise InvalidInput(fault)
        found.append(request.id)
        return "/projects/"

    approvals.handles("test.delete", permission="projects.delete", title="Delete")(perform)
    yield found
    del approval_kinds._KINDS["test.delete"]


@pytest.fixture
def asker(staff):
    return audit.actor_for(staff("admin", email="asker@devora.example"))


@pytest.fixture
def decider(staff):
    return audit.actor_for(staff("admin", email="decider@devora.example"))


def ask(asker: audit.Actor, **params: Any) -> str:
    return approvals.ask("test.delete", subject=SUBJECT, params=params, reason="old", actor=asker)


def actions(mongo: Any) -> list[str]:
    return [row["action"] for row in mongo.audit_log.find().sort("at")]


def test_a_request_is_carried_out_when_another_approves(mongo, done, asker, decider):
    request_id = ask(asker)
    assert done == []
    request = approvals.approve(request_id, reason="fine", actor=decider)
    assert done == [request_id]
    assert (request.state, request.url, request.decider) == ("approved", "/projects/", decider)
    assert actions(mongo) == ["approval.ask", "approval.approve"]
    assert mongo.audit_log.find_one()["customer_id"] == "c1"


def test_nobody_decides_their_own(mongo, done, asker):
    request_id = ask(asker)
    for decide in (approvals.approve, approvals.reject):
        with pytest.raises(Forbidden):
            decide(request_id, reason="mine", actor=asker)
    assert (approvals.find(request_id).state, done) == ("pending", [])


def test_who_may_not_decide_or_ask_is_refused(done, staff, asker):
    support = audit.actor_for(staff("support"))
    with pytest.raises(Forbidden):
        approvals.approve(ask(asker), reason="", actor=support)
    with pytest.raises(Forbidden):
        ask(support)


def test_twenty_approvals_at_once_carry_it_out_once(mongo, done, staff, asker):
    request_id = ask(asker)
    people = [audit.actor_for(staff("admin", email=f"a{n}@devora.example")) for n in range(20)]

    def approve(actor: audit.Actor) -> str:
        try:
            return approvals.approve(request_id, reason="", actor=actor).state
        except Conflict:
            return "conflict"

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(approve, people))
    assert sorted(answers) == ["approved"] + ["conflict"] * 19
    assert done == [request_id]
    assert actions(mongo).count("approval.approve") == 1


def test_a_rejected_withdrawn_or_expired_request_is_not_approved(mongo, done, asker, decider):
    (rejected,) = [ask(asker)]
    assert approvals.reject(rejected, reason="no", actor=decider).state == "rejected"
    withdrawn = ask(asker)
    with pytest.raises(Forbidden):
        approvals.withdraw(withdrawn, actor=decider)
    assert approvals.withdraw(withdrawn, actor=asker).state == "withdrawn"
    expired = ask(asker)
    past = clock.now() - timedelta(seconds=1)
    mongo.approvals.update_one({"_id": expired}, {"$set": {"expires_at": past}})
    assert approvals.find(expired).state == "expired"
    for request_id in (rejected, withdrawn, expired):
        with pytest.raises(Conflict):
            approvals.approve(request_id, reason="", actor=decider)
    assert done == []


def test_the_same_is_asked_for_once_at_a_time(mongo, done, asker):
    first = ask(asker)
    with pytest.raises(Conflict):
        ask(asker)
    mongo.approvals.update_one({"_id": first}, {"$set": {"expires_at": clock.now()}})
    assert approvals.find(ask(asker)).is_pending


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "support"}])
def test_the_asker_must_still_be_able_to_ask(done, asker, decider, change):
    request_id = ask(asker)
    StaffUser.objects.filter(email=asker.email).update(**change)
    with pytest.raises(Conflict):
        approvals.approve(request_id, reason="", actor=decider)
    assert done == []
    assert approvals.reject(request_id, reason="", actor=decider).state == "rejected"


def test_what_fails_after_approval_says_why_and_is_tried_again(done, asker, decider):
    request_id = ask(asker, fault="The shelf is full.")
    failed = approvals.approve(request_id, reason="", actor=decider)
    assert (failed.state, failed.error, failed.is_stuck) == ("failed", "The shelf is full.", True)
    with pytest.raises(Forbidden):
        approvals.try_again(request_id, actor=asker)
    assert approvals.try_again(request_id, actor=decider).url == "/projects/"
    with pytest.raises(Conflict):
        approvals.try_again(request_id, actor=decider)
    assert done == ["The shelf is full.", request_id]
