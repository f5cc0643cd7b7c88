"""The issue that follows another in a list, or comes before it."""

from devora_admin.core.listing.conditions import all_of
from devora_admin.core.listing.patience import patience
from devora_admin.support.documents import issues
from devora_admin.support.queries import inbox
from devora_admin.support.queries.standing import Asked


def next_after(asked: Asked, number: int, *, is_backward: bool = False) -> int | None:
    """None at the end. Without a place in the order, such as a promise that was kept since, it is
    before the first of the list; to be asked before the issue is changed, as a change moves it."""
    if asked.filters is None:
        return None
    key, sign = inbox.sorted_by(asked.filters, asked.order, asked.is_turned)
    sign = -sign if is_backward else sign
    here = issues().find_one({"number": number}, {key: 1}) or {}
    condition = all_of({"number": {"$ne": number}}, {key: {"$exists": True}})
    place = inbox.value_of(here, key)
    if place is None and is_backward:
        return None
    if place is not None:
        condition = all_of(condition, inbox.beyond(key, place, number, sign))
    with patience(inbox.TOO_SLOW):
        wanted = all_of(inbox.in_range(asked.filters, key), condition)
        order = [(key, sign), ("number", sign)]
        found = issues().find_one(wanted, {"number": 1}, sort=order)
    return int(found["number"]) if found else None
