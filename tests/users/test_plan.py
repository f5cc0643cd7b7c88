"""Changing a customer's plan and extending the period."""

from datetime import UTC, date, datetime, timedelta

import pytest
from bson import Int64

from devora_admin.core import clock
from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.users.services import subscription
from tests.users.acting import HTMX, odd_customer, parts_of, raw_parts, rows, stored


def plan(customer, name, actor, **more):
    return subscription.change_plan(customer["id"], plan=name, reason="", actor=actor, **more)


def extend(customer, days, actor, expected=None):
    return subscription.extend_by(
        customer["id"], days=days, reason="goodwill", actor=actor, expected=expected
    )


def test_a_plan_is_changed_and_the_rest_of_the_subscription_kept(mongo, make_customer, actor):
    paid = {"plan": "free", "status": "active", "seats": Int64(3), "odd": {"a": [1]}}
    customer = make_customer(subscription=paid)
    plan(customer, "  Pro Ünlimited 🚀 ", actor, expected="free")
    assert stored(mongo, customer)["subscription"] == {**paid, "plan": "Pro Ünlimited 🚀"}
    [row] = rows(mongo)
    assert row["action"] == "users.plan"
    assert (row["before"], row["after"]) == ({"plan": "free"}, {"plan": "Pro Ünlimited 🚀"})


@pytest.mark.parametrize("fields", [{}, {"subscription": None}])
def test_a_missing_subscription_is_made(mongo, make_customer, actor, fields):
    customer = make_customer(**fields)
    plan(customer, "pro", actor)
    assert stored(mongo, customer)["subscription"] == {"plan": "pro"}
    other = make_customer(**fields)
    extend(other, 3, actor)
    assert set(stored(mongo, other)["subscription"]) == {"current_period_end"}


@pytest.mark.parametrize("malformed", ["pro", ["pro"], 5, True])
def test_a_malformed_subscription_is_refused_and_nothing_lost(
    mongo, make_customer, actor, malformed
):
    customer = make_customer(subscription=malformed)
    for change in (lambda: plan(customer, "pro", actor), lambda: extend(customer, 3, actor)):
        with pytest.raises(InvalidInput, match="not an object"):
            change()
    assert stored(mongo, customer) == customer
    assert rows(mongo) == []


def test_a_plan_that_is_no_text_is_replaced_and_kept_in_the_log(mongo, make_customer, actor):
    customer = make_customer(subscription={"plan": ["a", 1]})
    plan(customer, "pro", actor, expected="")
    assert rows(mongo)[0]["before"] == {"plan": ["a", 1]}


def test_a_plan_somebody_else_changed_is_a_conflict(mongo, make_customer, actor):
    customer = make_customer(subscription={"plan": "team"})
    with pytest.raises(Conflict, match="team"):
        plan(customer, "pro", actor, expected="free")
    assert stored(mongo, customer) == customer


def test_the_same_plan_again_changes_nothing(mongo, make_customer, actor):
    customer = make_customer(subscription={"plan": "pro"})
    assert plan(customer, "pro", actor).row_id == ""
    assert rows(mongo) == []


@pytest.mark.parametrize("name", ["", "  ", "a\0", "x" * 61])
def test_a_plan_without_a_usable_name_is_refused(make_customer, actor, name):
    with pytest.raises(InvalidInput) as refused:
        plan(make_customer(), name, actor)
    assert refused.value.field == "plan"


def test_days_are_added_to_an_end_that_is_to_come_and_to_now_otherwise(mongo, make_customer, actor):
    ahead = clock.now() + timedelta(days=10)
    customer = make_customer(subscription={"current_period_end": ahead})
    extend(customer, 5, actor, expected=ahead)
    found = stored(mongo, customer)["subscription"]["current_period_end"]
    assert found == ahead + timedelta(days=5)
    past = datetime(2020, 1, 1, tzinfo=UTC)
    late = make_customer(subscription={"current_period_end": past})
    extend(late, 5, actor, expected=past)
    found = stored(mongo, late)["subscription"]["current_period_end"]
    assert timedelta(days=4.99) < found - clock.now() <= timedelta(days=5)


