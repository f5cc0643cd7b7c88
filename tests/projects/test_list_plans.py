"""The list is answered from indexes: no collection read whole, no order made by sorting."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from devora_admin.core import mongo as core_mongo
from devora_admin.core.listing import search
from devora_admin.core.listing import seen as kept
from devora_admin.projects.queries import listing, seen
from devora_admin.projects.queries.conditions import SORTS, Filters
from devora_admin.projects.queries.listing import Listing

DAY = datetime(2026, 3, 1, tzinfo=UTC)
NARROWED = [
    Filters(project_type="saas"),
    Filters(project_type="blog", archived="any"),
    Filters(language="python"),
    Filters(owner_id="u1"),
    Filters(created_from=DAY),
    Filters(updated_before=DAY, archived="any"),
    Filters(project_type="saas", language="css", owner_id="u2", created_from=DAY),
    Filters(q="word"),
    Filters(q="rare", project_type="saas"),
    Filters(q="Proj"),
    Filters(q="!"),
]


@pytest.fixture
def plans(mongo: Any) -> Iterator[Any]:
    """What the store noted of the commands on projects since it was last asked."""
    mongo.system.profile.drop()

    def read() -> list[dict[str, Any]]:
        mongo.command("profile", 0)
        found = list(mongo.system.profile.find({"ns": f"{mongo.name}.projects"}))
        mongo.system.profile.drop()
        mongo.command("profile", 2)
        return found

    mongo.command("profile", 2)
    yield read
    mongo.command("profile", 0)
    mongo.system.profile.drop()


@pytest.fixture(scope="module")
def fresh_indexes(stores: None) -> None:
    """An index that ever met a list under its key stays marked, and is read another way."""
    core_mongo.database().projects.drop()
    core_mongo.ensure_indexes()


@pytest.fixture
def many(mongo: Any, fresh_indexes: None) -> None:
    from tests import factories

    search._common.clear()
    kept._kept.clear()
    mongo.projects.insert_many(
        factories.project(
            project_type=("saas", "blog")[number % 2],
            user_id=f"u{number % 9}",
            description="word rare" if number % 50 == 0 else "word",
            files=[{"name": "a", "language": ("python", "css")[number % 2]}],
            **({"archived_at": DAY} if number % 10 == 0 else {}),
        )
        for number in range(300)
    )


@pytest.mark.parametrize("archived", ["no", "yes", "any"])
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("descending", [True, False])
def test_a_page_reads_its_rows_from_the_index_in_order(
    many, plans, sort: Any, descending: bool, archived: Any
):
    asked = Listing(Filters(archived=archived), sort, descending)
    first = listing.page(asked, size=10)
    second = listing.page(asked, size=10, cursor=first.next)
    listing.page(asked, size=10, cursor=second.previous)
    found = plans()
    assert len(found) == 3
    for plan in found:
        assert "COLLSCAN" not in plan["planSummary"]
        assert not plan.get("hasSortStage")
        assert plan["docsExamined"] <= 12


@pytest.mark.parametrize("filters", NARROWED, ids=str)
@pytest.mark.parametrize("sort", SORTS)
def test_no_filter_reads_the_whole_collection(many, plans, filters: Filters, sort: Any):
    asked = Listing(filters, sort)
    first = listing.page(asked, size=5)
    if first.next:
        listing.page(asked, size=5, cursor=first.next)
    listing.count(filters)
    for plan in plans():
        assert "COLLSCAN" not in plan.get("planSummary", ""), plan


def test_types_and_languages_cost_one_document_each(many, plans):
    """An index in any case does not hold the text itself."""
    seen.seen()
    for plan in plans():
        assert plan["planSummary"].startswith("DISTINCT_SCAN")
        assert plan["docsExamined"] == 2
