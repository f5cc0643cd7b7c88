"""Suspending and reactivating a customer."""

import threading

import pytest

from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.users.services import standing
from tests.users.acting import HTMX, odd_customer, parts_of, raw_parts, rows, stored


def test_a_suspended_customer_is_marked_with_time_and_reason(mongo, make_customer, actor):
    customer = make_customer(name="Ada", plan_of_another_time={"a": 1})
    done = standing.suspend_customer(customer["id"], reason=" Chargeback ", actor=actor)
    found = stored(mongo, customer)
    assert found["status"] == "suspended"
    assert found["suspended"]["reason"] == "Chargeback"
    assert found["plan_of_another_time"] == {"a": 1}
    [row] = rows(mongo)
    assert (row["action"], row["reason"]) == ("users.suspend", "Chargeback")
    assert row["before"] == {"status": "active"}
    assert row["after"]["status"] == "suspended"
    assert row["subject"]["label"] == "Ada"
    assert row["_id"] == done.row_id
    assert done.label == "Ada"


def test_a_customer_without_a_status_counts_as_active(mongo, make_customer, actor):
    customer = make_customer(missing=("status",))
    standing.suspend_customer(customer["id"], reason="x", actor=actor)
    assert stored(mongo, customer)["status"] == "suspended"
    assert rows(mongo)[0]["before"] == {}


def test_reactivating_leaves_no_trace_of_the_suspension(mongo, make_customer, actor):
    customer = make_customer()
    standing.suspend_customer(customer["id"], reason="x", actor=actor)
    standing.reactivate_customer(customer["id"], reason="paid", actor=actor)
    assert stored(mongo, customer) == customer
    assert [row["action"] for row in rows(mongo)] == ["users.suspend", "users.reactivate"]


def test_a_customer_the_platform_suspended_is_reactivated_too(mongo, make_customer, actor):
    customer = make_customer(status="suspended")
    standing.reactivate_customer(customer["id"], reason="x", actor=actor)
    assert stored(mongo, customer)["status"] == "active"


def test_doing_it_twice_is_a_conflict(mongo, make_customer, actor):
    customer = make_customer()
    with pytest.raises(Conflict, match="not suspended"):
        standing.reactivate_customer(customer["id"], reason="x", actor=actor)
    standing.suspend_customer(customer["id"], reason="x", actor=actor)
    with pytest.raises(Conflict, match="already"):
        standing.suspend_customer(customer["id"], reason="y", actor=actor)
    assert len(rows(mongo)) == 1


def test_two_people_suspending_at_once_suspend_once(mongo, make_customer, actor):
    customer = make_customer()
    outcomes = []
    start = threading.Barrier(8)

    def suspend(number):
        start.wait()
        try:
            standing.suspend_customer(customer["id"], reason=f"by {number}", actor=actor)
            outcomes.append("done")
        except Conflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=suspend, args=(number,)) for number in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(outcomes) == ["conflict"] * 7 + ["done"]
    [row] = rows(mongo)
    assert row["reason"] == stored(mongo, customer)["suspended"]["reason"]


@pytest.mark.parametrize("reason", ["", "  ", "a\0b", "x" * 501, "\ud800"])
def test_a_reason_that_cannot_be_kept_is_refused(mongo, make_customer, actor, reason):
    customer = make_customer()
    with pytest.raises(InvalidInput) as refused:
        standing.suspend_customer(customer["id"], reason=reason, actor=actor)
    assert refused.value.field == "reason"
    assert stored(mongo, customer) == customer
    assert rows(mongo) == []


@pytest.mark.parametrize("user_id", ["nobody", "", "a\0b", "$ne", "x" * 5000])
def test_an_unknown_customer_is_not_found(actor, user_id):
    with pytest.raises(NotFound):
        standing.suspend_customer(user_id, reason="x", actor=actor)


def test_what_else_the_platform_stored_stays_byte_for_byte(mongo, actor):
    whole = odd_customer(mongo, name=5, status=["active"], subscription="pro")
    standing.suspend_customer("odd", reason="x", actor=actor)
    before, after = parts_of(whole), raw_parts(mongo)
    changed = {"status", "suspended"}
    assert {key: after[key] for key in after.keys() - changed} == {
        key: before[key] for key in before.keys() - changed
    }
    assert rows(mongo)[0]["before"] == {"status": ["active"]}


def test_an_old_value_too_long_or_odd_for_the_log_is_cut_there(mongo, make_customer, actor):
    customer = make_customer(status="x" * 100_000)
    standing.suspend_customer(customer["id"], reason="x", actor=actor)
    kept = rows(mongo)[0]["before"]["status"]
    assert kept["bytes"] > 100_000
    assert len(kept["cut"]) == 10_000


def test_the_dialog_names_the_customer_and_asks_for_a_reason(client_for, mongo, make_customer):
    customer = make_customer(name="Ada <b>")
    client, url = client_for("support"), f"/users/{customer['id']}/suspend/"
    page = client.get(url, headers=HTMX).content.decode()
    assert "Suspend Ada &lt;b&gt;?" in page
    refused = client.post(url, {"reason": " "}, headers=HTMX)
    assert refused.status_code == 422
    assert stored(mongo, customer) == customer
    done = client.post(url, {"reason": "Chargeback"}, headers=HTMX)
    assert done.headers["HX-Redirect"] == f"/users/{customer['id']}/"
    assert stored(mongo, customer)["status"] == "suspended"
    assert client.post(url, {"reason": "again"}, headers=HTMX).status_code == 409


def test_the_menu_offers_what_fits_the_standing_and_the_role(client_for, make_customer):
    customer = make_customer()
    url = f"/users/{customer['id']}/"
    assert f'{url}suspend/"' in (page := client_for("support").get(url).content.decode())
    assert f'{url}plan/"' not in page
    assert f'{url}reactivate/"' not in page
    assert "customer-menu" not in client_for("viewer").get(url).content.decode()
    client_for("support").post(f"{url}suspend/", {"reason": "x"})
    page = client_for("admin").get(url).content.decode()
    assert f'{url}reactivate/"' in page
    assert f'{url}suspend/"' not in page
    assert f'{url}plan/"' in page