def test_sending_the_form_twice_extends_once(mongo, make_customer, actor):
    customer = make_customer()
    extend(customer, 5, actor)
    with pytest.raises(Conflict, match="its end is"):
        extend(customer, 5, actor)
    assert len(rows(mongo)) == 1


def test_a_day_is_paid_for_to_its_end(mongo, make_customer, actor, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    customer = make_customer()
    day = (clock.now() + timedelta(days=30)).date()
    subscription.extend_to(customer["id"], day=day, reason="", actor=actor, expected=None)
    end = stored(mongo, customer)["subscription"]["current_period_end"]
    assert end == datetime(day.year, day.month, day.day, 14, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2020, 1, 1), "past"),
        (date.max, "ten years"),
        (date.min, "past"),
        ((clock.now() + timedelta(days=5)).date(), "shorten"),
    ],
)
def test_a_day_that_is_no_extension_is_refused(mongo, make_customer, actor, day, why):
    ahead = clock.now() + timedelta(days=20)
    customer = make_customer(subscription={"current_period_end": ahead})
    with pytest.raises(InvalidInput, match=why):
        subscription.extend_to(customer["id"], day=day, reason="", actor=actor, expected=ahead)
    assert rows(mongo) == []


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_days_out_of_range_are_refused(make_customer, actor, days):
    with pytest.raises(InvalidInput):
        extend(make_customer(), days, actor)


def test_an_end_that_is_no_date_takes_a_day_but_no_days(mongo, make_customer, actor):
    customer = make_customer(subscription={"current_period_end": "2026-01-01"})
    with pytest.raises(InvalidInput, match="not a date"):
        extend(customer, 3, actor)
    day = (clock.now() + timedelta(days=3)).date()
    subscription.extend_to(customer["id"], day=day, reason="", actor=actor, expected=None)
    assert rows(mongo)[0]["before"] == {"period_end": "2026-01-01"}


def test_unknown_customers_are_not_found(actor):
    with pytest.raises(NotFound):
        plan({"id": "nobody"}, "pro", actor)


def test_the_rest_of_an_odd_document_stays_byte_for_byte(mongo, actor):
    whole = odd_customer(mongo, subscription={"plan": "x", "n": Int64(1)})
    plan({"id": "odd"}, "pro", actor)
    before, after = parts_of(whole), raw_parts(mongo)
    assert before.pop("subscription") != after.pop("subscription")
    assert before == after


def test_the_dialog_suggests_plans_in_use(client_for, make_customer):
    for name in ("pro", "pro", "team", 5, "x" * 99):
        customer = make_customer(subscription={"plan": name})
    page = client_for("editor").get(f"/users/{customer['id']}/plan/", headers=HTMX)
    html = page.content.decode()
    assert html.index('<option value="pro">') < html.index('<option value="team">')
    assert "x" * 61 not in html[html.index("<datalist") :]


def test_the_form_extends_by_days_or_to_a_day(client_for, mongo, make_customer):
    customer = make_customer()
    url, client = f"/users/{customer['id']}/extend/", client_for("editor")
    for wrong in ({}, {"days": "5", "day": "2099-01-01"}, {"days": "x"}, {"day": "2020-13-45"},
                  {"days": "5", "expected": "yesterday"}, {"days": "1" * 400}):  # fmt: skip
        assert client.post(url, wrong, headers=HTMX).status_code == 422
    assert client.post(url, {"days": "5", "expected": ""}, headers=HTMX).status_code == 204
    end = stored(mongo, customer)["subscription"]["current_period_end"]
    shown = client.get(url, headers=HTMX).content.decode()
    assert end.isoformat() in shown
    day = (end + timedelta(days=9)).date().isoformat()
    sent = {"day": day, "expected": end.isoformat(), "reason": "ok"}
    assert client.post(url, sent, headers=HTMX).status_code == 204
    assert len(rows(mongo)) == 2


def test_support_may_not_change_a_plan(client_for, mongo, make_customer):
    customer = make_customer()
    sent = client_for("support").post(f"/users/{customer['id']}/plan/", {"plan": "pro"})
    assert sent.status_code == 403
    assert stored(mongo, customer) == customer
