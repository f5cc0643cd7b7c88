"""The views of the inbox that everybody has: what each is about, and how many it holds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from devora_admin.core import clock
from devora_admin.core.listing.patience import patience
from devora_admin.support import states
from devora_admin.support.documents import ISSUES, issues
from devora_admin.support.queries import inbox
from devora_admin.support.queries.inbox import Condition, Filters, Order

MINE, UNASSIGNED, BREACHING, WAITING, WATCHING, ALL = VIEWS = (
    "mine", "unassigned", "breaching", "waiting", "watching", "all",
)  # fmt: skip
NAMES = {
    MINE: "Mine", UNASSIGNED: "Unassigned", BREACHING: "Breaching", WAITING: "Waiting",
    WATCHING: "Watching", ALL: "All",
}  # fmt: skip
SOON = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list of issues is asked for."""

    filters: Filters | None
    """None where the view and the filters leave nothing: closed ones among those that are open."""
    order: Order = "when"
    is_turned: bool = False


def narrow(view: str, filters: Filters, *, staff_id: str) -> Filters | None:
    """What is in the view and matches the filters, too. staff_id: whose view it is."""
    if view == MINE:
        return _within(filters, ("open",), staff_id)
    if view == UNASSIGNED:
        return _within(filters, ("open",), "")
    if view == WAITING:
        return _within(filters, ("pending", "on_hold"), None)
    if view == WATCHING:
        return replace(filters, watcher_id=staff_id)
    if view == BREACHING:
        return replace(filters, due_before=clock.now() + SOON)
    return filters


def default_view(staff_id: str) -> str:
    """One's own when there are any, else what nobody has yet; one round trip."""
    condition = inbox.condition_of(Filters(statuses=("open",), assignee_id=staff_id))
    return UNASSIGNED if issues().find_one(condition, {"_id": 1}) is None else MINE


def counts(wanted: Mapping[str, Filters | None]) -> dict[str, int]:
    """By name, each counted no further than MOST_COUNTED + 1; one round trip. Filters without a
    search text. Raises InvalidInput."""
    found = dict.fromkeys(wanted, 0)
    parts = [_counting(name, each) for name, each in wanted.items() if each is not None]
    if not parts:
        return found
    first, *others = parts
    joined = [{"$unionWith": {"coll": ISSUES, "pipeline": part}} for part in others]
    with patience(inbox.TOO_SLOW):
        rows = list(issues().aggregate([*first, *joined]))
    return found | {row["name"]: row["count"] for row in rows}


def _counting(name: str, filters: Filters) -> list[Condition]:
    return [
        {"$match": inbox.condition_of(filters)},
        {"$limit": inbox.MOST_COUNTED + 1},
        {"$count": "count"},
        {"$addFields": {"name": {"$literal": name}}},
    ]


def _within(filters: Filters, statuses: tuple[str, ...], assignee_id: str | None) -> Filters | None:
    left = tuple(each for each in statuses if each in filters.statuses)
    wanted = filters.assignee_id
    if not left or (None not in (wanted, assignee_id) and wanted != assignee_id):
        return None
    return replace(
        filters, statuses=left, assignee_id=wanted if assignee_id is None else assignee_id
    )


ANY_STATUS = tuple(states.STATUSES)
