"""The customers list."""

from dataclasses import dataclass

from devora_admin.core.listing import seen
from devora_admin.core.listing import spec as lists
from devora_admin.core.listing.spec import Found, ListSpec, Searched
from devora_admin.users.documents import customers
from devora_admin.users.queries.conditions import CustomerFilters, filters_condition, walked
from devora_admin.users.queries.rows import COLUMNS, CustomerRow, customer_row


@dataclass(frozen=True, slots=True)
class CustomerListing(lists.Listing[CustomerFilters]):
    sort: str = "created_at"


def _rows(found: list[Found]) -> list[CustomerRow]:
    return [customer_row(row) for row in found]


CUSTOMERS: ListSpec[CustomerFilters, CustomerRow] = ListSpec(
    name="users",
    collection=customers,
    condition=filters_condition,
    searched=Searched(
        prefixes=("email", "name"),
        ids=("id",),
        words=("name",),
        ids_in_any_case=True,
        most_gathered=5000,  # documents of half a kilobyte: 3,000 of them take 12 ms
    ),
    walked=walked,
    columns=COLUMNS,
    rows=_rows,
    too_slow=(
        "These filters take too long together on this many customers. "
        "Narrow them: an e-mail address, a rarer word or a shorter time helps most."
    ),
)


@dataclass(frozen=True, slots=True)
class Offered:
    """What the filters offer: values that occur."""

    plans: list[str]
    subscriptions: list[str]


def offered() -> Offered:
    return Offered(
        seen.values(customers(), "subscription.plan"),
        seen.values(customers(), "subscription.status"),
    )
