"""The customers list is answered from indexes: nothing read whole, no order made by sorting."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from devora_admin.core import mongo as core_mongo
from devora_admin.core.listing import counting, paging, search, seen
from devora_admin.users.queries.conditions import SORTS, CustomerFilters
from devora_admin.users.queries.listing import CUSTOMERS, CustomerListing, offered
from tests import factories

DAY = datetime(2026, 3, 1, tzinfo=UTC)
NARROWED = [
    CustomerFilters(status="active"),
    CustomerFilters(status="suspended"),
    CustomerFilters(plan="pro"),
    CustomerFilters(subscription="past_due"),
    CustomerFilters(created_from=DAY),
    CustomerFilters(seen_before=DAY),
    CustomerFilters(status="active", plan="team", seen_from=DAY),
    CustomerFilters(q="word"),
    CustomerFilters(q="rare", status="suspended"),
    CustomerFilters(q="mail1"),
    CustomerFilters(q="customer-7"),
    CustomerFilters(q="!"),
]


@pytest.fixture(scope="module")
def fresh_indexes(stores: None) -> None:
    """An index that ever met a list under its key stays marked, and is read another way."""
    core_mongo.database().users.drop()
    core_mongo.ensure_indexes(only={"users"})


@pytest.fixture
def plans(mongo: Any, fresh_indexes: None) -> Iterator[Any]:
    """What the store noted of reading 300 customers since it was last asked."""
    search._common.clear()
    seen._kept.clear()
    mongo.users.insert_many(
        factories.customer(
            id=f"customer-{number}",
            email=f"mail{number}@example.com",
            name="rare word" if number % 50 == 0 else "word",
            status=("active", "suspended")[number % 5 == 0],
            subscription={"plan": ("pro", "team")[number % 2], "status": "active"},
            last_seen_at=DAY,
        )
        for number in range(300)
    )
    mongo.command("profile", 0)
    mongo.system.profile.drop()
    mongo.command("profile", 2)

    def read() -> list[dict[str, Any]]:
        mongo.command("profile", 0)
        return list(mongo.system.profile.find({"ns": f"{mongo.name}.users"}))

    yield read
    mongo.command("profile", 0)
    mongo.system.profile.drop()


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("descending", [True, False])
def test_a_page_reads_its_rows_from_the_index_in_order(plans, sort: str, descending: bool):
    asked = CustomerListing(CustomerFilters(), sort, descending)
    cursor = ""
    for _ in range(3):
        cursor = paging.page(CUSTOMERS, asked, size=10, cursor=cursor).next
    found = plans()
    assert len(found) == 3
    for plan in found:
        assert "COLLSCAN" not in plan["planSummary"]
        assert not plan.get("hasSortStage")
        assert plan["docsExamined"] <= 12


@pytest.mark.parametrize("filters", NARROWED, ids=str)
@pytest.mark.parametrize("sort", SORTS)
def test_no_filter_reads_the_whole_collection(plans, filters: CustomerFilters, sort: str):
    asked = CustomerListing(filters, sort)
    first = paging.page(CUSTOMERS, asked, size=5)
    if first.next:
        paging.page(CUSTOMERS, asked, size=5, cursor=first.next)
    counting.count(CUSTOMERS, filters)
    for plan in plans():
        assert "COLLSCAN" not in plan.get("planSummary", ""), plan


def test_plans_and_their_states_cost_one_document_each(plans):
    assert offered().plans == ["pro", "team"]
    for plan in plans():
        assert plan["planSummary"].startswith("DISTINCT_SCAN")
        assert plan["docsExamined"] <= 2


def test_one_list_among_the_addresses_costs_searches_no_more(mongo, plans):
    mongo.users.insert_one(factories.customer(email=["a", "zzz"], name="odd"))
    counting.count(CUSTOMERS, CustomerFilters())  # the page's own look at how many there are
    for text in ("zzz", "mail7", "rare"):
        plans()
        mongo.system.profile.drop()
        mongo.command("profile", 2)
        asked = CustomerListing(CustomerFilters(q=text))
        assert paging.page(CUSTOMERS, asked, size=5).rows
        read = plans()
        assert 0 < sum(plan["docsExamined"] for plan in read) <= 60, text
    mongo.users.drop()
    core_mongo.ensure_indexes(only={"users"})


def test_the_platform_may_store_lists_in_any_two_fields(mongo):
    """No index lies over two fields of the platform's, which would refuse two lists at once."""
    odd = ["a", "b"]
    fields = ("name", "status", "created_at", "last_seen_at", "subscription")
    mongo.users.insert_one(factories.customer(email=odd, **dict.fromkeys(fields, odd)))
    mongo.users.delete_many({})
    mongo.users.drop()
    core_mongo.ensure_indexes(only={"users"})
