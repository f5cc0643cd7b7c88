"""Taking back what was done to a customer."""

import pytest

from devora_admin.core import mongo as core_mongo
from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.staff import undo
from devora_admin.users.services import access, identity, standing, subscription
from tests.users.acting import rows, stored


def edit(customer, actor, **values):
    values = {"name": customer["name"], "email": customer["email"], **values}
    return identity.change_identity(customer["id"], actor=actor, **values)


CHANGES = {
    "suspend": lambda it, actor: standing.suspend_customer(it["id"], reason="x", actor=actor),
    "edit": lambda it, actor: edit(it, actor, name="New", email="new@x.example"),
    "plan": lambda it, actor: subscription.change_plan(
        it["id"], plan="pro", reason="", actor=actor
    ),
    "extend": lambda it, actor: subscription.extend_by(
        it["id"], days=3, reason="", actor=actor, expected=None
    ),
    "reset_link": lambda it, actor: (
        access.issue_reset_link(it["id"], reason="x", actor=actor).customer
    ),
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("fields", [{}, {"subscription": None}, {"subscription": {"a": 1}}])
def test_the_document_is_as_it_was_before(mongo, make_customer, actor, name, fields):
    customer = make_customer(**fields)
    done = CHANGES[name](customer, actor)
    assert stored(mongo, customer) != customer
    undo.perform(done.row_id, actor=actor)
    assert stored(mongo, customer) == customer
    assert rows(mongo)[-1]["undo_of"] == done.row_id
    with pytest.raises(Conflict):
        undo.perform(done.row_id, actor=actor)


def test_a_reactivation_is_taken_back_with_the_reason_of_the_suspension(
    mongo, make_customer, actor
):
    customer = make_customer()
    standing.suspend_customer(customer["id"], reason="fraud", actor=actor)
    suspended = stored(mongo, customer)
    done = standing.reactivate_customer(customer["id"], reason="mistake", actor=actor)
    undo.perform(done.row_id, actor=actor)
    assert stored(mongo, customer) == suspended


@pytest.mark.parametrize(
    ("name", "since"),
    [
        ("suspend", {"status": "closed"}),
        ("suspend", {"suspended": 5}),
        ("edit", {"name": "Other"}),
        ("plan", {"subscription.plan": "team"}),
        ("reset_link", {"password_reset": {}}),
    ],
)
def test_what_has_moved_on_is_left_and_the_reason_said(mongo, make_customer, actor, name, since):
    customer = make_customer(subscription={"plan": "free"})
    done = CHANGES[name](customer, actor)
    mongo.users.update_one({"id": customer["id"]}, {"$set": since})
    now = stored(mongo, customer)
    with pytest.raises(Conflict, match="since"):
        undo.perform(done.row_id, actor=actor)
    assert stored(mongo, customer) == now


@pytest.fixture(params=["unique", "stored twice before"])
def addresses(mongo, request):
    """Whose index is not unique where the platform had stored one of them twice."""
    if request.param == "unique":
        yield
        return
    mongo.users.drop_index("email")
    yield
    mongo.users.delete_many({})
    core_mongo.ensure_indexes({"users"})


def test_an_address_taken_meanwhile_cannot_be_put_back(mongo, addresses, make_customer, actor):
    customer = make_customer()
    done = edit(customer, actor, email="new@x.example")
    make_customer(email=customer["email"])
    with pytest.raises(Conflict, match="Another customer"):
        undo.perform(done.row_id, actor=actor)
    assert stored(mongo, customer)["email"] == "new@x.example"


def test_a_value_the_log_did_not_keep_whole_cannot_be_put_back(mongo, make_customer, actor):
    customer = make_customer(name="x" * 50_000)
    done = edit(customer, actor, name="short")
    with pytest.raises(InvalidInput, match="too long"):
        undo.perform(done.row_id, actor=actor)
    assert stored(mongo, customer)["name"] == "short"


def test_the_toast_offers_the_undo(client_for, mongo, make_customer):
    customer = make_customer()
    client = client_for("support")
    client.post(f"/users/{customer['id']}/suspend/", {"reason": "x"})
    [row] = rows(mongo)
    client.post(undo.url(row["_id"]))
    assert stored(mongo, customer)["status"] == "active"
