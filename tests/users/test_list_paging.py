"""Paging visits every customer exactly once, there and back, whatever their documents hold."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devora_admin.core.listing import paging
from devora_admin.users.queries.conditions import SORTS, CustomerFilters
from devora_admin.users.queries.listing import CUSTOMERS, CustomerListing
from tests import factories
from tests.projects.test_list_paging import VALUES


def walk(asked: CustomerListing, size: int) -> tuple[list[str], list[str]]:
    """Ids met going forward to the end, and then going back to the start."""
    page = paging.page(CUSTOMERS, asked, size=size)
    pages = [page]
    while page.next:
        page = paging.page(CUSTOMERS, asked, cursor=page.next, size=size)
        pages.append(page)
    back = [page]
    while page.previous:
        page = paging.page(CUSTOMERS, asked, cursor=page.previous, size=size)
        back.insert(0, page)
    there, again = ([row.id for each in way for row in each.rows] for way in (pages, back))
    return there, again


# An address may be there once: the platform's own index sees to that.
@pytest.mark.parametrize("sort", [sort for sort in SORTS if sort != "email"])
@pytest.mark.parametrize(
    "filters", [CustomerFilters(), CustomerFilters(status="active"), CustomerFilters(q="word")],
    ids=["all", "status", "search"],
)  # fmt: skip
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    values=st.lists(VALUES, min_size=1, max_size=12),
    descending=st.booleans(),
    size=st.integers(1, 4),
)
def test_each_customer_is_met_once_each_way(
    mongo: Any, filters: Any, sort: str, values: Any, descending: bool, size: int
):
    mongo.users.delete_many({})
    expected = set()
    for number, value in enumerate(values):
        document = factories.customer(email=f"word{number}@example.com")
        document[sort] = value
        if value == "missing":
            del document[sort]
        mongo.users.insert_one(document)
        expected.add(document["id"])
    there, back = walk(CustomerListing(filters, sort, descending), size)
    assert sorted(there) == sorted(expected)
    assert back == there


def test_addresses_are_ordered_in_any_case(make_customer: Any):
    for email in ("beta@x.y", "Alpha@x.y", "ALPHABET@x.y", "gamma@x.y"):
        make_customer(email=email)
    page = paging.page(CUSTOMERS, CustomerListing(CustomerFilters(), "email", descending=False))
    found = [row.email.partition("@")[0] for row in page.rows]
    assert found == ["Alpha", "ALPHABET", "beta", "gamma"]
