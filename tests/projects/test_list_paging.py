"""Paging visits every project exactly once, there and back, whatever its documents hold."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import Binary, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devora_admin.projects.queries import listing
from devora_admin.projects.queries.conditions import Filters
from devora_admin.projects.queries.listing import Listing
from tests import factories

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
VALUES = st.one_of(
    st.sampled_from([
        MOMENT, MOMENT, datetime(1970, 1, 1, tzinfo=UTC), None, "missing", "a", "A", "b", "",
        "long " * 500, 1, Int64(1), 1.0, -2.5, math.nan, math.inf, True, False, ObjectId("0" * 24),
        Decimal128("1"), Binary(b"x"), Regex("^a"), Timestamp(1, 1), MinKey(), MaxKey(), {},
        {"a": 1}, {"$oid": 1}, [], ["a", "z"], [None], [MOMENT, 3], [[1], "b" * 900],
    ]),
    st.integers(-(10**9), 10**9).map(lambda minutes: MOMENT + timedelta(seconds=minutes)),
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=5),
)  # fmt: skip
FILTERS = [
    Filters(),
    Filters(archived="any"),
    Filters(archived="yes"),
    Filters(project_type="saas", archived="any"),
    Filters(q="word", archived="any"),
]


def walk(asked: Listing, size: int) -> tuple[list[str], list[str]]:
    """Ids met going forward to the end, and then going back to the start."""
    page = listing.page(asked, size=size)
    there = [row.id for row in page.rows]
    while page.next:
        page = listing.page(asked, cursor=page.next, size=size)
        there += [row.id for row in page.rows]
    back = [row.id for row in page.rows]
    while page.previous:
        page = listing.page(asked, cursor=page.previous, size=size)
        back = [row.id for row in page.rows] + back
    return there, back


@pytest.mark.parametrize("filters", FILTERS, ids=["live", "any", "archived", "type", "search"])
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    values=st.lists(st.tuples(VALUES, st.booleans()), min_size=1, max_size=14),
    sort=st.sampled_from(["updated_at", "created_at", "name"]),
    descending=st.booleans(),
    size=st.integers(1, 4),
)
def test_each_project_is_met_once_each_way(
    mongo: Any, filters: Filters, values: Any, sort: Any, descending: bool, size: int
):
    mongo.projects.delete_many({})
    expected = set()
    for value, archived in values:
        document = factories.project(description="a word")
        if archived:
            document["archived_at"] = MOMENT
        document[sort] = value
        if value == "missing":
            del document[sort]
        mongo.projects.insert_one(document)
        if filters.archived == "any" or archived == (filters.archived == "yes"):
            expected.add(document["id"])
    there, back = walk(Listing(filters, sort, descending), size)
    assert sorted(there) == sorted(expected)
    assert back == there


@pytest.mark.parametrize("filters", [Filters(), Filters(project_type="saas")])
def test_equal_times_are_told_apart(make_project: Any, filters: Filters):
    for _ in range(25):
        make_project(updated_at=MOMENT)
    there, back = walk(Listing(filters), 4)
    assert len(set(there)) == len(there) == 25
    assert back == there


def test_names_are_ordered_in_any_case(make_project: Any):
    for name in ("beta", "Alpha", "ALPHABET", "gamma"):
        make_project(name=name)
    page = listing.page(Listing(Filters(), "name", descending=False))
    assert [row.name for row in page.rows] == ["Alpha", "ALPHABET", "beta", "gamma"]


def test_both_ways_of_paging_agree(make_project: Any):
    """The walk of the index and the race of plans order mixed types the same."""
    for value in (MOMENT, None, "text", 3, True, ObjectId("1" * 24), {"a": 1}, "Text"):
        make_project(name=value)
    walked, _ = walk(Listing(Filters(), "name", descending=False), 3)
    raced, _ = walk(Listing(Filters(project_type="saas"), "name", descending=False), 3)
    assert walked == raced


def test_rows_are_numbered_through_the_pages(make_project: Any):
    for _ in range(7):
        make_project()
    first = listing.page(Listing(Filters()), size=3)
    second = listing.page(Listing(Filters()), cursor=first.next, size=3)
    third = listing.page(Listing(Filters()), cursor=second.next, size=3)
    again = listing.page(Listing(Filters()), cursor=third.previous, size=3)
    assert [first.start, second.start, third.start, again.start] == [1, 4, 7, 4]
